// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/linear.hpp>

#include <doctest/doctest.h>

#include <quench/kernels/conv2d.hpp>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool linear_multiplies_by_hand() {
  constexpr std::int8_t x[] = {1, 2, 3, -1, -2, -3}, w[] = {1, 1, 1, 100, 10, 1};
  constexpr q::Requantization records[] = {{16384, 0, 15}, {16384, 0, 16}};
  constexpr std::int32_t bias[] = {1, 0}, expected[] = {7, 123, -5, -123};
  constexpr std::int8_t codes[] = {4, 31, -2, -31};
  std::int32_t acc[4]{};
  std::int8_t y[4]{};
  k::linear(x, w, acc, {.rows = 2, .in_features = 3, .out_features = 2}, {.bias = bias});
  k::linear(x, w, y, {.rows = 2, .in_features = 3, .out_features = 2}, {.bias = bias, .requantization = records});
  for (int i = 0; i < 4; ++i)
    if (acc[i] != expected[i] || y[i] != codes[i]) return false;
  return true;
}

template <class X, class Y>
void compare_random_cases_of_linear(int count) {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < count; ++draw) {
    CAPTURE(draw);
    const k::LinearLayer layer{uniform(random, 1, 4), uniform(random, 1, 40), uniform(random, 1, 6),
                               sizeof(X) == 2 ? uniform(random, 0, 15) : 0};
    const Channels<Y> channels(random, layer.out_features, size_of_sum<X>(layer.in_features, layer.x_shift));
    const auto x = codes<X>(random, layer.rows * layer.in_features);
    const auto w = codes<std::int8_t>(random, layer.out_features * layer.in_features);
    std::vector<Y> y(static_cast<std::size_t>(layer.rows * layer.out_features)), convolved(y.size());
    k::linear(x.data(), w.data(), y.data(), layer, channels.output());
    for (int row = 0; row < layer.rows; ++row)
      for (int channel = 0; channel < layer.out_features; ++channel) {
        std::int64_t acc = 0;
        for (int i = 0; i < layer.in_features; ++i)
          acc += w[static_cast<std::size_t>(channel * layer.in_features + i)] *
                 shifted(x[static_cast<std::size_t>(row * layer.in_features + i)], layer.x_shift);
        CAPTURE(row);
        CAPTURE(channel);
        REQUIRE(y[static_cast<std::size_t>(row * layer.out_features + channel)] == channels.defined(acc, channel));
      }
    k::conv2d(x.data(), w.data(), convolved.data(),
              {.x = q::Shape(1, layer.rows, layer.in_features),
               .y = q::Shape(1, layer.rows, layer.out_features),
               .x_shift = layer.x_shift},
              channels.output());
    REQUIRE(y == convolved);
  }
}

}  // namespace

static_assert(linear_multiplies_by_hand());

TEST_CASE("a small linear layer gives what was computed by hand") { CHECK(linear_multiplies_by_hand()); }

TEST_CASE("a linear layer is its definition, and a convolution with a window of one pixel") {
  compare_random_cases_of_linear<std::int8_t, std::int8_t>(500);
  compare_random_cases_of_linear<std::int8_t, std::int16_t>(200);
  compare_random_cases_of_linear<std::int8_t, std::int32_t>(200);
  compare_random_cases_of_linear<std::int16_t, std::int8_t>(200);
  compare_random_cases_of_linear<std::int16_t, std::int16_t>(500);
  compare_random_cases_of_linear<std::int16_t, std::int32_t>(200);
}

TEST_CASE("the largest depth of int8 keeps its accumulator inside int32") {
  const int depth = 131071;
  const std::vector<std::int8_t> lowest(depth, -128);
  std::int32_t y = 0;
  k::linear(lowest.data(), lowest.data(), &y, {.in_features = depth, .out_features = 1}, {});
  CHECK(y == 2147467264);
}
