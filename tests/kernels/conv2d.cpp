// SPDX-License-Identifier: Apache-2.0
// Convolution against its definition: a sum in 64 bits in which everything outside the map is 0.
#include <quench/kernels/conv2d.hpp>

#include <array>
#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool convolves_by_hand() {
  constexpr q::Requantization half{16384, 0, 15};
  constexpr q::Requantization records[] = {half, half};
  constexpr std::int32_t bias[] = {10, -10};
  // 2 x 2 pixels of one channel, two filters of 1 x 2, padded by one column.
  constexpr std::int8_t x[] = {1, 2, 3, -128};
  constexpr std::int8_t w[] = {1, 10, -2, 3};
  k::Convolution conv{q::Shape(2, 2, 1), q::Shape(2, 3, 2), {.kernel_size = {1, 2}, .padding = {0, 1}}};
  std::int32_t acc[12]{};
  k::conv2d(x, w, acc, conv, {.bias = bias});
  constexpr std::int32_t expected[] = {20, -7, 31, -6, 12, -14, 40, -1, -1267, -400, -118, 246};
  std::int8_t y[12]{};
  k::conv2d(x, w, y, conv, {.bias = bias, .requantization = records, .low = 0, .high = 100});
  constexpr std::int8_t halves[] = {10, 0, 16, 0, 6, 0, 20, 0, 0, 0, 0, 100};
  for (int i = 0; i < 12; ++i)
    if (acc[i] != expected[i] || y[i] != halves[i]) return false;
  return true;
}

// Windows that lie in the padding altogether give the bias, and the compiler sees that no pixel is looked for.
constexpr bool windows_outside_give_the_bias() {
  constexpr std::int8_t x[] = {3, 4}, w[] = {1, 10, 2, 20};
  constexpr std::int32_t bias[] = {7, 8};
  std::int32_t dense[50]{}, depthwise[50]{};
  k::Convolution conv{q::Shape(1, 1, 2), q::Shape(5, 5, 2), {.padding = 2}};
  k::conv2d(x, w, dense, conv, {.bias = bias});
  conv.groups = 2;
  k::conv2d(x, w, depthwise, conv, {.bias = bias});
  for (int i = 0; i < 50; ++i) {
    const bool is_center = i / 2 == 12;
    if (dense[i] != bias[i % 2] + (is_center ? (i % 2 + 1) * 43 : 0)) return false;
    if (depthwise[i] != bias[i % 2] + (!is_center ? 0 : i % 2 == 0 ? 3 : 40)) return false;
  }
  return true;
}

// Nothing outside the arrays is looked at or pointed to: the compiler would refuse that. All ways through the kernel:
// dense, grouped and depthwise, pixels in pairs and alone, filters in fours and alone, windows of three taps and of two.
template <int Channels, int Filters, int Groups, int Kernel>
constexpr bool stays_inside_its_arrays() {
  constexpr int extent = 5, depth = Channels / Groups, out_extent = extent + 3 - Kernel;
  std::array<std::int8_t, std::size_t{extent * extent * Channels}> x{};
  std::array<std::int8_t, std::size_t{Filters * Kernel * Kernel * depth}> w{};
  std::array<std::int32_t, std::size_t{out_extent * out_extent * Filters}> y{};
  for (std::int8_t& code : x) code = 2;
  for (std::int8_t& code : w) code = 3;
  k::conv2d(x.data(), w.data(), y.data(),
            {q::Shape(extent, extent, Channels),
             q::Shape(out_extent, out_extent, Filters),
             {.kernel_size = Kernel, .padding = 1},
             Groups},
            {});
  for (int i = 0; i < out_extent * out_extent; ++i) {
    const auto taps = [](int o) { return (o == 0 ? -1 : 0) + (o + Kernel - 1 > extent ? -1 : 0) + Kernel; };
    for (int c = 0; c < Filters; ++c)
      if (y[static_cast<std::size_t>(i * Filters + c)] != taps(i / out_extent) * taps(i % out_extent) * depth * 6)
        return false;
  }
  return true;
}

