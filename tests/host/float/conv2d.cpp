// SPDX-License-Identifier: Apache-2.0
// Float convolutions and their gradients against their definition in double, on every instruction set.
#include <quench/host/float/conv2d.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "host/float/cases.hpp"
#include "host/isas.hpp"

namespace host = quench::host;
using float_cases::Sum;
using host::FloatConv2d;

namespace {

int in_size(const FloatConv2d& conv) { return conv.samples * conv.in_height * conv.in_width * conv.in_channels; }
int out_size(const FloatConv2d& conv) { return conv.samples * conv.out_height * conv.out_width * conv.out_channels; }
int weight_size(const FloatConv2d& conv) {
  return conv.out_channels * conv.kernel_size.height * conv.kernel_size.width * (conv.in_channels / conv.groups);
}

struct Tensors {
  std::vector<float> x, w, bias, gy;  // what is read
  std::vector<float> y, gx, gw, gb;   // what stands where results are written or added

  Tensors(std::mt19937& random, const FloatConv2d& conv)
      : x(float_cases::normal_values(random, in_size(conv))),
        w(float_cases::normal_values(random, weight_size(conv))),
        bias(float_cases::normal_values(random, conv.out_channels)),
        gy(float_cases::normal_values(random, out_size(conv))),
        y(float_cases::normal_values(random, out_size(conv))),
        gx(float_cases::normal_values(random, in_size(conv))),
        gw(float_cases::normal_values(random, weight_size(conv))),
        gb(float_cases::normal_values(random, conv.out_channels)) {}

  void compute(const FloatConv2d& conv, host::Isa isa, bool with_bias) {
    host::float_conv2d(conv, x.data(), w.data(), with_bias ? bias.data() : nullptr, y.data(), isa);
    host::float_conv2d_input_gradient(conv, gy.data(), w.data(), gx.data(), isa);
    host::float_conv2d_weight_gradient(conv, x.data(), gy.data(), gw.data(), with_bias ? gb.data() : nullptr, isa);
  }
};

// Each product of the convolution, with its places in x, w and y.
template <class F>
void for_each_product(const FloatConv2d& conv, F f) {
  const int depth = conv.in_channels / conv.groups, filters = conv.out_channels / conv.groups;
  for (int n = 0; n < conv.samples; ++n)
    for (int oy = 0; oy < conv.out_height; ++oy)
      for (int ox = 0; ox < conv.out_width; ++ox)
        for (int c = 0; c < conv.out_channels; ++c)
          for (int ky = 0; ky < conv.kernel_size.height; ++ky)
            for (int kx = 0; kx < conv.kernel_size.width; ++kx) {
              const int iy = oy * conv.stride.height - conv.padding.height + ky * conv.dilation.height;
              const int ix = ox * conv.stride.width - conv.padding.width + kx * conv.dilation.width;
              if (iy < 0 || iy >= conv.in_height || ix < 0 || ix >= conv.in_width) continue;
              for (int i = 0; i < depth; ++i)
                f(static_cast<std::size_t>(((n * conv.in_height + iy) * conv.in_width + ix) * conv.in_channels +
                                           c / filters * depth + i),
                  static_cast<std::size_t>(((c * conv.kernel_size.height + ky) * conv.kernel_size.width + kx) * depth +
                                           i),
                  static_cast<std::size_t>(((n * conv.out_height + oy) * conv.out_width + ox) * conv.out_channels + c));
            }
}

void check(const FloatConv2d& conv, std::mt19937& random, bool with_bias = true) {
  const auto pair = [](quench::Pair p) { return std::to_string(p.height) + "x" + std::to_string(p.width); };
  const std::string shape = std::to_string(conv.samples) + " samples " + pair({conv.in_height, conv.in_width}) + "x" +
                            std::to_string(conv.in_channels) + " to " + pair({conv.out_height, conv.out_width}) + "x" +
                            std::to_string(conv.out_channels) + " kernel " + pair(conv.kernel_size) + " stride " +
                            pair(conv.stride) + " padding " + pair(conv.padding) + " dilation " + pair(conv.dilation) +
                            " groups " + std::to_string(conv.groups);
  CAPTURE(shape);
  const Tensors tensors(random, conv);
  std::vector<Sum> y(tensors.y.size()), gx(tensors.gx.size()), gw(tensors.gw.size()), gb(tensors.gb.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t c = i % tensors.bias.size();
    if (with_bias) y[i].add(tensors.bias[c]);
    if (with_bias) gb[c].add(tensors.gy[i]);
  }
  for (std::size_t i = 0; i < gx.size(); ++i) gx[i].add(tensors.gx[i]);
  for (std::size_t i = 0; i < gw.size(); ++i) gw[i].add(tensors.gw[i]);
  for (std::size_t i = 0; i < gb.size(); ++i) gb[i].add(tensors.gb[i]);
  for_each_product(conv, [&](std::size_t in, std::size_t weight, std::size_t out) {
    y[out].add(tensors.x[in], tensors.w[weight]);
    gx[in].add(tensors.gy[out], tensors.w[weight]);
    gw[weight].add(tensors.x[in], tensors.gy[out]);
  });
  for (const host::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    Tensors found = tensors;
    found.compute(conv, isa, with_bias);
    CHECK(float_cases::faults(y, found.y.data()) == 0);
    CHECK(float_cases::faults(gx, found.gx.data()) == 0);
    CHECK(float_cases::faults(gw, found.gw.data()) == 0);
    CHECK(float_cases::faults(gb, found.gb.data()) == 0);
  }
}

FloatConv2d convolution(int samples, int height, int width, int in_channels, int out_channels, quench::Pair kernel,
                        quench::Pair stride = 1, quench::Pair padding = 0, quench::Pair dilation = 1, int groups = 1) {
  const auto out = [](int in, int k, int s, int p, int d) { return (in + 2 * p - (k - 1) * d - 1) / s + 1; };
  FloatConv2d conv;
  conv.samples = samples;
  conv.in_height = height;
  conv.in_width = width;
  conv.in_channels = in_channels;
  conv.out_channels = out_channels;
  conv.kernel_size = kernel;
  conv.stride = stride;
  conv.padding = padding;
  conv.dilation = dilation;
  conv.groups = groups;
  conv.out_height = out(height, kernel.height, stride.height, padding.height, dilation.height);
  conv.out_width = out(width, kernel.width, stride.width, padding.width, dilation.width);
  return conv;
}

}  // namespace

