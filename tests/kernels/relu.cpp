// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/relu.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <vector>

namespace k = quench::kernels;

namespace {

constexpr bool clamps_by_hand() {
  constexpr std::int32_t x[] = {INT32_MIN, -1, 0, 5, INT32_MAX};
  constexpr std::int32_t positive[] = {0, 0, 0, 5, INT32_MAX}, held[] = {0, 0, 0, 4, 4}, clamped[] = {-1, -1, 0, 3, 3};
  std::int32_t a[5]{}, b[5]{}, c[5]{};
  k::relu(x, a, 5);
  k::relu6(x, b, 5, std::int32_t{4});
  k::clamp(x, c, 5, std::int32_t{-1}, std::int32_t{3});
  for (int i = 0; i < 5; ++i)
    if (a[i] != positive[i] || b[i] != held[i] || c[i] != clamped[i]) return false;
  return true;
}

template <class T>
void compare_all_codes() {
  std::vector<T> x;
  for (int code = std::numeric_limits<T>::min(); code <= std::numeric_limits<T>::max(); ++code)
    x.push_back(static_cast<T>(code));
  const int count = static_cast<int>(x.size());
  std::vector<T> positive(x.size()), in_place(x);
  k::relu(x.data(), positive.data(), count);
  k::relu(in_place.data(), in_place.data(), count);
  for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(positive[i] == (x[i] > 0 ? x[i] : 0));
  CHECK(in_place == positive);
  for (int six = 0; six <= std::numeric_limits<T>::max(); six += sizeof(T) == 1 ? 1 : 4681) {
    std::vector<T> held(x.size());
    k::relu6(x.data(), held.data(), count, static_cast<T>(six));
    for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(held[i] == (x[i] < 0 ? 0 : x[i] > six ? six : x[i]));
  }
}

}  // namespace

static_assert(clamps_by_hand());

TEST_CASE("a few codes are clamped as by hand") { CHECK(clamps_by_hand()); }

TEST_CASE("ReLU keeps positive codes, ReLU6 those up to the code of six") {
  compare_all_codes<std::int8_t>();
  compare_all_codes<std::int16_t>();
}
