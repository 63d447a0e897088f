// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/lookup.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"
#include <quench/tensors/tables.hpp>

namespace q = quench;

namespace {

template <class Y>
void compare(const q::host::TabledFunction& function, const q::kernels::PiecewiseTable& table, int low, int high) {
  std::vector<std::int16_t> x;
  for (int code = -32768; code < 32768; ++code) x.push_back(static_cast<std::int16_t>(code));
  std::vector<Y> expected(x.size()), given(x.size());
  q::kernels::lookup(x.data(), expected.data(), 65536, table);
  for (Y& y : expected) y = static_cast<Y>(std::clamp<int>(y, low, high));
  function.run(x.data(), given.data(), x.size());
  REQUIRE(given == expected);
}

}  // namespace

TEST_CASE("tabled functions equal the kernel for all codes of int16") {
  const auto sigmoid = q::piecewise_table([](double x) { return 1 / (1 + std::exp(-x)); }, 3e-4, 1.0 / 32768);
  const auto cubic = q::piecewise_table([](double x) { return x * x * x; }, 1e-4, 1e-5);
  q::host::TabledFunction function;
  for (const auto* table : {&sigmoid, &cubic, &sigmoid}) {
    function.set(*table);
    compare<std::int16_t>(function, *table, INT16_MIN, INT16_MAX);
    compare<std::int8_t>(function, *table, INT16_MIN, INT16_MAX);
  }
  for (const auto* table : {&sigmoid, &cubic}) {
    function.set(*table, 0, 100);
    compare<std::int16_t>(function, *table, 0, 100);
  }
}
