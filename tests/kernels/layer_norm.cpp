// SPDX-License-Identifier: Apache-2.0
// LayerNorm and RMSNorm against real numbers, within the bound of nash.md section 4, for random and hostile rows.
#include <quench/kernels/layer_norm.hpp>

#include <doctest/doctest.h>

#include <quench/tensors/layer_norm.hpp>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool rows_by_hand() {
  // w / s_y is 16 at a shift of -8 - 16 / 2: the normalized values times 16. The bias is half a step, and 3 steps.
  constexpr k::RowWeight weight[] = {{16384, -6}, {16384, -6}};
  constexpr std::int32_t bias[] = {128, 768};
  constexpr int8_t x[] = {1, 3, -128, 127, 5, 5};
  int8_t y[6]{};
  k::normalize_rows<q::Operator::LayerNorm>(x, y, 3, {2, 16, 1, weight, bias});  // n² variance: 4, 65025, 0
  const bool layer_norm = y[0] == -15 && y[1] == 19 && y[2] == -15 && y[3] == 19 && y[4] == 1 && y[5] == 3;
  constexpr int16_t wide[] = {3, -4, 0, 0};  // n² mean of squares: 50; 3 / sqrt(12.5) * 16 = 13.58
  int16_t z[4]{};
  k::normalize_rows<q::Operator::RMSNorm>(wide, z, 2, {2, 16, 1, weight, nullptr});
  return layer_norm && z[0] == 14 && z[1] == -18 && z[2] == 0 && z[3] == 0;
}

constexpr bool roots_are_those_of_whole_numbers() {
  for (const std::int64_t value : {1LL, 4LL, 1LL << 30, 1LL << 40, 1LL << 62}) {
    const k::InverseRoot root(value);
    // multiplier * 2^-shift is 2^(-log2(value) / 2): the multiplier is a power of two.
    if (root.multiplier != 1 << 15 && root.multiplier != 1 << 16) return false;
  }
  const k::InverseRoot third(9);
  return third.multiplier == 43691 && third.shift == 17;  // 2^17 / 3
}

struct Draw {
  int size;
  double x_scale, y_scale;
  float eps;
  std::vector<float> weight, bias;
};

template <q::Operator Op, class X>
std::vector<double> real(const std::vector<X>& x, const Draw& draw) {
  std::int64_t sum = 0;
  for (const X code : x) sum += Op == q::Operator::LayerNorm ? code : 0;
  // From n times the distance, which is exact: a row of equal values has no distances.
  const auto distance = [&](X code) {
    return static_cast<double>(std::int64_t{code} * draw.size - sum) / draw.size * draw.x_scale;
  };
  double squares = 0;
  for (const X code : x) squares += std::pow(distance(code), 2) / draw.size;
  std::vector<double> y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double z = distance(x[i]) / std::sqrt(squares + static_cast<double>(draw.eps));
    y.push_back(z * (draw.weight.empty() ? 1 : static_cast<double>(draw.weight[i])));
  }
  return y;
}

// Rows of every kind: random, nearly constant, constant, one outlier, two values, at one end.
template <class X>
std::vector<X> random_row(Random& random, int size) {
  std::vector<X> x = codes<X>(random, size);
  const int low = std::numeric_limits<X>::min(), high = std::numeric_limits<X>::max();
  const int kind = uniform(random, 0, 7), middle = uniform(random, low + 1, high - 1);
  for (X& code : x) {
    if (kind == 1) code = static_cast<X>(middle + code % 2);
    if (kind == 2 || kind == 3) code = static_cast<X>(middle);
    if (kind == 4) code = static_cast<X>(code > 0 ? middle : low);
    if (kind == 5) code = static_cast<X>(low);
    if (kind == 6) code = static_cast<X>(code < 0 ? low : high);
  }
  if (kind == 3) x[static_cast<std::size_t>(uniform(random, 0, size - 1))] = static_cast<X>(uniform(random, low, high));
  if (kind == 4) x[0] = static_cast<X>(middle + 1);
  return x;
}

struct Distance {
  double largest = 0;       // in steps of the output, of those whose w z is in the range of y
  double beyond_bound = 0;  // of 0.51 + 5.5 * 2^-16 |w z| / s_y, of all
};

