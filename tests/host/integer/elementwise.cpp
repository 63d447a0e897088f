// SPDX-License-Identifier: Apache-2.0
// Element-wise steps equal the kernels bit for bit, on every instruction set.
#include <quench/host/integer/elementwise.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"

#include <quench/kernels/mul.hpp>
#include <quench/kernels/relu.hpp>

namespace q = quench;
namespace d = definitions;

namespace {

constexpr unsigned elementwise_seed = 20261125;

q::Requantization some_record(d::Random& random) {
  return {static_cast<std::int16_t>(d::uniform(random, 16384, 32767)),
          static_cast<std::uint8_t>(d::uniform(random, 0, 1) * d::uniform(random, 0, 31)),
          static_cast<std::uint8_t>(d::uniform(random, 0, 31))};
}

template <class Y>
void hold(std::vector<Y>& y, std::int32_t low, std::int32_t high) {
  for (Y& code : y) code = static_cast<Y>(q::kernels::clamp(code, low, high));
}

template <class A, class B, class Y>
void compare_pairs(d::Random& random, int count) {
  const q::Shape shape(count);
  const auto a = d::codes<A>(random, count);
  const auto b = d::codes<B>(random, count);
  std::vector<Y> expected(a.size()), given(a.size());
  const int shift = d::uniform(random, 0, sizeof(A) == 1 && sizeof(B) == 1 ? 23 : 14);
  const q::kernels::Addition addition{static_cast<std::uint8_t>(shift),
                                      static_cast<std::int16_t>(d::uniform(random, 0, 32767)),
                                      d::uniform(random, 0, 1) == 0,
                                      some_record(random),
                                      d::uniform(random, 0, 1) == 0 ? 0 : INT32_MIN,
                                      d::uniform(random, 0, 1) == 0 ? d::uniform(random, 0, 100) : INT32_MAX};
  const q::Requantization record = some_record(random);
  for (const q::host::Int8Level level : q::host::int8_levels()) {
    q::kernels::add(a.data(), shape, b.data(), shape, expected.data(), addition);
    q::host::add(a.data(), b.data(), given.data(), a.size(), addition, 1, level);
    REQUIRE(given == expected);
    q::kernels::sub(a.data(), shape, b.data(), shape, expected.data(), addition);
    q::host::add(a.data(), b.data(), given.data(), a.size(), addition, -1, level);
    REQUIRE(given == expected);
    q::kernels::mul(a.data(), shape, b.data(), shape, expected.data(), record);
    hold(expected, addition.low, addition.high);
    q::host::mul(a.data(), b.data(), given.data(), a.size(), record, addition.low, addition.high, level);
    REQUIRE(given == expected);
  }
}

template <class X, class Y>
void compare_single(d::Random& random, int count) {
  const auto x = d::codes<X>(random, count);
  std::vector<Y> expected(x.size()), given(x.size());
  const q::kernels::ScalarAddition addition{static_cast<std::uint8_t>(d::uniform(random, 0, 14)),
                                            d::uniform(random, -(1 << 30), 1 << 30), some_record(random)};
  for (const q::host::Int8Level level : q::host::int8_levels()) {
    for (const q::Requantization& record : {some_record(random), q::kernels::same_scale}) {
      q::kernels::requantize_tensor<q::kernels::bits_of<Y>>(x.data(), expected.data(), count, record);
      q::host::requantize(x.data(), given.data(), x.size(), record, level);
      REQUIRE(given == expected);
    }
    q::kernels::add_scalar(x.data(), expected.data(), count, addition);
    hold(expected, 0, 90);
    q::host::add_scalar(x.data(), given.data(), x.size(), addition, 0, 90, level);
    REQUIRE(given == expected);
  }
}

template <class T>
void compare_same_type(d::Random& random, int count) {
  const q::Shape shape(count);
  const auto a = d::codes<T>(random, count), b = d::codes<T>(random, count);
  std::vector<T> expected(a.size()), given(a.size());
  for (const q::host::Isa isa : isas()) {
    q::kernels::clamp(a.data(), expected.data(), count, T{0}, T{77});
    q::host::clamp(a.data(), given.data(), a.size(), 0, 77, isa);
    REQUIRE(given == expected);
    q::kernels::maximum(a.data(), shape, b.data(), shape, expected.data());
    q::host::compare(a.data(), b.data(), given.data(), a.size(), true, isa);
    REQUIRE(given == expected);
    q::kernels::minimum(a.data(), shape, b.data(), shape, expected.data());
    q::host::compare(a.data(), b.data(), given.data(), a.size(), false, isa);
    REQUIRE(given == expected);
    q::kernels::mul_scalar(a.data(), expected.data(), count, true);
    hold(expected, -90, 100);
    q::host::negate(a.data(), given.data(), a.size(), -90, 100, isa);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("element-wise steps equal the kernels, for every type and number of elements") {
  CAPTURE(elementwise_seed);
  d::Random random(elementwise_seed);
  for (int count = 1; count < 140; ++count) {
    CAPTURE(count);
    compare_pairs<std::int8_t, std::int8_t, std::int8_t>(random, count);
    compare_pairs<std::int8_t, std::int16_t, std::int16_t>(random, count);
    compare_pairs<std::int16_t, std::int16_t, std::int16_t>(random, count);
    compare_single<std::int8_t, std::int8_t>(random, count);
    compare_single<std::int16_t, std::int8_t>(random, count);
    compare_single<std::int16_t, std::int16_t>(random, count);
    compare_same_type<std::int8_t>(random, count);
    compare_same_type<std::int16_t>(random, count);
  }
}

TEST_CASE("products of all pairs of codes equal the kernel, at the limits of the shifts") {
  std::vector<std::int8_t> a, b;
  for (int first = -128; first < 128; ++first)
    for (int second = -128; second < 128; ++second) {
      a.push_back(static_cast<std::int8_t>(first));
      b.push_back(static_cast<std::int8_t>(second));
    }
  const q::Shape shape(static_cast<int>(a.size()));
  std::vector<std::int8_t> expected(a.size()), given(a.size());
  for (const int pre : {0, 1, 7, 14, 15, 31})
    for (const int post : {16, 17, 18, 22, 31})
      for (const int multiplier : {16384, 23170, 32767}) {
        const q::Requantization record{static_cast<std::int16_t>(multiplier), static_cast<std::uint8_t>(pre),
                                       static_cast<std::uint8_t>(post)};
        q::kernels::mul(a.data(), shape, b.data(), shape, expected.data(), record);
        for (const q::host::Int8Level level : q::host::int8_levels()) {
          q::host::mul(a.data(), b.data(), given.data(), a.size(), record, INT32_MIN, INT32_MAX, level);
          REQUIRE(given == expected);
        }
      }
}

TEST_CASE("results from a table of all codes equal the kernels") {
  CAPTURE(elementwise_seed);
  d::Random random(elementwise_seed);
  for (int count = 1000; count < 1100; ++count) {
    CAPTURE(count);
    compare_single<std::int8_t, std::int8_t>(random, count);
  }
}