int conv2d_output_extent(int extent, int kernel, int stride, int padding, int dilation) {
  const int room = extent + 2 * padding - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

template <class X>
k::Convolution random_convolution_of_conv2d(Random& random) {
  k::Convolution conv;
  do {
    conv.groups = uniform(random, 1, 3);
    const int channels = conv.groups * (uniform(random, 0, 2) == 0 ? 1 : uniform(random, 1, 7));
    conv.x = q::Shape{uniform(random, 1, 7), uniform(random, 1, 7), channels};
    conv.window = {pair(random, 1, 4), pair(random, 1, 5), pair(random, 0, 3), pair(random, 1, 3)};
    const k::Window& w = conv.window;
    conv.y = q::Shape{
        conv2d_output_extent(conv.x[0], w.kernel_size.height, w.stride.height, w.padding.height, w.dilation.height),
        conv2d_output_extent(conv.x[1], w.kernel_size.width, w.stride.width, w.padding.width, w.dilation.width),
        conv.groups * uniform(random, 1, 6)};
    if (uniform(random, 0, 2) == 0) conv.y[0] += uniform(random, 0, 3), conv.y[1] += uniform(random, 0, 3);
  } while (conv.y[0] < 1 || conv.y[1] < 1);
  conv.x_shift = sizeof(X) == 2 ? uniform(random, 0, 15) : 0;
  return conv;
}

// The definition of one sum, from nash.md section 4.
template <class X>
std::int64_t conv2d_defined(const std::vector<X>& x, const std::vector<std::int8_t>& w, const k::Convolution& conv,
                            int oy, int ox, int channel) {
  const k::Window& window = conv.window;
  const int depth = conv.x[2] / conv.groups, group = channel / (conv.y[2] / conv.groups);
  const q::Shape filters(conv.y[2], window.kernel_size.height, window.kernel_size.width, depth);
  std::int64_t acc = 0;
  for (int i = 0; i < depth; ++i)
    for (int ky = 0; ky < window.kernel_size.height; ++ky)
      for (int kx = 0; kx < window.kernel_size.width; ++kx) {
        const int iy = oy * window.stride.height + ky * window.dilation.height - window.padding.height;
        const int ix = ox * window.stride.width + kx * window.dilation.width - window.padding.width;
        if (iy < 0 || ix < 0 || iy >= conv.x[0] || ix >= conv.x[1]) continue;
        acc += shifted(x[place_of({iy, ix, group * depth + i}, conv.x)], conv.x_shift) *
               w[place_of({channel, ky, kx, i}, filters)];
      }
  return acc;
}

template <class X, class Y>
void compare_random_cases_of_conv2d(int count) {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < count; ++draw) {
    CAPTURE(draw);
    const k::Convolution conv = random_convolution_of_conv2d<X>(random);
    const q::Pair kernel = conv.window.kernel_size;
    const int depth = kernel.height * kernel.width * conv.x[2] / conv.groups;
    const Channels<Y> channels(random, conv.y[2], size_of_sum<X>(depth, conv.x_shift));
    const auto x = codes<X>(random, conv.x.elements());
    const auto w = codes<std::int8_t>(random, conv.y[2] * depth);
    std::vector<Y> y(static_cast<std::size_t>(conv.y.elements()));
    k::conv2d(x.data(), w.data(), y.data(), conv, channels.output());
    for (int oy = 0; oy < conv.y[0]; ++oy)
      for (int ox = 0; ox < conv.y[1]; ++ox)
        for (int channel = 0; channel < conv.y[2]; ++channel) {
          CAPTURE(oy);
          CAPTURE(ox);
          CAPTURE(channel);
          REQUIRE(y[place_of({oy, ox, channel}, conv.y)] ==
                  channels.defined(conv2d_defined(x, w, conv, oy, ox, channel), channel));
        }
  }
}

}  // namespace

static_assert(convolves_by_hand());
static_assert(windows_outside_give_the_bias());
static_assert(stays_inside_its_arrays<3, 7, 1, 3>() && stays_inside_its_arrays<3, 6, 1, 3>());
static_assert(stays_inside_its_arrays<4, 10, 2, 3>() && stays_inside_its_arrays<4, 4, 2, 2>());
static_assert(stays_inside_its_arrays<3, 3, 3, 3>() && stays_inside_its_arrays<3, 3, 3, 2>());

TEST_CASE("a small convolution gives what was computed by hand") { CHECK(convolves_by_hand()); }

TEST_CASE("windows outside the map give the bias") { CHECK(windows_outside_give_the_bias()); }

TEST_CASE("every way through the kernel stays inside its arrays") {
  CHECK((stays_inside_its_arrays<3, 7, 1, 3>() && stays_inside_its_arrays<4, 10, 2, 3>()));
}

TEST_CASE("a convolution of int8 is its definition, whatever its settings") {
  compare_random_cases_of_conv2d<std::int8_t, std::int8_t>(1500);
  compare_random_cases_of_conv2d<std::int8_t, std::int16_t>(400);
  compare_random_cases_of_conv2d<std::int8_t, std::int32_t>(400);
}

TEST_CASE("a convolution of int16 is its definition, whatever its settings and its shift") {
  compare_random_cases_of_conv2d<std::int16_t, std::int8_t>(400);
  compare_random_cases_of_conv2d<std::int16_t, std::int16_t>(1000);
  compare_random_cases_of_conv2d<std::int16_t, std::int32_t>(400);
}

TEST_CASE("an accumulator reaches the ends of int32 and does not pass them") {
  // Σ|w| * 2^15 + |bias| is exactly 2^31 - 1.
  const int depth = 512;
  const std::vector<std::int8_t> w(depth, 127);
  const std::vector<std::int16_t> x(depth, -32768);
  const std::int32_t bias = -(INT32_MAX - depth * 127 * 32768);
  const k::Convolution conv{q::Shape(1, 1, depth), q::Shape(1, 1, 1)};
  std::int32_t y = 0;
  k::conv2d(x.data(), w.data(), &y, conv, {.bias = &bias});
  CHECK(y == -INT32_MAX);
}

TEST_CASE("fewer output rows than the window allows are the first ones") {
  Random random(seed);
  const auto x = codes<std::int8_t>(random, 6 * 5 * 3);
  const auto w = codes<std::int8_t>(random, 2 * 3 * 3 * 3);
  k::Convolution conv{q::Shape(6, 5, 3), q::Shape(6, 5, 2), {.kernel_size = 3, .padding = 1}};
  std::vector<std::int32_t> all(60), some(20);
  k::conv2d(x.data(), w.data(), all.data(), conv, {});
  conv.y = q::Shape(2, 5, 2);
  k::conv2d(x.data(), w.data(), some.data(), conv, {});
  CHECK(std::equal(some.begin(), some.end(), all.begin()));
}
