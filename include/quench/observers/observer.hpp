// SPDX-License-Identifier: Apache-2.0
// What an observer is. It looks at tensors and answers with a scale; a scale of its own for each channel is the matter
// of PerChannelObserver, which keeps one observer for each channel. So an observer knows nothing of shapes:
//
//   struct MyObserver {
//     void observe(std::span<const float> x);          // throws quench::Error and changes nothing, if x is no good
//     float scale(quench::DType dtype) const;          // throws quench::Error, if it has seen nothing
//   };
//
// is all that a class of your own needs to be used in FakeQuantize and in a QConfig. If it can go on from a scale that was
// found elsewhere, `void start_at(float scale, quench::DType dtype)` tells it; without, it begins with the next tensor.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <vector>

#include <quench/host/observers/min_max.hpp>
#include <quench/tensors/float_tensor.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

/// Looks at values and answers with a scale for a dtype.
template <class O>
concept Observer = std::default_initializable<O> && std::copyable<O> &&
                   requires(O observer, const O& asked, std::span<const float> x, DType dtype) {
                     observer.observe(x);
                     { asked.scale(dtype) } -> std::same_as<float>;
                   };

/// An observer that can be saved: `state()` is a list of numbers, `load(state)` takes one back or throws
/// state-not-valid and changes nothing.
template <class O>
concept StatefulObserver = Observer<O> && requires(O observer, const O& asked, std::span<const double> state) {
  { asked.state() } -> std::same_as<std::vector<double>>;
  observer.load(state);
};

/// An observer whose `merge(other)` is exact: the scale depends on the values that were seen, never on their order, nor
/// on how they were cut into batches or handed to several observers.
template <class O>
concept MergeableObserver = Observer<O> && requires(O observer, const O& other) { observer.merge(other); };

/// An observer that can go on from a scale that calibration found.
template <class O>
concept StartableObserver =
    Observer<O> && requires(O observer, float scale, DType dtype) { observer.start_at(scale, dtype); };

/// The range of the values of a tensor.
/// Errors   empty-input; value-not-finite
inline Range finite_range(std::span<const float> x) {
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

/// The number of a saved state as a float, which it has to be exactly.
inline float loaded_float(double number) {
  const float value = static_cast<float>(number);
  if (!(static_cast<double>(value) == number))
    throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no float");
  return value;
}

/// Errors   state-not-valid, if a saved state has another number of numbers
inline void check_state_size(std::span<const double> state, std::size_t needed) {
  if (state.size() != needed)
    throw Error(diagnosis::state_not_valid,
                "needed " + std::to_string(needed) + " numbers, given " + std::to_string(state.size()));
}

}  // namespace observers

namespace detail {

// The range of no values.
inline constexpr Range empty_range{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};

// The range of a saved state {min, max}.
inline Range loaded_range(std::span<const double> state) {
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
