// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/tables.hpp>

#include <algorithm>
#include <cmath>

namespace quench {

namespace detail {

QUENCH_INLINE kernels::Slope slope_of(double real) {
  int exponent = 0;
  std::frexp(real, &exponent);
  const int shift = std::clamp(15 - exponent, 0, 31);
  const double multiplier = std::floor(std::ldexp(real, shift) + 0.5);
  return {static_cast<std::int16_t>(std::clamp(multiplier, -32768.0, 32767.0)), static_cast<std::uint8_t>(shift)};
}

}  // namespace detail

QUENCH_INLINE const kernels::PiecewiseTable& softmax_exponential() {
  static const kernels::PiecewiseTable table =
      piecewise_table([](double x) { return std::exp(x); }, 12.0 / 32768, 1.0 / 32768, -32768, 0);
  return table;
}

QUENCH_INLINE const kernels::PiecewiseTable& softmax_reciprocal() {
  static const kernels::PiecewiseTable table =
      piecewise_table([](double x) { return 1 / x; }, 1.0, 1.0 / (1 << 29), 1 << 14, 32767);
  return table;
}

QUENCH_INLINE kernels::SoftmaxTables softmax_tables(double x_scale, RequantizeFrom from, double y_scale, int y_bits,
                                                    int classes) {
  const int levels = classes > kernels::narrow_softmax_classes ? 2 : 1;
  return {&softmax_exponential(), &softmax_reciprocal(),
          requantization(std::min(x_scale * 32768 / (12 * levels), 32767.0), 16, from),
          requantization(1 / (32768 * y_scale), y_bits, RequantizeFrom::Codes), levels};
}

}  // namespace quench
