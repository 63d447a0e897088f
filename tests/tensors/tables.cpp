// SPDX-License-Identifier: Apache-2.0
#include <quench/tensors/tables.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace q = quench;

TEST_CASE("a table has the quantized function of each code") {
  const auto table = q::lookup_table<std::int8_t>([](double x) { return x * x; }, 0.1, 0.5);
  CHECK(table[128] == 0);
  CHECK(table[128 + 10] == 2);  // 1 / 0.5
  CHECK(table[128 - 15] == 4);  // 2.25 / 0.5 = 4.5, half to even
  CHECK(table[128 + 127] == 127);
}

TEST_CASE("a piecewise table follows its function over all int16 codes as closely as its intervals allow") {
  constexpr double x_scale = 4.0 / 32768, y_scale = 1.0 / 32768;
  constexpr int segments = q::kernels::PiecewiseTable::segments, intervals = q::kernels::PiecewiseTable::entries - 1;
  const auto table = q::piecewise_table([](double x) { return std::tanh(x); }, x_scale, y_scale);
  const auto slope = [](double x) { return 1 - std::tanh(x) * std::tanh(x); };
  const auto bend = [slope](double x) { return std::abs(2 * std::tanh(x) * slope(x)); };
  int first = -32768;
  for (int part = 0; part <= segments + 1; ++part) {  // the left line, the tables, the right line
    const bool is_line = part == 0 || part == segments + 1;
    const int last = part <= segments ? table.bounds[part] : 32768;
    double steepest = 0, most_bent = 0;
    for (int code = first; code < last; ++code) {
      steepest = std::max(steepest, slope(code * x_scale));
      most_bent = std::max(most_bent, bend(code * x_scale));
    }
    // A chord over a width h leaves a curve by |f''| h^2 / 8. The lines meet samples, which lie 257 codes apart, within
    // half a step. A position is rounded twice, by 1/512 of an interval each; entries and results by half a step each;
    // the slope of a line by 2^-15 of it.
    const double width = (is_line ? 257.0 : (last - first) / static_cast<double>(intervals)) * x_scale;
    const double off =
        is_line ? 0.5 + steepest * (last - first) * x_scale * 0x1p-15 / y_scale : steepest * width / 256 / y_scale;
    const double bound = most_bent * width * width / 8 / y_scale + off + 1;
    for (int code = first; code < last; ++code) {
      const double expected = std::clamp(std::tanh(code * x_scale) / y_scale, -32768.0, 32767.0);
      CAPTURE(code);
      REQUIRE(std::abs(q::kernels::lookup(static_cast<std::int16_t>(code), table) - expected) <= bound);
    }
    CHECK(bound < 8);
    first = last;
  }
}
