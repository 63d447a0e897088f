// SPDX-License-Identifier: Apache-2.0
// Random codes, convolutions and records whose sums cannot overflow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <quench/kernels/conv2d.hpp>

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

  Output(Random& random, int count) {
    for (int c = 0; c < count; ++c) {
      bias.push_back(random.between(-100'000'000, 100'000'000));
      const int pre = random.one_in(4) ? 0 : random.between(1, 16),
                post = random.between(random.one_in(4) ? 0 : 14, 20);
      records.push_back({static_cast<std::int16_t>(random.between(16384, 32767)), static_cast<std::uint8_t>(pre),
                         static_cast<std::uint8_t>(post)});
    }
    channels.bias = random.one_in(3) ? nullptr : bias.data();
    channels.requantization = records.data();
    if (random.one_in(2)) channels.low = 0;
    if (random.one_in(2)) channels.high = random.between(0, 100);
  }
};

/// Window, groups and channels; the shapes have no extents yet. `is_spread`: few channels in many groups.
inline Convolution random_layer(Random& random, bool is_spread) {
  const int many = random.one_in(4) ? 80 : 9, groups = is_spread ? random.between(2, many) : random.between(1, 3);
  const auto channels = [&] { return groups * (is_spread ? random.between(1, 5) : random.between(1, many)); };
  Convolution conv;
  conv.groups = groups;
  conv.x = quench::Shape(1, 1, channels());
  conv.y = quench::Shape(1, 1, channels());
  if (random.one_in(4)) return conv;
  conv.window.kernel_size = {random.between(1, 4), random.between(1, 4)};
  conv.window.stride = {random.between(1, 4), random.between(1, 4)};
  conv.window.padding = {random.between(0, 3), random.between(0, 3)};
  conv.window.dilation = {random.between(1, 3), random.between(1, 3)};
  return conv;
}

/// The products of a sum.
inline int depth_of(const Convolution& conv) {
  return conv.window.kernel_size.height * conv.window.kernel_size.width * (conv.x[2] / conv.groups);
}

}  // namespace conv_cases
