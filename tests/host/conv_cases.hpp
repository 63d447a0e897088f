// SPDX-License-Identifier: Apache-2.0
// Random codes, convolutions and records whose sums cannot overflow; and packed layers against what defines them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <quench/kernels/conv2d.hpp>

#include "kernels/definitions.hpp"

namespace conv_cases {

using quench::kernels::Convolution;

constexpr unsigned seed = 20261124;

struct Random {
  std::mt19937 engine{seed};
  int between(int low, int high) { return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1)); }
  bool one_in(int n) { return between(1, n) == 1; }

  /// Any codes, or only the least and the greatest.
  template <class T>
  std::vector<T> codes(int count) {
    constexpr int least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    std::vector<T> result(static_cast<std::size_t>(count));
    const int choice = between(0, 4);
    for (T& code : result)
      code = static_cast<T>(choice == 0   ? least
                            : choice == 1 ? (between(0, 1) == 0 ? least : most)
                                          : between(least, most));
    return result;
  }
};

/// The least h that leaves room for so many products.
template <class X>
int shift_for(int depth) {
  if (sizeof(X) == 1) return 0;
  int shift = 0;
  while ((std::int64_t{depth} * 128 << (15 - shift)) + 100'000'000 > INT32_MAX) ++shift;
  return shift;
}

/// Records of many sizes, biases of any sign, or none, and in half of the cases a clamp.
struct Output {
  std::vector<std::int32_t> bias;
  std::vector<quench::Requantization> records;
  quench::kernels::OutputChannels channels;

  /// `largest`: what sums of products cannot leave.
  Output(Random& random, int count, std::int64_t largest) {
    const bool is_full = random.one_in(8);           // no room for the half of the first shift
    const int shortest = random.one_in(2) ? 17 : 0;  // of the second shift: narrow arithmetic, or not
    const int room = static_cast<int>(INT32_MAX - largest),
              usual = std::min(room, random.one_in(2) ? 100'000 : 100'000'000);
    for (int c = 0; c < count; ++c) {
      bias.push_back(is_full ? room - random.between(0, 9) : random.between(-usual, usual));
      const int pre = is_full ? random.between(16, 31) : random.one_in(2) ? 0 : random.between(0, 16);
      const int post = random.one_in(4) ? random.between(shortest, 31) : random.between(std::max(shortest, 12), 20);
      records.push_back({static_cast<std::int16_t>(random.between(16384, 32767)), static_cast<std::uint8_t>(pre),
                         static_cast<std::uint8_t>(post)});
    }
    channels.bias = random.one_in(3) ? nullptr : bias.data();
    channels.requantization = records.data();
    if (random.one_in(2)) channels.low = 0;
    if (random.one_in(2)) channels.high = random.between(0, 100);
  }
};

/// Biases, and records whose sums have room for the half of the first shift. The second shift is `least_post` at least.
struct Records {
  std::vector<std::int32_t> bias;
  std::vector<quench::Requantization> records;

  Records(Random& random, int count, int least_post) {
    for (int c = 0; c < count; ++c) {
      bias.push_back(random.between(-1'000'000, 1'000'000));
      records.push_back(
          {static_cast<std::int16_t>(random.between(16384, 32767)), static_cast<std::uint8_t>(random.between(0, 9)),
           static_cast<std::uint8_t>(random.one_in(2) ? random.between(17, 24) : random.between(least_post, 24))});
    }
  }

  quench::kernels::OutputChannels channels() const { return {bias.data(), records.data()}; }

