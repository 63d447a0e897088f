// SPDX-License-Identifier: Apache-2.0
// One scale for a whole tensor, or one for each channel.
//
// `PerTensorObserver` and `PerChannelObserver` contain observers and have one interface, so fake-quantizers use either.
// Per channel there is one observer for each index of an axis, so every observer works per channel, also a user's.
#pragma once

#include <optional>
#include <algorithm>
#include <string>
#include <vector>

#include <quench/observers/observer.hpp>
#include <quench/tensors/qparams.hpp>

namespace quench {

/// One observer for a whole tensor.
template <Observer O>
class PerTensorObserver {
 public:
  /// Errors   empty-input; those of the observer
  void observe(const FloatInput& x) {
    if (x.size() == 0) throw Error(diagnosis::empty_input, "");
    observer_.observe(x.values());
  }
  std::vector<float> scales(DType dtype) const { return {checked_scale(observer_.scale(dtype))}; }
  /// Replaces the observer by a new one, which continues from the scale if it can.
  void start_at(const std::vector<float>& scales, DType dtype) {
    O started;
    if constexpr (StartableObserver<O>) started.start_at(scales[0], dtype);
    observer_ = std::move(started);
  }
  void reset() { observer_ = O(); }
  void merge(const PerTensorObserver& other)
    requires MergeableObserver<O>
  {
    observer_.merge(other.observer_);
  }

  std::vector<std::vector<double>> states() const
    requires StatefulObserver<O>
  {
    return {observer_.state()};
  }
  /// Errors   state-not-valid
  void load(const std::vector<std::vector<double>>& states)
    requires StatefulObserver<O>
  {
    if (states.size() != 1)
      throw Error(diagnosis::state_not_valid, "needed 1 state, given " + std::to_string(states.size()));
    observer_.load(states[0]);
  }

  std::size_t size() const { return 1; }
  const O& operator[](std::size_t) const& { return observer_; }
  const O& operator[](std::size_t) const&& = delete;

 private:
  O observer_;
};

/// One observer for each channel. The first tensor sets their number.
template <Observer O, int Axis>
class PerChannelObserver {
 public:
  /// Errors   empty-input; value-not-finite; shape-mismatch if the number of channels changes
  void observe(const FloatInput& x) {
    const ChannelLayout layout = channel_layout(x.extents(), Axis);
    finite_range(x.values());
    if (!observers_.empty() && observers_.size() != layout.channels)
      throw Error(diagnosis::shape_mismatch, "needed " + std::to_string(observers_.size()) + " channels, given " +
                                                 std::to_string(layout.channels));
    std::vector<O> observers = observers_.empty() ? std::vector<O>(layout.channels) : observers_;
    std::vector<float> channel(layout.outer * layout.inner);
    for (std::size_t c = 0; c < layout.channels; ++c) {
      std::span<const float> values(x.data() + c * layout.inner, layout.inner);
      if (layout.outer > 1) {
        for (std::size_t o = 0; o < layout.outer; ++o)
          std::copy_n(x.data() + (o * layout.channels + c) * layout.inner, layout.inner,
                      channel.data() + o * layout.inner);
        values = channel;
      }
      observers[c].observe(values);
    }
    observers_ = std::move(observers);
  }

  /// A scale for each channel. A channel of zeros, or of values whose scale would underflow, has `smallest_scale`.
  /// Folded batch norms make such channels.
  /// Errors   nothing-observed; only-zeros-observed or scale-underflow if all channels are such
  std::vector<float> scales(DType dtype) const {
    if (observers_.empty()) throw Error(diagnosis::nothing_observed, "");
    std::vector<float> scales;
    std::optional<Error> dead;
    std::size_t dead_channels = 0;
    for (const O& observer : observers_) {
      try {
        scales.push_back(checked_scale(observer.scale(dtype)));
      } catch (const Error& error) {
        if (error.slug() != diagnosis::only_zeros_observed.slug && error.slug() != diagnosis::scale_underflow.slug)
          throw;
        scales.push_back(smallest_scale);
        dead = error;
        ++dead_channels;
      }
    }
    if (dead_channels == observers_.size()) throw *dead;
    return scales;
  }

  /// Replaces the observers by new ones, which continue from the scales if they can.
  void start_at(const std::vector<float>& scales, DType dtype) {
    std::vector<O> started(scales.size());
    if constexpr (StartableObserver<O>)
      for (std::size_t c = 0; c < scales.size(); ++c) started[c].start_at(scales[c], dtype);
    observers_ = std::move(started);
  }
  void reset() { observers_.clear(); }

  /// Errors   shape-mismatch if the other has another number of channels
  void merge(const PerChannelObserver& other)
    requires MergeableObserver<O>
  {
    if (other.observers_.empty()) return;
    if (!observers_.empty() && observers_.size() != other.observers_.size())
      throw Error(diagnosis::shape_mismatch, "needed " + std::to_string(observers_.size()) + " channels, given " +
                                                 std::to_string(other.observers_.size()));
    std::vector<O> observers = observers_.empty() ? std::vector<O>(other.observers_.size()) : observers_;
    for (std::size_t c = 0; c < observers.size(); ++c) observers[c].merge(other.observers_[c]);
    observers_ = std::move(observers);
  }

  std::vector<std::vector<double>> states() const
    requires StatefulObserver<O>
  {
    std::vector<std::vector<double>> states;
    for (const O& observer : observers_) states.push_back(observer.state());
    return states;
  }
  /// Errors   state-not-valid
  void load(const std::vector<std::vector<double>>& states)
    requires StatefulObserver<O>
  {
    std::vector<O> observers(states.size());
    for (std::size_t c = 0; c < states.size(); ++c) observers[c].load(states[c]);
    observers_ = std::move(observers);
  }

  std::size_t size() const { return observers_.size(); }
  const O& operator[](std::size_t channel) const& { return observers_[channel]; }
  const O& operator[](std::size_t channel) const&& = delete;

 private:
  std::vector<O> observers_;
};

namespace detail {

template <class O, class Granularity>
struct GranularObserverOf;
template <class O>
struct GranularObserverOf<O, PerTensor> {
  using type = PerTensorObserver<O>;
};
template <class O, int Axis>
struct GranularObserverOf<O, PerChannel<Axis>> {
  using type = PerChannelObserver<O, Axis>;
};

}  // namespace detail

/// PerTensorObserver<O> or PerChannelObserver<O, Axis>.
template <Observer O, class Granularity>
using GranularObserver = typename detail::GranularObserverOf<O, Granularity>::type;

}  // namespace quench
