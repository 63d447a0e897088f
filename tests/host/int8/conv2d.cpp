// SPDX-License-Identifier: Apache-2.0
// Packed convolutions and linear layers equal the kernels bit for bit, over random settings.
#include <quench/host/int8/linear.hpp>

#include <doctest/doctest.h>

#include <random>

namespace q = quench;
namespace h = quench::host;

namespace {

constexpr unsigned seed = 20261124;

struct Random {
  std::mt19937 engine{seed};
  int between(int low, int high) { return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1)); }
  std::vector<std::int8_t> codes(int count) {
    std::vector<std::int8_t> result(static_cast<std::size_t>(count));
    const bool extreme = between(0, 4) == 0;
    for (auto& code : result) code = static_cast<std::int8_t>(extreme ? between(0, 1) * 255 - 128 : between(-128, 127));
    return result;
  }
};

q::kernels::Convolution random_conv(Random& random) {
  const bool depthwise = random.between(0, 3) == 0;
  const int many = random.between(0, 3) == 0 ? 140 : 12;
  const int groups = depthwise ? random.between(2, many) : random.between(1, 3);
  const int channels = groups * (depthwise ? 1 : random.between(1, many));
  const int filters = groups * (depthwise ? (random.between(0, 4) == 0 ? 2 : 1) : random.between(1, many));
  q::kernels::Window window;
  window.kernel_size = {random.between(1, 4), random.between(1, 4)};
  window.stride = {random.between(1, 3), random.between(1, 3)};
  window.padding = {random.between(0, 3), random.between(0, 3)};
  window.dilation = {random.between(1, 2), random.between(1, 2)};
  const auto least = [](int k, int p, int d) { return std::max((k - 1) * d + 1 - 2 * p, 1); };
  const int height =
      least(window.kernel_size.height, window.padding.height, window.dilation.height) + random.between(0, 9);
  const int width =
      least(window.kernel_size.width, window.padding.width, window.dilation.width) + random.between(0, 17);
  const auto output = [](int extent, int k, int s, int p, int d) { return (extent + 2 * p - d * (k - 1) - 1) / s + 1; };
  int out_height =
      output(height, window.kernel_size.height, window.stride.height, window.padding.height, window.dilation.height);
  const int out_width =
      output(width, window.kernel_size.width, window.stride.width, window.padding.width, window.dilation.width);
  if (random.between(0, 4) == 0 && out_height > 1) --out_height;
  return {q::Shape(height, width, channels), q::Shape(out_height, out_width, filters), window, groups};
}

// Records of many sizes, biases of any sign, and in half of the cases a clamp.
struct Output {
  std::vector<std::int32_t> bias;
  std::vector<q::Requantization> records;
  q::kernels::OutputChannels channels;

  /// `depth`: products in a sum.
  Output(Random& random, int count, int depth) {
    const int shortest = random.between(0, 1) == 0 ? 17 : 0;  // of the second shift: narrow arithmetic, or not
    const bool is_full = random.between(0, 7) == 0;           // no room for the half of the first shift
    const int largest = INT32_MAX - depth * 128 * 128;        // what a sum cannot leave
    for (int c = 0; c < count; ++c) {
      bias.push_back(is_full ? largest - random.between(0, 9) : random.between(-100000, 100000));
      records.push_back(
          {static_cast<std::int16_t>(random.between(16384, 32767)),
           static_cast<std::uint8_t>(is_full ? random.between(16, 31) : random.between(0, 12) * random.between(0, 1)),
           static_cast<std::uint8_t>(random.between(0, 3) == 0 ? random.between(shortest, 31)
                                                               : random.between(std::max(shortest, 12), 20))});
    }
    channels.bias = random.between(0, 2) == 0 ? nullptr : bias.data();
    channels.requantization = records.data();
    if (random.between(0, 1) == 0) channels.low = 0;
    if (random.between(0, 1) == 0) channels.high = random.between(0, 100);
  }
};

