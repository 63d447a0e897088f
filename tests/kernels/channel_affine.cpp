// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/channel_affine.hpp>

#include <doctest/doctest.h>

#include <quench/execution/layer.hpp>
#include <quench/kernels/conv2d.hpp>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool channel_affine_multiplies_by_hand() {
  constexpr std::int8_t x[] = {1, 2, -128, -3}, w[] = {64, -3};
  constexpr std::int32_t bias[] = {1, 100}, expected[] = {65, 94, -8191, 109};
  constexpr q::Requantization records[] = {{16384, 0, 15}, {16384, 0, 16}};
  constexpr std::int8_t codes[] = {33, 24, -128, 27}, clamped[] = {30, 24, 0, 27};
  std::int32_t acc[4]{};
  std::int8_t y[4]{}, held[4]{}, in_place[] = {1, 2, -128, -3};
  k::channel_affine(x, w, acc, 2, 2, {.bias = bias});
  k::channel_affine(x, w, y, 2, 2, {.bias = bias, .requantization = records});
  k::channel_affine(x, w, held, 2, 2, {.bias = bias, .requantization = records, .low = 0, .high = 30});
  k::channel_affine(in_place, w, in_place, 2, 2, {.bias = bias, .requantization = records});
  for (int i = 0; i < 4; ++i)
    if (acc[i] != expected[i] || y[i] != codes[i] || held[i] != clamped[i] || in_place[i] != codes[i]) return false;
  return true;
}

template <class X, class Y>
void compare_random_cases_of_channel_affine() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    const int rows = uniform(random, 1, 5), channels = uniform(random, 1, 40), size = rows * channels;
    const Channels<Y> output(random, channels, std::ldexp(1.0, bits<X> + 5));
    const auto x = codes<X>(random, size);
    const auto w = codes<std::int8_t>(random, channels);
    std::vector<Y> y(static_cast<std::size_t>(size)), convolved(y.size());
    k::channel_affine(x.data(), w.data(), y.data(), rows, channels, output.output());
    for (int i = 0; i < size; ++i) {
      const auto at = static_cast<std::size_t>(i), channel = static_cast<std::size_t>(i % channels);
      REQUIRE(y[at] == output.defined(std::int64_t{x[at]} * w[channel], i % channels));
    }
    const q::Shape shape(1, rows, channels);
    k::conv2d(x.data(), w.data(), convolved.data(), {.x = shape, .y = shape, .groups = channels}, output.output());
    REQUIRE(y == convolved);
  }
}

// How far codes are from real values in steps of the output, beyond half a step of the bias. Some factors are 0, and some
// biases are far outside of the codes.
template <class X, class Y>
double channel_affine_farthest() {
  CAPTURE(seed);
  Random random(seed);
  double result = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    const double x_scale = std::exp(uniform(random, -7.0, 3.0));
    const double steps =
        std::exp(uniform(random, -7.0, 6.0));  // of the output for the whole range of the input, in codes
    const auto x_step = static_cast<float>(x_scale);
    const auto factor = static_cast<float>(uniform(random, 0, 15) == 0 ? 0.0 : uniform(random, -3.0, 3.0));
    const auto y_step = static_cast<float>(x_scale * std::ldexp(1.0, bits<X> - bits<Y>) / steps);
    const double wide = uniform(random, 0, 7) == 0 ? 1e4 : 1.5;
    const auto bias =
        static_cast<float>(uniform(random, -wide, wide) * static_cast<double>(y_step) * std::ldexp(1.0, bits<Y> - 1));
    const q::DType x_dtype = sizeof(X) == 1 ? q::DType::Int8 : q::DType::Int16;
    const q::DType y_dtype = sizeof(Y) == 1 ? q::DType::Int8 : q::DType::Int16;
    const std::vector<float> weights{factor}, biases{bias};
    const q::IntegerLayer layer({weights, biases, {}, q::DType::Int8, true}, x_step, x_dtype, y_step, y_dtype);
    REQUIRE(layer.x_shift == 0);
    const k::OutputChannels output{layer.bias.data(), layer.requantization.data()};
    for (const X x : codes<X>(random, 60)) {
      Y y{};
      k::channel_affine(&x, layer.weight.data(), &y, 1, 1, output);
      const double real = static_cast<double>(x) * static_cast<double>(x_step) * static_cast<double>(factor) +
                          static_cast<double>(bias);
      const double low = std::numeric_limits<Y>::min(), high = std::numeric_limits<Y>::max();
      const double of_bias = static_cast<double>(layer.accumulator_scales[0] / y_step) / 2;
      const double error = std::abs(y - std::clamp(real / static_cast<double>(y_step), low, high));
      result = std::max(result, error - of_bias);
    }
  }
  return result;
}

}  // namespace

static_assert(channel_affine_multiplies_by_hand());

TEST_CASE("each channel is multiplied by its factor, and its bias is added") {
  CHECK(channel_affine_multiplies_by_hand());
}

TEST_CASE("random rows of all types are as nash.md defines them, and as a depthwise conv of one tap gives them") {
  compare_random_cases_of_channel_affine<std::int8_t, std::int8_t>();
  compare_random_cases_of_channel_affine<std::int8_t, std::int16_t>();
  compare_random_cases_of_channel_affine<std::int8_t, std::int32_t>();
  compare_random_cases_of_channel_affine<std::int16_t, std::int8_t>();
  compare_random_cases_of_channel_affine<std::int16_t, std::int16_t>();
  compare_random_cases_of_channel_affine<std::int16_t, std::int32_t>();
}

TEST_CASE("codes are within 0.51 (int8) or 2.5 steps (int16), and half a step of the bias, of the real values") {
  CHECK(channel_affine_farthest<std::int8_t, std::int8_t>() < 0.51);
  CHECK(channel_affine_farthest<std::int16_t, std::int8_t>() < 0.51);
  CHECK(channel_affine_farthest<std::int8_t, std::int16_t>() < 2.5);
  CHECK(channel_affine_farthest<std::int16_t, std::int16_t>() < 2.5);
}
