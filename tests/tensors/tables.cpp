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

TEST_CASE("a piecewise table follows its function over all int16 codes, within 0.02 % of its range") {
  const auto table = q::piecewise_table([](double x) { return std::tanh(x); }, 4.0 / 32768, 1.0 / 32768);
  for (int code = -32768; code < 32768; code += 7) {
    const double expected = std::clamp(std::tanh(code * 4.0 / 32768) * 32768, -32768.0, 32767.0);
    REQUIRE(std::abs(q::kernels::lookup(static_cast<std::int16_t>(code), table) - expected) <= 6);
  }
}