  /// The int8 code of a sum that has its bias.
  std::int8_t code(std::int64_t sum, int channel, int low, int high) const {
    const quench::Requantization& record = records[static_cast<std::size_t>(channel)];
    return static_cast<std::int8_t>(std::clamp<std::int64_t>(definitions::requantized(sum, record, 8), low, high));
  }
};

/// Dense: in up to three groups. Spread: few channels in many groups. Depthwise: one channel in each.
enum class Groups { Dense, Spread, Depthwise };

/// Window, groups and channels; the shapes have no extents yet.
inline Convolution random_layer(Random& random, Groups kind) {
  const bool is_depthwise = kind == Groups::Depthwise;
  const int many = random.one_in(4) ? 140 : 9;
  const int groups = kind == Groups::Dense ? random.between(1, 3) : random.between(2, many);
  const auto channels = [&] {
    return groups * (kind == Groups::Dense ? random.between(1, many) : random.between(1, 5));
  };
  Convolution conv;
  conv.groups = groups;
  conv.x = quench::Shape(1, 1, is_depthwise ? groups : channels());
  conv.y = quench::Shape(1, 1, is_depthwise ? groups * (random.one_in(5) ? 2 : 1) : channels());
  if (random.one_in(4)) return conv;
  const int longest = random.one_in(8) ? 7 : 4;
  conv.window.kernel_size = {random.between(1, longest), random.between(1, longest)};
  conv.window.stride = {random.between(1, 4), random.between(1, 4)};
  conv.window.padding = {random.between(0, longest - 1), random.between(0, longest - 1)};
  conv.window.dilation = {random.between(1, 3), random.between(1, 3)};
  return conv;
}

/// The same with extents: perhaps fewer output rows and columns than the window has room for, or more, whose windows
/// meet further padding at the end.
inline Convolution random_conv(Random& random, Groups kind) {
  Convolution conv = random_layer(random, kind);
  const quench::kernels::Window& window = conv.window;
  const auto extents = [&](int kernel, int stride, int padding, int dilation) {
    const int reach = (kernel - 1) * dilation + 1;
    const int extent = std::max(reach - 2 * padding, 1) + random.between(0, 9) * random.between(0, 2);
    return quench::Pair(extent, (extent + 2 * padding - reach) / stride + 1);
  };
  const quench::Pair rows =
      extents(window.kernel_size.height, window.stride.height, window.padding.height, window.dilation.height);
  const quench::Pair columns =
      extents(window.kernel_size.width, window.stride.width, window.padding.width, window.dilation.width);
  conv.x = quench::Shape(rows.height, columns.height, conv.x[2]);
  const auto changed = [&](int extent) {
    return random.one_in(4) ? extent + random.between(1, 3) : extent - (extent > 1 && random.one_in(4) ? 1 : 0);
  };
  const int height = changed(rows.width), width = changed(columns.width);
  conv.y = quench::Shape(height, width, conv.y[2]);
  return conv;
}

/// A depthwise convolution of 3 x 3, of any stride and dilation.
inline Convolution random_depthwise_3x3(Random& random) {
  const int stride = random.between(1, 4), padding = random.between(0, 2), dilation = random.between(0, 4) / 4 + 1;
  const int channels = random.between(2, 140), extent = 2 * dilation + random.between(1, 19);
  const int out = (extent + 2 * padding - 2 * dilation - 1) / stride + 1 + random.between(0, 2) / 2;
  return {quench::Shape(extent, extent, channels),
          quench::Shape(out, out, channels),
          {.kernel_size = 3, .stride = stride, .padding = padding, .dilation = dilation},
          channels};
}

/// The products of a sum.
inline int depth_of(const Convolution& conv) {
  return conv.window.kernel_size.height * conv.window.kernel_size.width * (conv.x[2] / conv.groups);
}

/// Compares a packed layer with the kernel that defines it, at each level of the CPU: whole, in parts, and its sums.
/// `define(x, weight, y, conv, output)` runs the kernel.
template <class Packed, class X, class Y, class Levels, class Define>
void compare(Random& random, Convolution conv, const Levels& levels, const Define& define, int least_samples = 0) {
  const int samples = random.between(least_samples, 3), depth = depth_of(conv);
  conv.x_shift = shift_for<X>(depth) + (sizeof(X) == 2 && random.one_in(3) ? 1 : 0);
  const auto x = random.codes<X>(samples * conv.x.elements());
  const auto first = random.codes<std::int8_t>(conv.y[2] * depth),
             second = random.codes<std::int8_t>(conv.y[2] * depth);
  const auto largest = std::int64_t{depth} * 128 << (8 * static_cast<int>(sizeof(X)) - 1 - conv.x_shift);
  const Output other(random, conv.y[2], largest), output(random, conv.y[2], largest);
  const auto defined = [&]<class T>(T, const quench::kernels::OutputChannels& channels) {
    std::vector<T> y(static_cast<std::size_t>(samples * conv.y.elements()));
    for (int n = 0; n < samples; ++n)
      define(x.data() + n * conv.x.elements(), second.data(), y.data() + n * conv.y.elements(), conv, channels);
    return y;
  };
  quench::kernels::OutputChannels unclamped = output.channels;
  unclamped.low = INT32_MIN;
  unclamped.high = INT32_MAX;
  const std::vector<Y> expected = defined(Y{}, output.channels);
  const std::vector<std::int32_t> expected_sums = defined(std::int32_t{}, unclamped);
  for (const auto level : levels) {
    CAPTURE(level);
    Packed packed(conv, first.data(), other.channels, level);
    packed.repack(second.data(), output.channels);
    std::vector<Y> given(expected.size(), Y{99});
    packed.run(samples, x.data(), given.data());
    REQUIRE(given == expected);
    given.assign(expected.size(), Y{99});
    const int parts = random.between(1, 7);
    for (int part = 0; part < parts; ++part) packed.run_part(samples, part, parts, x.data(), given.data());
    REQUIRE(given == expected);
    std::vector<std::int32_t> sums(expected.size(), 99);
    packed.run_sums(samples, x.data(), sums.data());
    REQUIRE(sums == expected_sums);
  }
}

/// A tap of a window: its place in the window, and that of its pixel in the input, which may lie outside.
struct Tap {
  int oy, ox, ky, kx, iy, ix;
  bool is_inside;
};

/// Calls visit(tap) for each tap of the windows of output rows [first, first + count); tap.oy counts from `first`.
template <class Visit>
void for_each_tap(const quench::kernels::Convolution& conv, int first, int count, const Visit& visit) {
  const auto [kernel, stride, padding, dilation] = conv.window;
  for (int oy = 0; oy < count; ++oy)
    for (int ox = 0; ox < conv.y[1]; ++ox)
      for (int ky = 0; ky < kernel.height; ++ky)
        for (int kx = 0; kx < kernel.width; ++kx) {
          const int iy = (first + oy) * stride.height - padding.height + ky * dilation.height;
          const int ix = ox * stride.width - padding.width + kx * dilation.width;
          visit(Tap{oy, ox, ky, kx, iy, ix, iy >= 0 && iy < conv.x[0] && ix >= 0 && ix < conv.x[1]});
        }
}

}  // namespace conv_cases
