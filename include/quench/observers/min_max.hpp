// SPDX-License-Identifier: Apache-2.0
// Observers that keep a range: the least and the greatest value of all batches, or a moving average of them.
#pragma once

#include <algorithm>
#include <ratio>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/observers/observer.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench {

namespace detail {

class RangeObserver {
 public:
  float scale(DType dtype) const { return scale_from_range(range(), dtype); }
  /// Errors   nothing-observed
  Range range() const;

  /// Continues from the range of a scale, [-magnitude, magnitude].
  void start_at(float scale, DType dtype);
  void reset() { range_ = empty_range; }

  /// {min, max}; {+inf, -inf} before the first batch.
  std::vector<double> state() const { return {static_cast<double>(range_.min), static_cast<double>(range_.max)}; }
  /// Errors   state-not-valid
  void load(std::span<const double> state) { range_ = loaded_range(state); }

 protected:
  bool is_empty() const { return range_.min > range_.max; }

  Range range_ = empty_range;
};

}  // namespace detail

/// The least and the greatest value seen.
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed, scale-underflow when asked
/// Source   torch.ao.quantization.MinMaxObserver
class MinMaxObserver : public detail::RangeObserver {
 public:
  void observe(const FloatInput& x) { join(finite_range(x)); }
  void merge(const MinMaxObserver& other) { join(other.range_); }

 private:
  void join(Range range) { range_ = {std::min(range_.min, range.min), std::max(range_.max, range.max)}; }
};

/// A moving average of the least and of the greatest value of each batch, which starts at the first batch. `Constant`
/// is the weight of a new batch; 0 keeps the range of the first batch or the scale of `start_at`.
/// Equals   min += (min(x) - min) * constant, in float, likewise max
/// Errors   as MinMaxObserver
/// Source   torch.ao.quantization.MovingAverageMinMaxObserver
template <class Constant = std::ratio<1, 100>>
class MovingAverageMinMaxObserver : public detail::RangeObserver {
  static_assert(std::ratio_greater_equal_v<Constant, std::ratio<0>> && std::ratio_less_equal_v<Constant, std::ratio<1>>,
                "the weight of a new batch lies in [0, 1]");

 public:
  /// True if observations do not change the scale of `start_at`.
  static constexpr bool keeps_start = Constant::num == 0;

  void observe(const FloatInput& x) {
    const Range batch = finite_range(x);
    const bool takes_batch = is_empty() || Constant::num == Constant::den;
    range_ = takes_batch ? batch : Range{moved(range_.min, batch.min), moved(range_.max, batch.max)};
  }

 private:
  static constexpr float constant = static_cast<float>(static_cast<double>(Constant::num) / Constant::den);

  static float moved(float average, float batch) {
    return average + tensors::rounded_product(batch - average, constant);
  }
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/min_max_impl.hpp>
#endif
