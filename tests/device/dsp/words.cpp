// SPDX-License-Identifier: Apache-2.0
// Codes with DSP instructions. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/words.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool codes_are_exact(fast_cases::Random& random) {
  constexpr std::int32_t accumulators[] = {
      INT32_MIN, INT32_MIN + 1, -65536, -32769,  -32768,        -3,       -2, -1, 0, 1, 2, 3,
      32767,     32768,         65535,  1 << 30, INT32_MAX - 1, INT32_MAX};
  for (const std::int32_t extreme : accumulators)
    for (const std::int32_t acc : {extreme, static_cast<std::int32_t>(random.bits())}) {
      const quench::Requantization record{static_cast<std::int16_t>(random.in(-32768, 32767)),
                                          static_cast<std::uint8_t>(random.in(0, 31)),
                                          static_cast<std::uint8_t>(random.in(0, 31))};
      const int before = record.pre_shift;
      if (quench::device::dsp::rounded_shift(acc, before) != quench::round_half_up_shift(acc, before)) return false;
      if (quench::device::dsp::code_of<std::int8_t>(acc, record) != quench::requantize<8>(acc, record)) return false;
      if (quench::device::dsp::code_of<std::int16_t>(acc, record) != quench::requantize<16>(acc, record)) return false;
    }
  return true;
}
#endif
