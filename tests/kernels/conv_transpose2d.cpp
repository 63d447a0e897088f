// SPDX-License-Identifier: Apache-2.0
// Transposed convolution against its other definition: each input pixel adds a filter to the output.
#include <quench/kernels/conv_transpose2d.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool transposes_by_hand() {
  // Two pixels, stride 2, a filter of 3: the middle output pixel gets something of both.
  constexpr std::int8_t x[] = {1, 10}, w[] = {1, 2, 3};
  constexpr std::int32_t bias[] = {100}, expected[] = {101, 102, 113, 120, 130, 100};
  std::int32_t y[6]{};
  k::conv_transpose2d(x, w, y, {q::Shape(1, 2, 1), q::Shape(1, 6, 1), {.kernel_size = {1, 3}, .stride = {1, 2}}},
                      {.bias = bias});
  for (int i = 0; i < 6; ++i)
    if (y[i] != expected[i]) return false;
  return true;
}

template <class X>
k::Convolution random_convolution_of_conv_transpose2d(Random& random) {
  k::Convolution conv;
  do {
    conv.groups = uniform(random, 1, 3);
    conv.x = q::Shape{uniform(random, 1, 5), uniform(random, 1, 5), conv.groups * uniform(random, 1, 5)};
    conv.window = {pair(random, 1, 4), pair(random, 1, 4), pair(random, 0, 3), pair(random, 1, 3)};
    const k::Window& w = conv.window;
    const q::Pair output_padding{uniform(random, 0, std::max(w.stride.height, w.dilation.height) - 1),
                                 uniform(random, 0, std::max(w.stride.width, w.dilation.width) - 1)};
    conv.y = q::Shape{(conv.x[0] - 1) * w.stride.height - 2 * w.padding.height +
                          w.dilation.height * (w.kernel_size.height - 1) + output_padding.height + 1,
                      (conv.x[1] - 1) * w.stride.width - 2 * w.padding.width +
                          w.dilation.width * (w.kernel_size.width - 1) + output_padding.width + 1,
                      conv.groups * uniform(random, 1, 3)};
  } while (conv.y[0] < 1 || conv.y[1] < 1);
  conv.x_shift = sizeof(X) == 2 ? uniform(random, 0, 15) : 0;
  return conv;
}

// The definition of all sums: every input pixel is scattered.
template <class X>
std::vector<std::int64_t> conv_transpose2d_defined(const std::vector<X>& x, const std::vector<std::int8_t>& w,
                                                   const k::Convolution& conv) {
  const k::Window& window = conv.window;
  const int depth = conv.x[2] / conv.groups, filters = conv.y[2] / conv.groups;
  const q::Shape weights(conv.y[2], window.kernel_size.height, window.kernel_size.width, depth);
  std::vector<std::int64_t> acc(static_cast<std::size_t>(conv.y.elements()));
  for (int iy = 0; iy < conv.x[0]; ++iy)
    for (int ix = 0; ix < conv.x[1]; ++ix)
      for (int i = 0; i < conv.x[2]; ++i)
        for (int ky = 0; ky < window.kernel_size.height; ++ky)
          for (int kx = 0; kx < window.kernel_size.width; ++kx) {
            const int oy = iy * window.stride.height - window.padding.height + ky * window.dilation.height;
            const int ox = ix * window.stride.width - window.padding.width + kx * window.dilation.width;
            if (oy < 0 || ox < 0 || oy >= conv.y[0] || ox >= conv.y[1]) continue;
            for (int j = 0; j < filters; ++j) {
              const int channel = i / depth * filters + j;
              acc[place_of({oy, ox, channel}, conv.y)] += shifted(x[place_of({iy, ix, i}, conv.x)], conv.x_shift) *
                                                          w[place_of({channel, ky, kx, i % depth}, weights)];
            }
          }
  return acc;
}

template <class X, class Y>
void compare_random_cases_of_conv_transpose2d(int count) {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < count; ++draw) {
    CAPTURE(draw);
    const k::Convolution conv = random_convolution_of_conv_transpose2d<X>(random);
    const int size = conv.window.kernel_size.height * conv.window.kernel_size.width * conv.x[2] / conv.groups;
    const Channels<Y> channels(random, conv.y[2], size_of_sum<X>(conv.x[2] / conv.groups, conv.x_shift));
    const auto x = codes<X>(random, conv.x.elements());
    const auto w = codes<std::int8_t>(random, conv.y[2] * size);
    std::vector<Y> y(static_cast<std::size_t>(conv.y.elements()));
    k::conv_transpose2d(x.data(), w.data(), y.data(), conv, channels.output());
    const std::vector<std::int64_t> acc = conv_transpose2d_defined(x, w, conv);
    for (std::size_t i = 0; i < y.size(); ++i) {
      CAPTURE(i);
      REQUIRE(y[i] == channels.defined(acc[i], static_cast<int>(i) % conv.y[2]));
    }
  }
}

}  // namespace

static_assert(transposes_by_hand());

TEST_CASE("a small transposed convolution gives what was computed by hand") { CHECK(transposes_by_hand()); }

TEST_CASE("a transposed convolution is its definition, whatever its settings") {
  compare_random_cases_of_conv_transpose2d<std::int8_t, std::int8_t>(1000);
  compare_random_cases_of_conv_transpose2d<std::int8_t, std::int16_t>(300);
  compare_random_cases_of_conv_transpose2d<std::int8_t, std::int32_t>(300);
  compare_random_cases_of_conv_transpose2d<std::int16_t, std::int8_t>(300);
  compare_random_cases_of_conv_transpose2d<std::int16_t, std::int16_t>(300);
  compare_random_cases_of_conv_transpose2d<std::int16_t, std::int32_t>(300);
}
