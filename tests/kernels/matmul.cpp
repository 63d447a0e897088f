// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/matmul.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int32_t, std::int8_t;

namespace {

constexpr bool matmul_multiplies_by_hand() {
  constexpr int8_t a[] = {1, 2, 3, 4}, b[] = {1, 10, 100, 5};
  constexpr int32_t expected[] = {201, 20, 403, 50};
  constexpr int8_t halves[] = {101, 10, 127, 25};
  const k::MatrixProduct product{.rows = 2, .depth = 2, .columns = 2, .requantization = {16384, 0, 15}};
  int32_t acc[4]{};
  int8_t y[4]{};
  k::matmul(a, b, acc, product);
  k::matmul(a, b, y, product);
  for (int i = 0; i < 4; ++i)
    if (acc[i] != expected[i] || y[i] != halves[i]) return false;
  return true;
}

// nash.md section 4, in real numbers.
template <class A, class B>
int defined_shift(int depth) {
  if (sizeof(A) + sizeof(B) == 2) return 0;
  if (sizeof(A) + sizeof(B) == 3) return std::max(0, static_cast<int>(std::ceil(std::log2(depth))) - 8);
  return static_cast<int>(std::ceil(std::log2(depth) / 2));
}

template <class A, class B>
void compare_shifts() {
  for (int depth = 1; depth <= 70000; ++depth) REQUIRE(k::matmul_shift<A, B>(depth) == defined_shift<A, B>(depth));
  for (int power = 17; power <= 23; ++power)
    REQUIRE(k::matmul_shift<A, B>(1 << power) == defined_shift<A, B>(1 << power));
}

template <class A, class B, class Y>
void compare_random_cases_of_matmul(int count, int largest_depth) {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < count; ++draw) {
    CAPTURE(draw);
    k::MatrixProduct product{.batch = uniform(random, 1, 3),
                             .rows = uniform(random, 1, 5),
                             .depth = uniform(random, 1, largest_depth),
                             .columns = uniform(random, 1, 5)};
    const int shift = defined_shift<A, B>(product.depth);
    const int a_shift = sizeof(A) == 2 ? shift : 0, b_shift = sizeof(B) == 2 ? shift : 0;
    if constexpr (sizeof(Y) < 4)
      product.requantization =
          record(random, std::ldexp(std::sqrt(product.depth), bits<A> + bits<B> - 3 - a_shift - b_shift), bits<Y>);
    const auto a = codes<A>(random, product.batch * product.rows * product.depth);
    const auto b = codes<B>(random, product.batch * product.depth * product.columns);
    std::vector<Y> y(static_cast<std::size_t>(product.batch * product.rows * product.columns));
    k::matmul(a.data(), b.data(), y.data(), product);
    const q::Shape a_shape(product.batch, product.rows, product.depth);
    const q::Shape b_shape(product.batch, product.depth, product.columns);
    const q::Shape y_shape(product.batch, product.rows, product.columns);
    for (int i = 0; i < y_shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, y_shape);
      std::int64_t acc = 0;
      for (int d = 0; d < product.depth; ++d)
        acc += shifted(a[place_of({at[0], at[1], d}, a_shape)], a_shift) *
               shifted(b[place_of({at[0], d, at[2]}, b_shape)], b_shift);
      if constexpr (sizeof(Y) < 4) acc = requantized(acc, product.requantization, bits<Y>);
      CAPTURE(i);
      REQUIRE(y[static_cast<std::size_t>(i)] == acc);
    }
  }
}

// All operands at the lowest code: the largest sum that there is.
template <class A, class B>
int32_t largest_sum(int depth) {
  const std::vector<A> a(static_cast<std::size_t>(depth), std::numeric_limits<A>::min());
  const std::vector<B> b(static_cast<std::size_t>(depth), std::numeric_limits<B>::min());
  int32_t y = 0;
  k::matmul(a.data(), b.data(), &y, {.rows = 1, .depth = depth, .columns = 1});
  return y;
}

}  // namespace

static_assert(matmul_multiplies_by_hand());
static_assert(k::matmul_shift<int16_t, int8_t>(257) == 1 && k::matmul_shift<int16_t, int16_t>(257) == 5);

TEST_CASE("a small product of matrices gives what was computed by hand") { CHECK(matmul_multiplies_by_hand()); }

TEST_CASE("the shift of int16 operands follows from the depth by the formulas") {
  compare_shifts<int8_t, int8_t>();
  compare_shifts<int16_t, int8_t>();
  compare_shifts<int8_t, int16_t>();
  compare_shifts<int16_t, int16_t>();
}

TEST_CASE("a matmul is its definition for every pair of types") {
  compare_random_cases_of_matmul<int8_t, int8_t, int8_t>(400, 20);
  compare_random_cases_of_matmul<int8_t, int8_t, int16_t>(200, 20);
  compare_random_cases_of_matmul<int8_t, int8_t, int32_t>(200, 20);
  compare_random_cases_of_matmul<int16_t, int8_t, int16_t>(200, 600);
  compare_random_cases_of_matmul<int16_t, int8_t, int8_t>(100, 600);
  compare_random_cases_of_matmul<int8_t, int16_t, int16_t>(100, 600);
  compare_random_cases_of_matmul<int8_t, int16_t, int32_t>(100, 600);
  compare_random_cases_of_matmul<int16_t, int16_t, int16_t>(200, 100);
  compare_random_cases_of_matmul<int16_t, int16_t, int8_t>(100, 100);
  compare_random_cases_of_matmul<int16_t, int16_t, int32_t>(200, 100);
}

TEST_CASE("no accumulator of a matmul passes int32") {
  CHECK(largest_sum<int8_t, int8_t>(131071) == 2147467264);
  for (const int depth : {1, 2, 3, 4, 5, 256, 257, 511, 512, 513, 1000, 1024, 1025, 100000, 1 << 20}) {
    const std::int64_t narrow = std::int64_t{1} << (22 - defined_shift<int16_t, int8_t>(depth));
    const std::int64_t wide = std::int64_t{1} << (30 - 2 * defined_shift<int16_t, int16_t>(depth));
    CHECK(largest_sum<int16_t, int8_t>(depth) == narrow * depth);
    CHECK(largest_sum<int8_t, int16_t>(depth) == narrow * depth);
    CHECK(largest_sum<int16_t, int16_t>(depth) == wide * depth);
  }
}
