// SPDX-License-Identifier: Apache-2.0
// Observers that cover nearly all values and let the rare large ones saturate.
//
//   quench::PercentileObserver<>                                    // 99.99 %, from the bins of a histogram
//   quench::PercentileObserver<std::ratio<999, 1000>>               // 99.9 %
//   quench::ExactPercentileObserver<>                               // keeps every value
//
// Percentiles are those of magnitudes, including zeros, because ranges are symmetric. If the percentile is 0, since
// nearly all values are, the largest magnitude is covered.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ratio>
#include <span>
#include <vector>

#include <quench/host/observers/min_max.hpp>
#include <quench/host/observers/select.hpp>
#include <quench/observers/magnitude_histogram.hpp>

namespace quench {

namespace detail {

template <class Fraction>
struct PercentileRule {
  static_assert(std::ratio_greater_v<Fraction, std::ratio<0>> && std::ratio_less_equal_v<Fraction, std::ratio<1>>,
                "a percentile lies in (0, 1]");

  static float magnitude(const MagnitudeHistogram& histogram, DType = DType::Int8) {
    const auto size = static_cast<double>(histogram.size());
    const double rank = std::clamp(std::ceil(size * Fraction::num / Fraction::den), 1.0, size);
    auto below = static_cast<double>(histogram.zeros());
    float found = histogram.maximum();
    if (rank <= below) return found;
    histogram.find_bin([&](double begin, double end, std::uint64_t values) {
      const auto count = static_cast<double>(values);
      if (rank > below + count) {
        below += count;
        return false;
      }
      found = std::min(static_cast<float>(begin + (end - begin) * ((rank - below) / count)), found);
      return true;
    });
    return found;
  }
};

}  // namespace detail

/// The magnitude that a fraction of all values does not exceed.
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed, scale-underflow when asked
/// Equals   the ceil(fraction * n)-th smallest magnitude, within one bin: 1/256 of it, whatever the outliers (1/2048 of
///          the largest magnitude if that is less); at most the largest one; values are taken as uniform within a bin
template <class Fraction = std::ratio<9999, 10000>>
struct PercentileObserver : MagnitudeObserver<detail::PercentileRule<Fraction>> {};

/// The percentile of the magnitudes themselves. Keeps every value: four bytes each.
/// Errors   as PercentileObserver
/// Equals   numpy.quantile(abs(x), fraction) in double (linear between the two values next to (n - 1) * fraction),
///          rounded to float
template <class Fraction = std::ratio<9999, 10000>>
class ExactPercentileObserver {
  static_assert(std::ratio_greater_v<Fraction, std::ratio<0>> && std::ratio_less_equal_v<Fraction, std::ratio<1>>,
                "a percentile lies in (0, 1]");

 public:
  void observe(const FloatInput& x) {
    finite_range(x);
    const std::span<const float> values = x;
    magnitudes_.reserve(grown_capacity(values.size()));
    for (const float value : values) magnitudes_.push_back(std::abs(value));
  }
  /// Exact in any order.
  void merge(const ExactPercentileObserver& other) {
    const std::size_t size = other.magnitudes_.size();  // the other may be this one
    magnitudes_.reserve(grown_capacity(size));
    for (std::size_t i = 0; i < size; ++i) magnitudes_.push_back(other.magnitudes_[i]);
  }

  float scale(DType dtype) const { return scale_from_magnitude(magnitude(), dtype); }
  /// The percentile, or the largest magnitude if that is 0.
  /// Errors   nothing-observed
  float magnitude() const {
    if (magnitudes_.empty()) throw Error(diagnosis::nothing_observed, "");
    constexpr double fraction = static_cast<double>(Fraction::num) / Fraction::den;
    const double place = static_cast<double>(magnitudes_.size() - 1) * fraction;
    const auto lower = static_cast<std::size_t>(place);
    const auto upper = std::min(lower + 1, magnitudes_.size() - 1);
    const auto a = static_cast<double>(host::kth_smallest(magnitudes_, lower));
    const auto b = static_cast<double>(host::kth_smallest(magnitudes_, upper));
    const auto found = static_cast<float>(std::fma(b - a, place - static_cast<double>(lower), a));
    return found > 0 ? found : host::min_max(magnitudes_).max;
  }

  void reset() { magnitudes_.clear(); }

  /// The magnitudes in ascending order.
  std::vector<double> state() const {
    std::vector<double> state(magnitudes_.begin(), magnitudes_.end());
    std::sort(state.begin(), state.end());
    return state;
  }
  /// Errors   state-not-valid
  void load(std::span<const double> state) {
    std::vector<float> magnitudes;
    magnitudes.reserve(state.size());
    for (const double number : state) {
      magnitudes.push_back(observers::loaded_float(number));
      if (!(number >= 0 && std::isfinite(number)))
        throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no magnitude");
    }
    magnitudes_ = std::move(magnitudes);
  }

 private:
  std::size_t grown_capacity(std::size_t more) const {
    const std::size_t needed = magnitudes_.size() + more;
    return needed <= magnitudes_.capacity() ? needed : std::max(needed, 2 * magnitudes_.capacity());
  }

  std::vector<float> magnitudes_;
};

}  // namespace quench
