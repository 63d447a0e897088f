// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/prelu.hpp>

#include <doctest/doctest.h>

#include <quench/tensors/records.hpp>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool bends_by_hand() {
  constexpr q::Requantization records[] = {{16384, 0, 14}, {16384, 0, 15}, {-16384, 0, 13}, {}};  // 1; 1/2, -2, 0
  constexpr std::int8_t x[] = {5, 6, 7, -5, -6, -7, 0, -128, -128}, expected[] = {5, 6, 7, -2, 12, 0, 0, 127, 0};
  std::int8_t y[9]{}, in_place[9]{}, one[2]{};
  for (int i = 0; i < 9; ++i) in_place[i] = x[i];
  k::prelu(x, y, 3, 3, records);
  k::prelu(in_place, in_place, 3, 3, records);
  k::prelu(x + 2, one, 2, 1, records);
  for (int i = 0; i < 9; ++i)
    if (y[i] != expected[i] || in_place[i] != expected[i]) return false;
  return one[0] == 7 && one[1] == -2;
}

// How far codes are from real values, in steps of the output.
template <class X, class Y>
double prelu_farthest() {
  CAPTURE(seed);
  Random random(seed);
  double result = 0;
  for (int draw = 0; draw < 3000; ++draw) {
    const double x_scale = std::exp(uniform(random, -7.0, 3.0)), share = std::exp(uniform(random, -4.0, 2.0));
    const double y_scale = x_scale * std::ldexp(1.0, bits<X> - bits<Y>) * share;
    const double wide = std::exp(uniform(random, -12.0, 6.0));
    const auto slope = static_cast<float>(uniform(random, 0, 15) == 0 ? 0.0 : uniform(random, -wide, wide));
    const q::DType x_dtype = sizeof(X) == 1 ? q::DType::Int8 : q::DType::Int16;
    const q::DType y_dtype = sizeof(Y) == 1 ? q::DType::Int8 : q::DType::Int16;
    const auto records = q::slope_records({x_scale, x_dtype}, std::vector<float>{slope}, {y_scale, y_dtype});
    for (const X x : codes<X>(random, 60)) {
      Y y{};
      k::prelu(&x, &y, 1, 1, records.data());
      const double real = static_cast<double>(x) * x_scale * (x < 0 ? static_cast<double>(slope) : 1) / y_scale;
      result = std::max(
          result, std::abs(y - std::clamp<double>(real, std::numeric_limits<Y>::min(), std::numeric_limits<Y>::max())));
    }
  }
  return result;
}

}  // namespace

static_assert(bends_by_hand());

TEST_CASE("negative codes have the slope of their channel, or the one slope") { CHECK(bends_by_hand()); }

TEST_CASE("codes are within 0.51 (int8) or 1.5 steps (int16) of the real values") {
  CHECK(prelu_farthest<std::int8_t, std::int8_t>() < 0.51);
  CHECK(prelu_farthest<std::int16_t, std::int8_t>() < 0.51);
  CHECK(prelu_farthest<std::int8_t, std::int16_t>() < 1.5);
  CHECK(prelu_farthest<std::int16_t, std::int16_t>() < 1.5);
}
