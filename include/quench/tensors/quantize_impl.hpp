// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/quantize.hpp>

#include <cmath>
#include <string>

namespace quench {

namespace tensors {

QUENCH_INLINE void throw_nan(std::span<const float> x) {
  std::size_t first = 0;
  while (first + 1 < x.size() && !std::isnan(x[first])) ++first;
  throw Error(diagnosis::value_not_finite, "element " + std::to_string(first) + " is nan");
}

QUENCH_INLINE void check_not_empty(std::span<const float> x) {
  if (x.empty()) throw Error(diagnosis::empty_input, "");
}

}  // namespace tensors

namespace detail {

QUENCH_INLINE void check_dtype(const QParams& qparams, DType dtype) {
  if (qparams.dtype != dtype)
    throw Error(diagnosis::shape_mismatch, "the quantization parameters are those of another dtype");
}

}  // namespace detail

}  // namespace quench