TEST_CASE("float convolutions of random settings, and their gradients, are those of double") {
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto from_to = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int done = 0; done < 150;) {
    const int kind = from_to(0, 3);  // depthwise, groups, or plain
    const int groups = kind == 0 ? from_to(2, 40) : kind == 1 ? from_to(2, 5) : 1;
    const int in_channels = kind == 0 ? groups : groups * from_to(1, kind == 1 ? 6 : 20);
    const int out_channels = kind == 0 ? groups * from_to(1, 2) : groups * from_to(1, kind == 1 ? 6 : 40);
    FloatConv2d conv = convolution(from_to(1, 3), from_to(1, 13), from_to(1, 13), in_channels, out_channels,
                                   {from_to(1, 4), from_to(1, 4)}, {from_to(1, 4), from_to(1, 4)},
                                   {from_to(0, 4), from_to(0, 4)}, {from_to(1, 3), from_to(1, 3)}, groups);
    const auto fits = [](int in, int k, int p, int d) { return in + 2 * p >= (k - 1) * d + 1; };
    if (!fits(conv.in_height, conv.kernel_size.height, conv.padding.height, conv.dilation.height) ||
        !fits(conv.in_width, conv.kernel_size.width, conv.padding.width, conv.dilation.width))
      continue;
    if (done % 4 == 0) conv.out_height = from_to(1, conv.out_height);
    if (done % 4 == 0) conv.out_width = from_to(1, conv.out_width);
    if (done % 4 == 1) conv.out_height += from_to(0, 3);  // more padding at the end
    if (done % 4 == 1) conv.out_width += from_to(0, 3);
    check(conv, random, done % 3 != 0);
    ++done;
  }
}

TEST_CASE("float convolutions of usual layers, and their gradients, are those of double") {
  std::mt19937 random(1);
  check(convolution(3, 28, 28, 1, 16, 3, 1, 1), random);
  check(convolution(3, 28, 28, 16, 32, 3, 2, 1), random);
  check(convolution(2, 14, 14, 32, 32, 3, 1, 1), random);
  check(convolution(9, 7, 7, 16, 48, 3, 1, 1), random);
  check(convolution(2, 15, 17, 3, 10, 5, 2, 2), random);
  check(convolution(1, 14, 14, 64, 80, 1), random);
  check(convolution(2, 9, 9, 33, 17, 1, 2), random);
  check(convolution(2, 14, 14, 96, 96, 3, 1, 1, 1, 96), random);
  check(convolution(2, 15, 15, 32, 32, 3, 2, 1, 1, 32), random);
  check(convolution(1, 8, 8, 64, 64, 3, 1, 1, 1, 16), random);
}

TEST_CASE("float convolutions of images larger than a cache are cut into rows") {
  std::mt19937 random(1);
  check(convolution(2, 67, 71, 17, 5, 3, 1, 1), random);
  check(convolution(1, 90, 91, 16, 3, 3, 3, 2), random);
  check(convolution(1, 80, 80, 20, 20, 3, 2, 1, 1, 20), random);
  check(convolution(1, 5, 40000, 1, 2, 3, 2, 1), random);
}

