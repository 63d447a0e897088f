// SPDX-License-Identifier: Apache-2.0
// Sums over axes equal the kernel, on every instruction set.
#include <quench/host/integer/reduce.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

namespace {

template <class X, class Y>
void compare_sums(d::Random& random) {
  const int rank = d::uniform(random, 1, q::max_rank);
  q::kernels::Reduction reduction{.x = d::shape(random, rank, 4)};
  reduction.x[d::uniform(random, 0, rank - 1)] = d::uniform(random, 1, 200);
  q::Shape kept = reduction.x;
  for (int axis = 0; axis < rank; ++axis)
    if ((reduction.is_reduced[axis] = d::uniform(random, 0, 1) == 0)) kept[axis] = 1;
  reduction.requantization = {static_cast<std::int16_t>(d::uniform(random, 16384, 32767)), 0,
                              static_cast<std::uint8_t>(d::uniform(random, 12, 22))};
  const int low = d::uniform(random, 0, 1) == 0 ? 0 : INT32_MIN, high = d::uniform(random, 0, 1) == 0 ? 77 : INT32_MAX;
  const auto x = d::codes<X>(random, reduction.x.elements());
  std::vector<Y> expected(static_cast<std::size_t>(kept.elements())), given(expected.size());
  q::kernels::reduce(x.data(), expected.data(), reduction);
  for (Y& code : expected) code = static_cast<Y>(q::kernels::clamp(code, low, high));
  for (const q::host::Isa isa : isas()) {
    q::host::reduce(x.data(), given.data(), reduction, low, high, isa);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("sums over any axes equal the kernel, for every type") {
  constexpr unsigned seed = 20261205;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    compare_sums<std::int8_t, std::int8_t>(random);
    compare_sums<std::int16_t, std::int16_t>(random);
    compare_sums<std::int8_t, std::int16_t>(random);
    compare_sums<std::int16_t, std::int8_t>(random);
  }
}
