// SPDX-License-Identifier: Apache-2.0
// Observers that keep a range: the least and the greatest value of all batches, or a moving average of them.
#pragma once

#include <algorithm>
#include <ratio>

#include <quench/observers/observer.hpp>

namespace quench {

/// The least and the greatest value seen.
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed, scale-out-of-range when asked
/// Source   torch.ao.quantization.MinMaxObserver
class MinMaxObserver {
 public:
  void observe(const FloatInput& x) { join(finite_range(x)); }
  void merge(const MinMaxObserver& other) {
    if (!other.is_empty()) join(other.range_);
  }

  /// The scale at which the codes of a dtype cover the range.
  float scale(DType dtype) const { return scale_from_range(range(), dtype); }
  /// Errors   nothing-observed
  Range range() const {
    if (is_empty()) throw Error(diagnosis::nothing_observed, "");
    return range_;
  }

  /// {min, max}; {+inf, -inf} before the first batch.
  std::vector<double> state() const { return {static_cast<double>(range_.min), static_cast<double>(range_.max)}; }
  void load(std::span<const double> state) { range_ = detail::loaded_range(state); }

 private:
  bool is_empty() const { return range_.min > range_.max; }
  void join(Range range) { range_ = {std::min(range_.min, range.min), std::max(range_.max, range.max)}; }

  Range range_ = detail::empty_range;
};

/// A moving average of the least and of the greatest value of each batch; the first batch is taken whole.
/// `Constant` is the weight of a new batch; with 0 the first batch decides.
/// Equals   min += (min(x) - min) * constant, in float, likewise max
/// Errors   as MinMaxObserver
/// Source   torch.ao.quantization.MovingAverageMinMaxObserver
template <class Constant = std::ratio<1, 100>>
class MovingAverageMinMaxObserver {
  static_assert(std::ratio_greater_equal_v<Constant, std::ratio<0>> && std::ratio_less_equal_v<Constant, std::ratio<1>>,
                "the weight of a new batch lies in [0, 1]");

 public:
  void observe(const FloatInput& x) {
    const Range batch = finite_range(x);
    range_ = is_empty() ? batch : Range{moved(range_.min, batch.min), moved(range_.max, batch.max)};
  }

  /// The scale at which the codes of a dtype cover the range.
  float scale(DType dtype) const { return scale_from_range(range(), dtype); }
  /// Errors   nothing-observed
  Range range() const {
    if (is_empty()) throw Error(diagnosis::nothing_observed, "");
    return range_;
  }

  /// {min, max}; {+inf, -inf} before the first batch.
  std::vector<double> state() const { return {static_cast<double>(range_.min), static_cast<double>(range_.max)}; }
  void load(std::span<const double> state) { range_ = detail::loaded_range(state); }

 private:
  static constexpr float constant = static_cast<float>(static_cast<double>(Constant::num) / Constant::den);

  bool is_empty() const { return range_.min > range_.max; }
  static float moved(float average, float batch) {
    return average + detail::rounded_product(batch - average, constant);
  }

  Range range_ = detail::empty_range;
};

}  // namespace quench