TEST_CASE("a float convolution of no samples does nothing") {
  const FloatConv2d conv = convolution(0, 5, 5, 3, 4, 3);
  std::vector<float> w(108, 1.0f), gw(108, 7.0f), gb(4, 7.0f);
  host::float_conv2d(conv, nullptr, w.data(), nullptr, nullptr);
  host::float_conv2d_input_gradient(conv, nullptr, w.data(), nullptr);
  host::float_conv2d_weight_gradient(conv, nullptr, nullptr, gw.data(), gb.data());
  CHECK(gw == std::vector<float>(108, 7.0f));
  CHECK(gb == std::vector<float>(4, 7.0f));
}

TEST_CASE("inputs that no window reads have no gradient, and windows of padding alone give the bias") {
  std::mt19937 random(1);
  check(convolution(2, 6, 7, 5, 6, 1, 3), random);     // gaps
  check(convolution(2, 3, 3, 5, 6, 1, 1, 4), random);  // more padding than image
  check(convolution(2, 3, 3, 5, 6, {2, 3}, 5, 6), random);
  check(convolution(2, 4, 4, 7, 7, 2, 3, 3, 2, 7), random);
  FloatConv2d conv = convolution(1, 9, 9, 4, 4, 3, 1, 1);
  conv.out_height = 2;
  check(conv, random);
}

TEST_CASE("float convolutions have the same bits wherever their tensors stand") {
  std::mt19937 random(1);
  for (const FloatConv2d& conv : {convolution(2, 9, 9, 16, 32, 3, 2, 1), convolution(3, 8, 8, 32, 16, 1),
                                  convolution(2, 9, 9, 32, 32, 3, 1, 0, 1, 32), convolution(2, 9, 9, 3, 10, 3, 1, 1)})
    for (const host::Isa isa : isas()) {
      const Tensors tensors(random, conv);
      Tensors expected = tensors;
      expected.compute(conv, isa, true);
      for (const std::ptrdiff_t shift : {1, 3, 5, 8, 15}) {
        const auto shifted = [&](std::vector<float> values) {
          values.insert(values.begin(), static_cast<std::size_t>(shift), 0.0f);
          return values;
        };
        const auto x = shifted(tensors.x), w = shifted(tensors.w), bias = shifted(tensors.bias),
                   gy = shifted(tensors.gy);
        auto y = shifted(tensors.y), gx = shifted(tensors.gx), gw = shifted(tensors.gw), gb = shifted(tensors.gb);
        host::float_conv2d(conv, x.data() + shift, w.data() + shift, bias.data() + shift, y.data() + shift, isa);
        host::float_conv2d_input_gradient(conv, gy.data() + shift, w.data() + shift, gx.data() + shift, isa);
        host::float_conv2d_weight_gradient(conv, x.data() + shift, gy.data() + shift, gw.data() + shift,
                                           gb.data() + shift, isa);
        const auto same = [&](const std::vector<float>& found, const std::vector<float>& values) {
          return std::equal(found.begin() + shift, found.end(), values.begin(), values.end());
        };
        CHECK(same(y, expected.y));
        CHECK(same(gx, expected.gx));
        CHECK(same(gw, expected.gw));
        CHECK(same(gb, expected.gb));
      }
    }
}

TEST_CASE("NaN reaches the windows that it stands in, and no other") {
  std::mt19937 random(1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [conv, at] :
       {std::pair{convolution(2, 9, 9, 5, 7, 3, 1, 1), 40}, {convolution(2, 9, 9, 6, 6, 3, 1, 1, 1, 6), 40}}) {
    const auto is_near = [&, pixel = at](std::size_t i, int channels) {
      const int other = static_cast<int>(i) / channels;
      return std::abs(other / 9 - pixel / 9) <= 1 && std::abs(other % 9 - pixel % 9) <= 1;
    };
    const bool depthwise = conv.groups > 1;
    for (const host::Isa isa : isas()) {
      Tensors tensors(random, conv);
      tensors.x[static_cast<std::size_t>(at * conv.in_channels + 2)] = nan;
      tensors.gy[static_cast<std::size_t>(at * conv.out_channels + 2)] = nan;
      tensors.compute(conv, isa, true);
      for (std::size_t i = 0; i < tensors.y.size(); ++i)
        CHECK(std::isnan(tensors.y[i]) == (is_near(i, conv.out_channels) && (!depthwise || i % 6 == 2)));
      for (std::size_t i = 0; i < tensors.gx.size(); ++i)
        CHECK(std::isnan(tensors.gx[i]) == (is_near(i, conv.in_channels) && (!depthwise || i % 6 == 2)));
      for (std::size_t i = 0; i < tensors.gb.size(); ++i) CHECK(std::isnan(tensors.gb[i]) == (i == 2));
    }
  }
}
