// SPDX-License-Identifier: Apache-2.0
// Products of matrices on the host equal the kernel bit for bit, over random shapes.
#include <quench/host/integer/matmul.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

namespace q = quench;
namespace h = quench::host;

using conv_cases::Random;

namespace {

template <class A, class B, class Y>
void compare(Random& random) {
  q::kernels::MatrixProduct product;
  product.batch = random.between(0, 3);
  product.rows = random.between(1, random.one_in(3) ? 40 : 7);
  product.depth = random.between(1, random.one_in(3) ? 300 : 9);
  product.columns = random.between(1, random.one_in(3) ? 150 : 20);
  const conv_cases::Output output(random, 1, INT32_MAX - 100'000'000);
  product.requantization = output.records[0];
  const auto a = random.codes<A>(product.batch * product.rows * product.depth);
  const auto b = random.codes<B>(product.batch * product.depth * product.columns);
  std::vector<Y> expected(static_cast<std::size_t>(product.batch * product.rows * product.columns));
  q::kernels::matmul(a.data(), b.data(), expected.data(), product);
  const std::int32_t low = output.channels.low, high = output.channels.high;
  for (Y& code : expected) code = static_cast<Y>(std::clamp<std::int32_t>(code, low, high));
  for (const h::Isa isa : isas()) {
    CAPTURE(isa);
    std::vector<Y> given(expected.size(), Y{99});
    h::matmul(a.data(), b.data(), given.data(), product, low, high, isa);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("products of matrices on the host equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 100; ++draw) {
    CAPTURE(draw);
    compare<std::int8_t, std::int8_t, std::int8_t>(random);
    compare<std::int8_t, std::int8_t, std::int16_t>(random);
    compare<std::int8_t, std::int8_t, std::int32_t>(random);
    compare<std::int16_t, std::int8_t, std::int8_t>(random);
    compare<std::int8_t, std::int16_t, std::int16_t>(random);
    compare<std::int16_t, std::int16_t, std::int16_t>(random);
    compare<std::int16_t, std::int16_t, std::int32_t>(random);
  }
}
