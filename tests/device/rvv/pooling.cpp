// SPDX-License-Identifier: Apache-2.0
// Pools on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/pooling.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool pools_are_exact(fast_cases::Random& random) {
  namespace k = quench::kernels;
  k::Pool pool;
  const k::Convolution windows = fast_cases::random_convolution(random, true);
  pool.x = windows.x, pool.y = windows.y, pool.window = windows.window;
  pool.x[2] = pool.y[2] = random.in(1, 64);
  while (pool.x.elements() > fast_cases::most_codes || pool.y.elements() > fast_cases::most_codes)
    pool.x[2] = pool.y[2] = random.in(1, 64);
  pool.is_adaptive = random.once_in(3);
  if (pool.is_adaptive) {
    pool.window = {};
    pool.y[0] = random.in(1, pool.x[0]), pool.y[1] = random.in(1, pool.x[1]);
  }
  const fast_cases::Operands of(random, pool.x.elements(), 1, 1);
  const bool is_exact = fast_cases::agree<std::int8_t>(
      random, pool.y.elements(), [&](auto* y) { quench::device::rvv::max_pool2d(of.x, y, pool); },
      [&](auto* y) { k::max_pool2d(of.x, y, pool); });
  const auto mean = [&](auto* y) { quench::device::rvv::avg_pool2d(of.x, y, pool, of.records[0]); };
  const auto definition = [&](auto* y) { k::avg_pool2d(of.x, y, pool, of.records[0]); };
  return is_exact && fast_cases::agree<std::int8_t>(random, pool.y.elements(), mean, definition) &&
         fast_cases::agree<std::int16_t>(random, pool.y.elements(), mean, definition);
}
#endif
