// SPDX-License-Identifier: Apache-2.0
// Random depthwise convolutions, packed for the kernels of a level, and their sums one product at a time.
#pragma once

#include <quench/host/int8/depthwise.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "host/conv_cases.hpp"
#include "host/int8/levels.hpp"

namespace depthwise_cases {

namespace h = quench::host;
using conv_cases::Random;

class Case {
 public:
  Case(Random& random, const quench::kernels::Convolution& of, h::Int8Level level)
      : conv_(of),
        channels_(of.x[2]),
        is_avx512_(h::is_avx512(level)),
        x_(random.codes<std::int8_t>(of.x.elements())),
        weight_(random.codes<std::int8_t>(channels_ * taps_)),
        output_(random, channels_, is_avx512_ ? 17 : 0),
        zeros_(at(of.x[1] * channels_)) {
    pack(h::raise_of(level));
    for (int i = 0; i < of.y.elements(); ++i) sums_.push_back(output_.bias[at(i % channels_)]);
    conv_cases::for_each_tap(conv_, 0, of.y[0], [&](const conv_cases::Tap& tap) {
      for (int c = 0; tap.is_inside && c < channels_; ++c)
        sums_[at((tap.oy * of.y[1] + tap.ox) * channels_ + c)] +=
            x_[at((tap.iy * of.x[1] + tap.ix) * channels_ + c)] *
            weight_[at(c * taps_ + tap.ky * of.window.kernel_size.width + tap.kx)];
    });
  }

  /// Requires sums or codes of some rows, and nothing written after them.
  template <class Y, class Run>
  void check(Random& random, const Run& run) const {
    const int begin = random.between(0, conv_.y[0] - 1), end = random.between(begin + 1, conv_.y[0]);
    const int low = random.between(-128, 0), high = random.between(0, 127), row = conv_.y[1] * channels_;
    std::vector<Y> expected;
    for (int i = begin * row; i < end * row; ++i)
      if constexpr (std::is_same_v<Y, std::int32_t>)
        expected.push_back(static_cast<Y>(sums_[at(i)]));
      else
        expected.push_back(output_.code(sums_[at(i)], i % channels_, low, high));
    expected.insert(expected.end(), 80, Y{77});
    std::vector<Y> given(expected.size(), Y{77});
    h::DepthwiseTaps taps;
    taps.start(conv_, {begin, end}, x_.data(), zeros_.data(), by_columns_);
    run(h::Int8Depthwise{channels_, taps_, packed_.data(), &epilogue_, low, high}, taps, given.data());
    REQUIRE(given == expected);
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// The channel of a lane; -1 if it has none. On AVX-512 the last channels are there again for each further pixel.
  int channel_of(int lane) const {
    const int first = (channels_ - 1) / 64 * 64, last = channels_ - first;
    if (lane < first) return lane;
    const int channel = (lane - first) % (is_avx512_ ? 64 / h::depthwise_pixels(last) : 64);
    return channel < last ? first + channel : -1;
  }

  void pack(int offset) {
    const int quads = (taps_ + 3) / 4, stride = (channels_ + 63) / 64 * 64;
    std::vector<int> places;
    std::vector<std::int32_t> bias;
    std::vector<quench::Requantization> records;
    std::vector<std::int8_t> weight;
    packed_.assign(at(4 * quads * stride), 0);
    for (int lane = 0; lane < stride; ++lane) {
      const int c = channel_of(lane), place = h::depthwise_place(lane);
      if (c < 0) continue;
      places.push_back(place);
      bias.push_back(output_.bias[at(c)]);
      records.push_back(output_.records[at(c)]);
      for (int i = 0; i < taps_; ++i) {
        const int tap = by_columns_ ? i % 3 * 4 + i / 3 : i;
        weight.push_back(weight_[at(c * taps_ + i)]);
        packed_[at(((place / 64 * quads + tap / 4) * 64 + place % 64) * 4 + tap % 4)] = weight.back();
      }
    }
    epilogue_.set({bias.data(), records.data()}, weight.data(), taps_, offset, places, stride, 1);
  }

  quench::kernels::Convolution conv_;
  int channels_, taps_ = conv_.window.kernel_size.height * conv_.window.kernel_size.width;
  bool is_avx512_, by_columns_ = is_avx512_ && conv_.window.kernel_size == 3;
  std::vector<std::int8_t> x_, weight_;
  conv_cases::Records output_;
  h::AlignedVector<std::int8_t> zeros_, packed_;
  h::Epilogue epilogue_;
  std::vector<std::int64_t> sums_;
};

/// Requires that `run(layer, taps, y)` computes depthwise convolutions, if this CPU has the level.
template <class Run>
void check(h::Int8Level level, const Run& run) {
  if (!levels::has(level)) return;
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    auto conv = random.one_in(2) ? conv_cases::random_depthwise_3x3(random)
                                 : conv_cases::random_conv(random, conv_cases::Groups::Depthwise);
    conv.y[2] = conv.x[2];
    const Case of(random, conv, level);
    of.check<std::int32_t>(random, run);
    of.check<std::int8_t>(random, run);
  }
}

}  // namespace depthwise_cases
