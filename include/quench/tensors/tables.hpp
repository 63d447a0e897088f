// SPDX-License-Identifier: Apache-2.0
// Tables of functions of one variable, derived in double from float scales, as nash.md section 4 defines them. The
// kernels in kernels/lookup.hpp and kernels/softmax.hpp read them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include <quench/ground/compiled.hpp>
#include <quench/kernels/lookup.hpp>
#include <quench/kernels/softmax.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

/// The 256 entries of a function of int8 codes.
/// Units    Y: int8 or int16 at y_scale
/// Rounding half to even, then saturation
/// Equals   quantize(function(q * x_scale)), in double
/// Source   nash.md section 4
template <class Y, class Function>
std::array<Y, 256> lookup_table(Function function, double x_scale, double y_scale) {
  static_assert(std::is_same_v<Y, std::int8_t> || std::is_same_v<Y, std::int16_t>);
  constexpr double low = std::numeric_limits<Y>::min(), high = std::numeric_limits<Y>::max();
  std::array<Y, 256> table{};
  for (int code = -128; code < 128; ++code)
    table[static_cast<std::size_t>(code + 128)] =
        static_cast<Y>(std::clamp(std::nearbyint(function(code * x_scale) / y_scale), low, high));
  return table;
}

namespace detail {

// A real number as multiplier * 2^-shift.
kernels::Slope slope_of(double real);

// A function sampled at 256 equal distances from `low` to `high`, in steps of its output, clamped to int16.
template <class Function>
class Samples {
 public:
  static constexpr int count = 256;

  Samples(Function function, double x_scale, double y_scale, int low, int high)
      : function_(function), x_scale_(x_scale), y_scale_(y_scale), low_(low), high_(high) {
    for (int i = 0; i < count; ++i) values_[static_cast<std::size_t>(i)] = at_code(code(i));
  }

  double at_code(double code) const { return std::clamp(function_(code * x_scale_) / y_scale_, -32768.0, 32767.0); }
  double code(double sample) const { return std::round(low_ + (high_ - low_) * sample / (count - 1)); }
  double operator[](int i) const { return values_[static_cast<std::size_t>(i)]; }

  /// True if the chord between two samples is within half a step of all samples between them.
  bool chord_holds(int from, int to) const {
    const double a = code(from), b = code(to);
    for (int i = from; i <= to; ++i) {
      const double line = (*this)[from] + ((*this)[to] - (*this)[from]) * (b == a ? 0 : (code(i) - a) / (b - a));
      if (std::abs(line - (*this)[i]) > 0.5) return false;
    }
    return true;
  }
  /// The second difference at a sample; 0 at the ends.
  double bend(int i) const {
    return i < 1 || i > count - 2 ? 0.0 : std::abs((*this)[i + 1] - 2 * (*this)[i] + (*this)[i - 1]);
  }

 private:
  Function function_;
  double x_scale_, y_scale_;
  int low_, high_;
  std::array<double, count> values_{};
};

}  // namespace detail

/// The piecewise linear table of a function of the int16 codes [low, high].
///
/// Each of the two lines covers as many of 256 samples at its end as its chord meets within half a step. Between them
/// the six tables cover equal shares of |f''|. Their bounds are interpolated linearly between two samples.
/// Rounding entries half to even; slopes to 15 bits, half up
/// Source   nash.md section 4
template <class Function>
kernels::PiecewiseTable piecewise_table(Function function, double x_scale, double y_scale, int low = -32768,
                                        int high = 32767) {
  constexpr int count = detail::Samples<Function>::count, segments = kernels::PiecewiseTable::segments,
                entries = kernels::PiecewiseTable::entries;
  const detail::Samples<Function> samples(function, x_scale, y_scale, low, high);
  int first = 0, last = count - 1;
  while (first + 1 < last && samples.chord_holds(0, first + 1)) ++first;
  while (last - 1 > first && samples.chord_holds(last - 1, count - 1)) --last;

  // The share of |f''| up to each sample. Each sample gets a small minimum, so that a straight line is divided too.
  std::array<double, static_cast<std::size_t>(count)> shares{};
  const auto share = [&shares](int i) -> double& { return shares[static_cast<std::size_t>(i)]; };
  for (int i = first + 1; i <= last; ++i) share(i) = share(i - 1) + samples.bend(i - 1) + samples.bend(i) + 1e-6;

  kernels::PiecewiseTable table;
  for (int segment = 0; segment <= segments; ++segment) {
    const double wanted = share(last) * segment / segments;
    int i = first;
    while (i < last - 1 && share(i + 1) < wanted) ++i;
    const double before = share(i), after = share(i + 1);
    const double part = after > before ? (wanted - before) / (after - before) : 0;
    table.bounds[segment] = static_cast<std::int16_t>(samples.code(i + part));
  }
  for (int segment = 0; segment < segments; ++segment) {
    const double from = table.bounds[segment], to = table.bounds[segment + 1];
    table.position[segment] = detail::slope_of(to > from ? (entries - 1) * 256 / (to - from) : 0);
    for (int i = 0; i < entries; ++i)
      table.values[segment][i] =
          static_cast<std::int16_t>(std::nearbyint(samples.at_code(from + (to - from) * i / (entries - 1))));
  }
  const double begin = table.bounds[0], end = table.bounds[segments];
  const auto slope = [&samples](double from, double to) {
    return detail::slope_of(to > from ? (samples.at_code(to) - samples.at_code(from)) / (to - from) : 0);
  };
  table.left = slope(low, begin);
  table.left_value = static_cast<std::int16_t>(std::nearbyint(samples.at_code(begin)));
  table.right = slope(end, high);
  table.right_value = static_cast<std::int16_t>(std::nearbyint(samples.at_code(end)));
  return table;
}

/// The two tables that every softmax reads.
/// Equals   exp at steps of 12 / 2^15, in units of 2^-15; 2^29 / x for x in [2^14, 2^15)
const kernels::PiecewiseTable& softmax_exponential();
/// The second of these tables.
const kernels::PiecewiseTable& softmax_reciprocal();

/// The constants of a softmax of `classes` classes. Scales of 12 and more bring any difference to -12, like a scale
/// slightly below 12; for more than 1024 classes 24 takes the place of 12.
/// Errors   scales-too-far-apart
kernels::SoftmaxTables softmax_tables(double x_scale, RequantizeFrom from, double y_scale, int y_bits, int classes);

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/tables_impl.hpp>
#endif