template <class Y>
void compare(Random& random, const q::kernels::Convolution& conv) {
  const int samples = random.between(0, 3), taps = conv.window.kernel_size.height * conv.window.kernel_size.width;
  const auto x = random.codes(samples * conv.x.elements());
  const auto first = random.codes(conv.y[2] * taps * (conv.x[2] / conv.groups));
  const auto second = random.codes(static_cast<int>(first.size()));
  const Output output(random, conv.y[2], taps * (conv.x[2] / conv.groups));
  std::vector<Y> expected(static_cast<std::size_t>(samples * conv.y.elements())), given(expected.size());
  for (int n = 0; n < samples; ++n)
    q::kernels::conv2d(x.data() + n * conv.x.elements(), second.data(), expected.data() + n * conv.y.elements(), conv,
                       output.channels);
  for (const h::Int8Level level : h::int8_levels()) {
    CAPTURE(level);
    std::fill(given.begin(), given.end(), Y{99});
    h::PackedConv2d packed(conv, first.data(), output.channels, level);
    packed.repack(second.data(), output.channels);
    packed.run(samples, x.data(), given.data());
    REQUIRE(given == expected);
    if (!packed.has_parts()) continue;
    const int parts = random.between(2, 4);
    std::fill(given.begin(), given.end(), Y{99});
    for (int part = 0; part < parts; ++part) packed.run_part(samples, part, parts, x.data(), given.data());
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("packed convolutions equal the kernel, with and without what the CPU has") {
  CAPTURE(seed);
  Random random;
  for (int draw = 0; draw < 600; ++draw) {
    CAPTURE(draw);
    const q::kernels::Convolution conv = random_conv(random);
    compare<std::int8_t>(random, conv);
    compare<std::int16_t>(random, conv);
    compare<std::int32_t>(random, conv);
  }
}

TEST_CASE("packed linear layers equal the kernel") {
  CAPTURE(seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    const q::kernels::LinearLayer layer{random.between(1, 9), random.between(1, 300), random.between(1, 70)};
    const int samples = random.between(0, 4);
    const auto x = random.codes(samples * layer.rows * layer.in_features);
    const auto weight = random.codes(layer.in_features * layer.out_features);
    const Output output(random, layer.out_features, layer.in_features);
    std::vector<std::int8_t> expected(static_cast<std::size_t>(samples * layer.rows * layer.out_features)),
        given(expected.size());
    q::kernels::LinearLayer all = layer;
    all.rows *= samples;
    q::kernels::linear(x.data(), weight.data(), expected.data(), all, output.channels);
    for (const h::Int8Level level : h::int8_levels()) {
      CAPTURE(level);
      std::fill(given.begin(), given.end(), std::int8_t{99});
      h::PackedLinear(layer, weight.data(), output.channels, level).run(samples, x.data(), given.data());
      REQUIRE(given == expected);
    }
  }
}

TEST_CASE("packed linear layers of few rows and channels equal the kernel") {
  CAPTURE(seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    const int rows = random.between(1, 5), depth = draw < 20 ? 64 * random.between(1, 5) : random.between(120, 330);
    const q::kernels::Convolution conv{q::Shape(1, rows, depth), q::Shape(1, rows, random.between(1, 17)), {}};
    compare<std::int8_t>(random, conv);
    compare<std::int16_t>(random, conv);
    compare<std::int32_t>(random, conv);
  }
}

TEST_CASE("packed depthwise convolutions of 3 x 3 equal the kernel at each stride and dilation") {
  CAPTURE(seed);
  Random random;
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    const int stride = random.between(1, 4), padding = random.between(0, 2), dilation = random.between(0, 4) / 4 + 1;
    const int channels = random.between(2, 140), extent = 2 * dilation + random.between(1, 19);
    const int out = (extent + 2 * padding - 2 * dilation - 1) / stride + 1;
    const q::kernels::Convolution conv{q::Shape(extent, extent, channels),
                                       q::Shape(out, out, channels),
                                       {.kernel_size = 3, .stride = stride, .padding = padding, .dilation = dilation},
                                       channels};
    compare<std::int8_t>(random, conv);
    compare<std::int16_t>(random, conv);
    compare<std::int32_t>(random, conv);
  }
}
