// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/observer.hpp>

#include <cmath>
#include <span>
#include <string>

#include <quench/host/observers/min_max.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench {

QUENCH_INLINE Range finite_range(std::span<const float> x) {
  if (x.empty()) throw Error(diagnosis::empty_input, "");
  const host::MinMax found = host::min_max(x);
  if (!found.is_finite()) {
    std::size_t first = 0;
    while (std::isfinite(x[first])) ++first;
    throw Error(diagnosis::value_not_finite,
                "element " + std::to_string(first) + " is " + tensors::text(static_cast<double>(x[first])));
  }
  return {found.min, found.max};
}

namespace observers {

QUENCH_INLINE float loaded_float(double number) {
  const float value = static_cast<float>(number);
  if (!(static_cast<double>(value) == number))
    throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no float");
  return value;
}

QUENCH_INLINE void check_state_size(std::span<const double> state, std::size_t needed) {
  if (state.size() != needed)
    throw Error(diagnosis::state_not_valid,
                "needed " + std::to_string(needed) + " numbers, given " + std::to_string(state.size()));
}

}  // namespace observers

namespace detail {

QUENCH_INLINE Range loaded_range(std::span<const double> state) {
  observers::check_state_size(state, 2);
  const Range range{observers::loaded_float(state[0]), observers::loaded_float(state[1])};
  const bool is_range = std::isfinite(range.min) && std::isfinite(range.max) && range.min <= range.max;
  if (!is_range && !(range == empty_range))
    throw Error(diagnosis::state_not_valid,
                "[" + tensors::text(state[0]) + ", " + tensors::text(state[1]) + "] is no range");
  return range;
}

}  // namespace detail

}  // namespace quench
