// SPDX-License-Identifier: Apache-2.0
// A factor and an offset for each channel: what kernels/channel_affine.hpp defines, equal bit for bit.
//
// Sums of some rows, which stay in the cache, are requantized at once. Rows of few channels count as one row.
#pragma once

#include <algorithm>
#include <vector>

#include <quench/host/integer/requantize_channels.hpp>
#include <quench/host/scratch.hpp>
#include <quench/kernels/channel_affine.hpp>

namespace quench::host {

namespace detail {

struct AffineLoop {
  template <class X>
  [[gnu::always_inline]] static void run(const X* x, std::int32_t* y, std::size_t rows, std::size_t channels,
                                         const std::int32_t* weight, const std::int32_t* bias) {
    const std::int32_t* __restrict w = weight;
    const std::int32_t* __restrict first = bias;
    for (std::size_t row = 0; row < rows; ++row) {
      const X* __restrict from = x + row * channels;
      std::int32_t* __restrict to = y + row * channels;
      for (std::size_t c = 0; c < channels; ++c) to[c] = from[c] * w[c] + first[c];
    }
  }
};

}  // namespace detail

/// A ChannelAffine whose constants are laid out for vectors.
class PackedChannelAffine {
 public:
  /// `rows`: of a sample.
  PackedChannelAffine(int rows, int channels, const std::int8_t* weight, const kernels::OutputChannels& output,
                      Int8Level level = best_int8_level())
      : rows_(at(rows)), channels_(at(channels)), level_(level) {
    repack(weight, output);
  }

  /// Replaces the constants.
  void repack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    const std::size_t repeats = (64 + channels_ - 1) / channels_;
    weight_.clear();
    bias_.clear();
    std::vector<Requantization> records;
    for (std::size_t i = 0; i < repeats * channels_; ++i) {
      const std::size_t c = i % channels_;
      weight_.push_back(weight[c]);
      bias_.push_back(output.bias != nullptr ? output.bias[c] : 0);
      if (output.requantization != nullptr) records.push_back(output.requantization[c]);
    }
    records_ = RecordArrays(records.data(), static_cast<int>(records.size()));
    low_ = output.low;
    high_ = output.high;
  }

  /// kernels::channel_affine of the rows of `samples` samples.
  template <class X, class Y>
  void run(int samples, const X* x, Y* y) const {
    const std::size_t width = weight_.size(), count = at(samples) * rows_ * channels_, most = (4096 + width) / width;
    for (std::size_t first = 0; first < count; first += most * width) {
      const std::size_t rows = std::min(most, (count - first) / width), left = std::min(most * width, count - first);
      if constexpr (std::is_same_v<Y, std::int32_t>) {
        sum(x + first, y + first, rows, left);
        for (std::size_t i = first; i < first + left; ++i) y[i] = std::clamp(y[i], low_, high_);
      } else {
        auto* const sums = detail::scratch<detail::Scratch::Accumulators, std::int32_t>((rows + 1) * width);
        sum(x + first, sums, rows, left);
        // What is left of a row is a row of which only the beginning is kept.
        requantize_channels(sums, y + first, rows, records_, low_, high_, level_);
        if (left > rows * width) {
          auto* const codes = detail::scratch<detail::Scratch::Pixels, Y>(width);
          std::fill(sums + left, sums + (rows + 1) * width, 0);
          requantize_channels(sums + rows * width, codes, 1, records_, low_, high_, level_);
          std::copy_n(codes, left - rows * width, y + first + rows * width);
        }
      }
    }
  }
  template <class X, class Y>
  void run_part(int samples, int part, int, const X* x, Y* y) const {
    if (part == 0) run(samples, x, y);
  }
  int parts() const { return 1; }
  /// The accumulators, including the bias, unclamped.
  template <class X>
  void run_sums(int samples, const X* x, std::int32_t* y) const {
    const std::size_t count = at(samples) * rows_ * channels_;
    sum(x, y, count / weight_.size(), count);
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  // `count` sums: of whole rows, and of the beginning of one more.
  template <class X>
  void sum(const X* x, std::int32_t* y, std::size_t rows, std::size_t count) const {
    const std::size_t width = weight_.size(), done = rows * width;
    const Isa isa = isa_of(level_);
    run_for<detail::AffineLoop>(isa, x, y, rows, width, weight_.data(), bias_.data());
    run_for<detail::AffineLoop>(isa, x + done, y + done, std::size_t{1}, count - done, weight_.data(), bias_.data());
  }

  std::size_t rows_, channels_;
  Int8Level level_;
  AlignedVector<std::int32_t> weight_, bias_;  // repeated until a row is long
  RecordArrays records_;
  std::int32_t low_ = INT32_MIN, high_ = INT32_MAX;
};

}  // namespace quench::host
