// SPDX-License-Identifier: Apache-2.0
// Sums become codes on a RISC-V with vectors. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/codes.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool codes_are_exact(fast_cases::Random& random) {
  constexpr std::int32_t extremes[] = {
      INT32_MIN, INT32_MIN + 1, -65536, -32769,  -32768,        -3,       -2, -1, 0, 1, 2, 3,
      32767,     32768,         65535,  1 << 30, INT32_MAX - 1, INT32_MAX};
  const int channels = random.in(1, fast_cases::most_channels);
  const fast_cases::Operands of(random, 1, 1, channels);
  std::int32_t sums[fast_cases::most_channels];
  for (int i = 0; i < channels; ++i) {
    if (random.once_in(2)) of.records[i].pre_shift = static_cast<std::uint8_t>(random.in(0, 31));
    sums[i] = random.once_in(2) ? extremes[random.in(0, 17)] : static_cast<std::int32_t>(random.bits());
    sums[i] = random.once_in(4) ? sums[i] >> random.in(1, 20) : sums[i];
  }
  quench::kernels::OutputChannels output = fast_cases::output_of(random, of);
  output.bias = nullptr;
  return fast_cases::agree_for_each_type(
      random, channels, [&](auto* y) { quench::device::rvv::store_all(y, sums, channels, output, 0); },
      [&]<class Y>(Y* y) {
        for (int i = 0; i < channels; ++i) y[i] = quench::kernels::finish<Y>(sums[i], output, i);
      });
}
#endif
