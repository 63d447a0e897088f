// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/layer_norm.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"
#include <quench/tensors/layer_norm.hpp>

namespace q = quench;
namespace d = definitions;

namespace {

// The kernel, and the clamp of a ReLU if there is one.
template <q::Operator Op, class X, class Y>
std::vector<Y> defined(const std::vector<X>& x, int rows, const q::kernels::RowNorm& norm, int low, int high) {
  std::vector<Y> y(x.size());
  q::kernels::normalize_rows<Op>(x.data(), y.data(), rows, norm);
  for (Y& code : y) code = static_cast<Y>(std::clamp<int>(code, low, high));
  return y;
}

template <q::Operator Op, class X, class Y>
void compare(d::Random& random) {
  for (const int size : {1, 2, 7, 16, 64, 197, 1000, 16384, 16385, 32767}) {
    CAPTURE(size);
    const int rows = 1 + 1000 / size;
    auto x = d::codes<X>(random, rows * size);
    if (size == 7) std::fill(x.begin(), x.begin() + size, std::numeric_limits<X>::min());
    if (size > 16000) std::fill(x.begin() + 1, x.end(), std::numeric_limits<X>::min());
    std::vector<float> weight, bias;
    for (int i = 0; i < size; ++i) {
      weight.push_back(static_cast<float>(d::uniform(random, -2.0, 2.0)));
      bias.push_back(static_cast<float>(d::uniform(random, -1.0, 1.0)));
    }
    if (size == 16) bias.clear();
    const float y_scale = static_cast<float>(3 / std::ldexp(1.0, 8 * static_cast<int>(sizeof(Y)) - 1));
    const float eps = size == 64 ? 100.0f : 1e-5f;
    const q::IntegerLayerNorm norm(size, weight, bias, eps, 0.01f, y_scale);
    const bool has_clamp = size % 2 == 1;
    const int low = has_clamp ? 0 : INT32_MIN, high = has_clamp ? 60 : INT32_MAX;
    const auto expected = defined<Op, X, Y>(x, rows, norm.constants, low, high);
    for (const q::host::Isa isa : isas()) {
      CAPTURE(static_cast<int>(isa));
      std::vector<Y> given(x.size(), Y{99});
      q::host::normalize_rows(Op, x.data(), given.data(), static_cast<std::size_t>(rows), norm.constants, low, high,
                              isa);
      REQUIRE(given == expected);
    }
  }
}

template <q::Operator Op>
void compare_types(d::Random& random) {
  compare<Op, std::int8_t, std::int8_t>(random);
  compare<Op, std::int8_t, std::int16_t>(random);
  compare<Op, std::int16_t, std::int16_t>(random);
  compare<Op, std::int16_t, std::int8_t>(random);
}

}  // namespace

TEST_CASE("norms of rows equal the kernel on each CPU, also with a clamp and for the longest rows of int16") {
  CAPTURE(d::seed);
  d::Random random(d::seed);
  compare_types<q::Operator::LayerNorm>(random);
  compare_types<q::Operator::RMSNorm>(random);
}

TEST_CASE("sums of more codes than an int32 can hold the squares of are exact") {
  const std::vector<std::int8_t> x(std::size_t{1} << 20, -128);
  for (const q::host::Isa isa : isas()) {
    const auto sums = q::host::run_for<q::host::detail::RowSumsLoop>(isa, x.data(), x.size());
    CHECK(sums.sum == -(1 << 27));
    CHECK(sums.squares == std::int64_t{1} << 34);
  }
}
