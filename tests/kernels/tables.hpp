// SPDX-License-Identifier: Apache-2.0
// Tables of functions, derived in real arithmetic as nash.md section 4 writes it.
#pragma once

#include <quench/kernels/lookup.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace definitions {

/// f(x) for a code of x, as a real number of steps of y.
template <class Function>
double in_steps(Function f, double code, double x_scale, double y_scale) {
  return f(code * x_scale) / y_scale;
}

/// The 256 entries of a function of int8 codes: quantize(f(q * s)).
template <class Y, class Function>
std::vector<Y> table_of(Function f, double x_scale, double y_scale) {
  const double low = std::numeric_limits<Y>::min(), high = std::numeric_limits<Y>::max();
  std::vector<Y> table;
  for (int code = -128; code < 128; ++code)
    table.push_back(static_cast<Y>(std::clamp(std::nearbyint(in_steps(f, code, x_scale, y_scale)), low, high)));
  return table;
}

/// A real number as multiplier * 2^-shift.
inline quench::kernels::Slope slope_of(double real) {
  int exponent = 0;
  std::frexp(real, &exponent);
  const int shift = std::clamp(15 - exponent, 0, 31);
  const double multiplier = std::floor(std::ldexp(real, shift) + 0.5);
  return {static_cast<std::int16_t>(std::clamp(multiplier, -32768.0, 32767.0)), static_cast<std::uint8_t>(shift)};
}

/// The piecewise linear table of a function of the int16 codes [low, high].
///
/// 256 samples at equal distances. The lines take as many samples at the two ends as a chord meets within half a step;
/// between them the six tables take equal shares of |f''|, its place found linearly between two samples.
template <class Function>
quench::kernels::PiecewiseTable piecewise_table_of(Function f, double x_scale, double y_scale, int low = -32768,
                                                   int high = 32767) {
  constexpr int samples = 256, segments = 6, entries = 64;
  const auto y = [&](double code) { return std::clamp(in_steps(f, code, x_scale, y_scale), -32768.0, 32767.0); };
  const auto code_at = [&](double sample) { return std::round(low + (high - low) * sample / (samples - 1)); };
  const auto chord_holds = [&](int from, int to) {
    for (int i = from; i <= to; ++i) {
      const double a = code_at(from), b = code_at(to);
      const double line = y(a) + (y(b) - y(a)) * (b == a ? 0 : (code_at(i) - a) / (b - a));
      if (std::abs(line - y(code_at(i))) > 0.5) return false;
    }
    return true;
  };
  int first = 0, last = samples - 1;
  while (first + 1 < last && chord_holds(0, first + 1)) ++first;
  while (last - 1 > first && chord_holds(last - 1, samples - 1)) --last;

  // The share of |f''| up to each sample; a little everywhere, so that a straight line is divided too.
  std::vector<double> share(samples, 0.0);
  for (int i = first + 1; i <= last; ++i) {
    const auto bend = [&](int j) {
      return j < 1 || j > samples - 2 ? 0.0 : std::abs(y(code_at(j + 1)) - 2 * y(code_at(j)) + y(code_at(j - 1)));
    };
    share[static_cast<std::size_t>(i)] = share[static_cast<std::size_t>(i - 1)] + bend(i - 1) + bend(i) + 1e-6;
  }
  quench::kernels::PiecewiseTable table;
  const double total = share[static_cast<std::size_t>(last)];
  for (int segment = 0; segment <= segments; ++segment) {
    const double wanted = total * segment / segments;
    int i = first;
    while (i < last - 1 && share[static_cast<std::size_t>(i + 1)] < wanted) ++i;
    const double before = share[static_cast<std::size_t>(i)], behind = share[static_cast<std::size_t>(i + 1)];
    table.bounds[segment] =
        static_cast<std::int16_t>(code_at(i + (behind > before ? (wanted - before) / (behind - before) : 0)));
  }
  for (int segment = 0; segment < segments; ++segment) {
    const double from = table.bounds[segment], to = table.bounds[segment + 1];
    table.position[segment] = slope_of(to > from ? (entries - 1) * 256 / (to - from) : 0);
    for (int i = 0; i < entries; ++i)
      table.values[segment][i] = static_cast<std::int16_t>(std::nearbyint(y(from + (to - from) * i / (entries - 1))));
  }
  const double begin = table.bounds[0], end = table.bounds[segments];
  table.left_value = static_cast<std::int16_t>(std::nearbyint(y(begin)));
  table.right_value = static_cast<std::int16_t>(std::nearbyint(y(end)));
  table.left = slope_of(begin > low ? (y(begin) - y(low)) / (begin - low) : 0);
  table.right = slope_of(high > end ? (y(high) - y(end)) / (high - end) : 0);
  return table;
}

}  // namespace definitions
