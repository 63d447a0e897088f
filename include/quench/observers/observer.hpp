// SPDX-License-Identifier: Apache-2.0
// An observer sees the values of tensors and gives a scale. PerChannelObserver keeps one observer for each channel, so
// an observer needs no shapes. To use your own class in FakeQuantize and in a QConfig, write
//
//   struct MyObserver {
//     void observe(std::span<const float> x);          // throws quench::Error and changes nothing if x is not valid
//     float scale(quench::DType dtype) const;          // throws quench::Error if it has seen nothing
//   };
//
// Add `void start_at(float scale, quench::DType dtype)` if it can continue from a known scale. Without it, the observer
// starts with the next tensor.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <quench/host/observers/min_max.hpp>
#include <quench/tensors/float_tensor.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

template <class O>
concept Observer = std::default_initializable<O> && std::copyable<O> &&
                   requires(O observer, const O& asked, std::span<const float> x, DType dtype) {
                     observer.observe(x);
                     { asked.scale(dtype) } -> std::same_as<float>;
                   };

/// A savable observer: `state()` is a list of numbers; `load(state)` restores it or throws state-not-valid.
template <class O>
concept StatefulObserver = Observer<O> && requires(O observer, const O& asked, std::span<const double> state) {
  { asked.state() } -> std::same_as<std::vector<double>>;
  observer.load(state);
};

namespace detail {

template <class Result, class Class, class... Arguments>
std::type_identity<Class> class_of(Result (Class::*)(Arguments...));

// An observer with an `observe` of its own and the `merge` of a base, which does not know what this `observe` keeps.
template <class O>
concept MergesAsBase = requires {
  requires !std::same_as<decltype(class_of(&O::merge)), decltype(class_of(&O::observe))>;
  requires std::derived_from<typename decltype(class_of(&O::observe))::type,
                             typename decltype(class_of(&O::merge))::type>;
};

}  // namespace detail

/// An observer whose `merge(other)` is exact: the scale depends only on the values seen, not on their order or their
/// division into batches or observers. A class with its own `observe` needs its own `merge`: that of a base does not
/// count.
template <class O>
concept MergeableObserver =
    Observer<O> && requires(O observer, const O& other) { observer.merge(other); } && !detail::MergesAsBase<O>;

/// An observer that can continue from the scale of calibration.
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

/// A number of a saved state, which must be a float exactly.
inline float loaded_float(double number) {
  const float value = static_cast<float>(number);
  if (!(static_cast<double>(value) == number))
    throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no float");
  return value;
}

/// Errors   state-not-valid if a saved state has another size
inline void check_state_size(std::span<const double> state, std::size_t needed) {
  if (state.size() != needed)
    throw Error(diagnosis::state_not_valid,
                "needed " + std::to_string(needed) + " numbers, given " + std::to_string(state.size()));
}

}  // namespace observers

namespace detail {

// The range of no values.
inline constexpr Range empty_range{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};

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
