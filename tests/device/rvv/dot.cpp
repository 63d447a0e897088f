// SPDX-License-Identifier: Apache-2.0
// Sums of products on a RISC-V with vectors. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/dot.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool sums_are_exact(fast_cases::Random& random) {
  quench::device::Patch patch;
  patch.rows = random.in(1, 3), patch.runs = random.in(1, 3), patch.length = random.in(1, 150);
  if (random.once_in(2)) patch.rows = patch.runs = 1;
  if (patch.rows * patch.runs > 1) patch.length = random.in(1, 20);
  patch.x_run = patch.length + random.in(0, 5), patch.w_run = patch.length + random.in(0, 1);
  patch.x_row = patch.runs * patch.x_run + random.in(0, 5), patch.w_row = patch.runs * patch.w_run;
  patch.x = random.in(0, 3), patch.w = random.in(0, 3);
  const auto end = [&](int first, int row, int run) {
    return first + (patch.rows - 1) * row + (patch.runs - 1) * run + patch.length;
  };
  const int filter_size = end(patch.w, patch.w_row, patch.w_run), filters = random.in(1, 64);
  const fast_cases::Operands of(random, end(patch.x, patch.x_row, patch.x_run), filters * filter_size, filters);
  const quench::kernels::OutputChannels output{.bias = of.bias};
  return fast_cases::agree<std::int32_t>(
      random, filters,
      [&](std::int32_t* y) { quench::device::rvv::dot(of.x, of.w, y, filters, filter_size, patch, 0, output, 0); },
      [&](std::int32_t* y) {
        for (int k = 0; k < filters; ++k) {
          y[k] = of.bias[k];
          for (int row = 0; row < patch.rows; ++row)
            for (int run = 0; run < patch.runs; ++run)
              for (int i = 0; i < patch.length; ++i)
                y[k] += of.x[patch.x + row * patch.x_row + run * patch.x_run + i] *
                        of.w[k * filter_size + patch.w + row * patch.w_row + run * patch.w_run + i];
        }
      });
}
#endif
