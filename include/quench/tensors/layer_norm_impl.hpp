// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/layer_norm.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <quench/tensors/error.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

namespace detail {

inline kernels::RowWeight row_weight(double factor) {
  int exponent = 0;
  double multiplier = std::nearbyint(std::ldexp(std::frexp(factor, &exponent), 15));
  if (std::abs(multiplier) == 32768) {
    multiplier /= 2;
    ++exponent;
  }
  return {static_cast<std::int16_t>(multiplier), static_cast<std::int8_t>(std::clamp(15 - exponent, -100, 100))};
}

// The largest even shift, at most 16 - log2(size), at which eps stays within 2^62.
inline int variance_shift(int size, double eps_in_codes) {
  int shift = 16;
  while (shift > 0 && std::ldexp(1.0, 16 - shift) < size) --shift;
  shift -= shift % 2;
  while (std::ldexp(eps_in_codes, shift) > 0x1p62) shift -= 2;
  return shift;
}

}  // namespace detail

QUENCH_INLINE IntegerLayerNorm::IntegerLayerNorm(int size, std::span<const float> weights,
                                                 std::span<const float> biases, float eps, float x_scale, float y_scale)
    : weight(static_cast<std::size_t>(size)) {
  const double n = size, in = static_cast<double>(x_scale), out = static_cast<double>(y_scale);
  const double eps_in_codes = n * n * static_cast<double>(eps) / (in * in);
  const int shift = detail::variance_shift(size, eps_in_codes);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const double real = weights.empty() ? 1 : static_cast<double>(weights[i]);
    weight[i] = detail::row_weight(std::ldexp(real / out, 8 + shift / 2));
  }
  for (std::size_t i = 0; i < biases.size(); ++i) {
    const double code = static_cast<double>(biases[i]) / out;
    if (!(std::abs(code) < 0x1p20))
      throw Error(diagnosis::scales_too_far_apart,
                  "the bias of value " + std::to_string(i) + " is " + tensors::text(code) + " steps of the output");
    bias.push_back(static_cast<std::int32_t>(std::nearbyint(code * 256)));
  }
  constants = {size, std::max(shift, -62),
               std::max(static_cast<std::int64_t>(std::nearbyint(std::ldexp(eps_in_codes, shift))), std::int64_t{1}),
               weight.data(), bias.empty() ? nullptr : bias.data()};
}

}  // namespace quench
