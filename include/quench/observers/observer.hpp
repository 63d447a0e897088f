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

#include <concepts>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

/// What every observer offers: it takes values, and gives a scale for a dtype. Write your own with these members.
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
Range finite_range(std::span<const float> x);

namespace observers {

/// A number of a saved state, which must be a float exactly.
float loaded_float(double number);

/// Errors   state-not-valid if a saved state has another size
void check_state_size(std::span<const double> state, std::size_t needed);

}  // namespace observers

namespace detail {

// The range of no values.
inline constexpr Range empty_range{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};

Range loaded_range(std::span<const double> state);

}  // namespace detail

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/observer_impl.hpp>
#endif
