// SPDX-License-Identifier: Apache-2.0
// Four accumulators become codes on a Cortex-M with vectors. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/mve/codes.hpp>

#if defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool codes_are_exact(fast_cases::Random& random) {
  constexpr std::int32_t accumulators[] = {
      INT32_MIN, INT32_MIN + 1, -65536, -32769,  -32768,        -3,       -2, -1, 0, 1, 2, 3,
      32767,     32768,         65535,  1 << 30, INT32_MAX - 1, INT32_MAX};
  quench::Requantization records[4];
  std::int32_t acc[4], y[4];
  for (quench::Requantization& record : records)
    record = {static_cast<std::int16_t>(random.in(-32768, 32767)), static_cast<std::uint8_t>(random.in(0, 31)),
              static_cast<std::uint8_t>(random.in(0, 31))};
  for (const std::int32_t extreme : accumulators) {
    for (std::int32_t& value : acc) value = random.once_in(2) ? extreme : static_cast<std::int32_t>(random.bits());
    vstrwq_s32(y, quench::device::mve::scaled_four(vldrwq_s32(acc), quench::device::mve::FourRecords(records)));
    for (int i = 0; i < 4; ++i)
      if (y[i] != quench::scaled(acc[i], records[i])) return false;
  }
  return true;
}
#endif