// Rows of a random scale; output scales as an observer finds them, and smaller and larger ones.
template <q::Operator Op, class X, class Y>
Distance distance_of(Random& random, int draws, int most) {
  constexpr double largest_code = std::numeric_limits<Y>::max();
  Distance found;
  for (int i = 0; i < draws; ++i) {
    Draw draw;
    draw.size = uniform(random, 0, 1) == 0 ? most : uniform(random, 1, most);
    const std::vector<X> x = random_row<X>(random, draw.size);
    draw.x_scale = static_cast<double>(static_cast<float>(std::exp2(uniform(random, -23.0, 10.0))));
    draw.eps = i % 3 == 0 ? 1e-5f : static_cast<float>(std::exp2(uniform(random, -30.0, 20.0)));
    const double size_of_weights = std::exp2(uniform(random, -10.0, 10.0));
    for (int c = 0; c < draw.size && i % 4 > 0; ++c)
      draw.weight.push_back(static_cast<float>(size_of_weights * uniform(random, -1.0, 1.0) *
                                               std::exp2(uniform(random, -20.0, 0.0) * (i % 2))));
    const std::vector<double> product = real<Op>(x, draw);
    double magnitude = 0;
    for (const double y : product) magnitude = std::max(magnitude, std::abs(y));
    if (magnitude == 0) magnitude = uniform(random, 0.001, 1.0);
    draw.y_scale =
        std::max(magnitude / largest_code * std::exp2(uniform(random, -6.0, 3.0) * (i % 5 == 0)), 1.1920929e-7);
    draw.y_scale = static_cast<double>(static_cast<float>(draw.y_scale));
    for (int c = 0; c < draw.size && i % 8 > 3; ++c)
      draw.bias.push_back(static_cast<float>(draw.y_scale * largest_code * uniform(random, -1.5, 1.5)));
    const q::IntegerLayerNorm norm(draw.size, draw.weight, draw.bias, draw.eps, static_cast<float>(draw.x_scale),
                                   static_cast<float>(draw.y_scale));
    std::vector<Y> y(x.size());
    k::normalize_rows<Op>(x.data(), y.data(), 1, norm.constants);
    for (std::size_t c = 0; c < y.size(); ++c) {
      const double bias = draw.bias.empty() ? 0 : static_cast<double>(draw.bias[c]), steps = product[c] / draw.y_scale;
      const double expected = std::clamp(steps + bias / draw.y_scale, -largest_code - 1, largest_code);
      const double away = std::abs(y[c] - expected);
      if (std::abs(steps) <= largest_code + 1) found.largest = std::max(found.largest, away);
      found.beyond_bound = std::max(found.beyond_bound, away - 0.51 - std::ldexp(5.5 * std::abs(steps), -16));
    }
  }
  return found;
}

template <q::Operator Op, class X, class Y>
void check(double bound) {
  Random random(seed);
  for (const int most : {1, 2, 3, 12, 768, 4096}) {
    CAPTURE(most);
    const Distance found = distance_of<Op, X, Y>(random, most > 100 ? 300 : 20000, most);
    CHECK(found.largest <= bound);
    CHECK(found.beyond_bound <= 0);
  }
}

}  // namespace

static_assert(rows_by_hand());
static_assert(roots_are_those_of_whole_numbers());

TEST_CASE("rows give what was computed by hand, and roots are exact for powers of two") {
  CHECK(rows_by_hand());
  CHECK(roots_are_those_of_whole_numbers());
}

