// SPDX-License-Identifier: Apache-2.0
// Counts by any rule against one value after the other, on every instruction set.
#include <quench/host/observers/count.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "host/isas.hpp"

namespace host = quench::host;

namespace {

constexpr unsigned seed = 20261130;

/// A value is the number of its bin, and `bins` is the rest.
struct Numbers {
  std::uint32_t bins;
  std::int32_t operator()(float x) const { return static_cast<std::int32_t>(x); }
};

void check(Numbers rule, const std::vector<float>& x) {
  std::vector<std::uint64_t> expected(rule.bins + 1, 5);
  for (const float value : x) ++expected[static_cast<std::size_t>(value)];
  for (const host::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    std::vector<std::uint64_t> counts(rule.bins + 1, 5);
    host::detail::count(rule, x, counts, isa);
    CHECK(counts == expected);
  }
}

}  // namespace

TEST_CASE("each value counts in the bin of its rule, and in the rest, for any number of values") {
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const std::uint32_t bins : {1u, 7u, 2048u, host::max_bins})
    for (const std::size_t size : {0u, 1u, 255u, 256u, 257u, 4095u, 4096u, 4097u, 10000u, 70000u}) {
      CAPTURE(bins);
      CAPTURE(size);
      std::vector<float> x(size);
      for (float& value : x) value = static_cast<float>(random() % (bins + 1));
      check({bins}, x);
    }
}

TEST_CASE("equal values by the hundred thousand overflow no table") {
  for (const std::size_t size : {65535u * 4, 65535u * 4 + 1000, 700000u})
    check({2048}, std::vector<float>(size, 1536.0f));
}