TEST_CASE("the inverse root is the rounded inverse of the rounded root of a mantissa") {
  CAPTURE(seed);
  Random random(seed);
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20000; ++i) {
    const std::int64_t root = uniform(random, 1 << 15, (1 << 16) - 1), square = root * root;
    for (const std::int64_t value : {square - 1, square, square + root, square + root + 1})
      if (value >= 1 << 30 && value >> 32 == 0) values.push_back(value << uniform(random, 0, 30));
    values.push_back((std::int64_t{uniform(random, 1, INT32_MAX)} << 32 | uniform(random, 0, INT32_MAX)) >>
                     uniform(random, 0, 62));
  }
  for (const std::int64_t value : values) {
    if (value == 0) continue;
    int twos = 0;  // value = mantissa * 4^twos
    double mantissa = static_cast<double>(value);
    while (mantissa < 0x1p30) mantissa *= 4, --twos;
    if (value >> 32 != 0) {
      while (value >> (2 * twos) >> 32 != 0) ++twos;
      mantissa = static_cast<double>(value >> (2 * twos));
    }
    const double root = std::nearbyint(std::sqrt(mantissa));
    const k::InverseRoot inverse(value);
    REQUIRE(inverse.multiplier == static_cast<int>(std::floor(0x1p31 / root + 0.5)));
    REQUIRE(inverse.shift == 31 + twos);
  }
}

TEST_CASE("int8 results are within 0.52 steps of the real ones at any scale, for 1 to 4096 values in any row") {
  CAPTURE(seed);
  check<q::Operator::LayerNorm, int8_t, int8_t>(0.52);
  check<q::Operator::LayerNorm, int16_t, int8_t>(0.52);
  check<q::Operator::RMSNorm, int8_t, int8_t>(0.52);
  check<q::Operator::RMSNorm, int16_t, int8_t>(0.52);
}

TEST_CASE("int16 results are within 3.27 steps of the real ones at any scale, for 1 to 4096 values in any row") {
  CAPTURE(seed);
  check<q::Operator::LayerNorm, int16_t, int16_t>(3.27);
  check<q::Operator::LayerNorm, int8_t, int16_t>(3.27);
  check<q::Operator::RMSNorm, int16_t, int16_t>(3.27);
  check<q::Operator::RMSNorm, int8_t, int16_t>(3.27);
}

TEST_CASE("results far beyond the range of the output saturate on their side, and tiny weights leave the bias") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 3000; ++draw) {
    const std::vector<int16_t> x = random_row<int16_t>(random, uniform(random, 2, 40));
    const double exponent = uniform(random, -120.0, 120.0);
    std::vector<float> weight, bias;
    for (std::size_t i = 0; i < x.size(); ++i) {
      weight.push_back(static_cast<float>(std::exp2(exponent) * (uniform(random, 0, 1) == 0 ? 1 : -1)));
      bias.push_back(static_cast<float>(uniform(random, -1048000.0, 1048000.0)));
    }
    const Draw real_draw{static_cast<int>(x.size()), 0.01, 1, 1e-5f, weight, bias};
    const q::IntegerLayerNorm norm(real_draw.size, weight, bias, real_draw.eps, 0.01f, 1);
    std::vector<int16_t> y(x.size());
    k::normalize_rows<q::Operator::LayerNorm>(x.data(), y.data(), 1, norm.constants);
    const std::vector<double> product = real<q::Operator::LayerNorm>(x, real_draw);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double expected = product[i] + static_cast<double>(bias[i]);
      const double bound = 0.51 + std::ldexp(std::abs(product[i]), -14);
      if (std::abs(expected) > 32768 + bound)
        REQUIRE(y[i] == (expected > 0 ? 32767 : -32768));
      else
        REQUIRE(std::abs(y[i] - std::clamp(expected, -32768.0, 32767.0)) <= bound);
    }
  }
}

// All errors add up: E is held at 1, the multiplier of the weight is the smallest, and root and inverse round alike.
TEST_CASE("the int16 row that is farthest from the real one of those that were searched is 2.85 steps away") {
  std::vector<std::int16_t> x(282);
  x[0] = 1;
  const Draw draw{.size = 282,
                  .x_scale = 1,
                  .y_scale = 1,
                  .eps = 1e-12f,
                  .weight = std::vector<float>(282, 524303.938f),
                  .bias = std::vector<float>(282, 0.5f)};
  const q::IntegerLayerNorm norm(draw.size, draw.weight, draw.bias, draw.eps, 1, 1);
  std::vector<std::int16_t> y(x.size());
  k::normalize_rows<q::Operator::LayerNorm>(x.data(), y.data(), 1, norm.constants);
  const double away = std::abs(y[1] - (real<q::Operator::LayerNorm>(x, draw)[1] + 0.5));
  CHECK(away > 2.84);
  CHECK(away <= 3.27);
}
