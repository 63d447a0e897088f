// SPDX-License-Identifier: Apache-2.0
// Convolutions of codes that are multiplied as int16, with weights that are packed once: what kernels/conv2d.hpp defines,
// equal bit for bit. For int16 maps, and for int8 maps in groups of so few channels that int8/conv2d.hpp wastes its
// vectors.
//
// Bands of the map are copied with their padding, already shifted. Accumulators of a part of a band are summed by blocks
// (int16/block.hpp), or along the filters (int16/depthwise.hpp), and requantized while they are in the cache. Where neither
// pays, on CPUs without vectors of their own, the kernel itself runs.
#pragma once

#include <algorithm>

#include <quench/host/integer/elementwise.hpp>
#include <quench/host/int16/avx512.hpp>
#include <quench/host/int8/depthwise.hpp>
#include <quench/host/integer/requantize_channels.hpp>
#include <quench/host/int16/map.hpp>
#include <quench/host/scratch.hpp>

namespace quench::host {

/// Whether the filters of a convolution are so few, of so few channels, that each has a place of its own in the map.
constexpr bool is_spread(const kernels::Convolution& conv, Isa isa) {
  const int depth = conv.x[2] / conv.groups, filters = conv.y[2] / conv.groups;
  return conv.groups > 1 && depth <= 4 && filters <= 4 && depth * filters <= (isa == Isa::Baseline ? 16 : 8);
}

/// A convolution, packed for the host.
class PackedInt16Conv2d {
 public:
  PackedInt16Conv2d() = default;
  /// `isa`: at most best_isa().
  PackedInt16Conv2d(const kernels::Convolution& conv, const std::int8_t* weight, const kernels::OutputChannels& output,
                    Isa isa = best_isa())
      : conv_(conv), isa_(isa), depth_(conv.x[2] / conv.groups), filters_(conv.y[2] / conv.groups) {
    const kernels::Window& window = conv.window;
    is_spread_ = host::is_spread(conv, isa);
    is_plain_ = isa == Isa::Baseline && !is_spread_ && 4 * filters_ < 3 * int16_stride(filters_);
    is_pointwise_ = !is_spread_ && window.kernel_size == 1 && window.stride == 1 && window.padding == 0 &&
                    conv.x[0] == conv.y[0] && conv.x[1] == conv.y[1];
    if (is_pointwise_) {
      conv_.x = Shape(conv.x[0] * conv.x[1], 1, conv.x[2]);
      conv_.y = Shape(conv.y[0] * conv.y[1], 1, conv.y[2]);
    }
    kernels::Convolution banded = conv_;
    if (is_pointwise_) banded.x[0] = banded.y[0] = 4096;  // of all samples
    bands_ = Int16Bands(banded, is_spread_ ? spread_order() : std::vector<int>());
    for (int oy = 0; oy < bands_.rows; ++oy)
      for (int ox = 0; ox < conv_.y[1]; ++ox)
        rows_.push_back((oy * window.stride.height * bands_.width + ox * window.stride.width) * bands_.channels);
    find_segments();
    repack(weight, output);
  }

  /// Other weights of the same shape, other records.
  void repack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    low_ = output.low;
    high_ = output.high;
    if (is_plain_) return own(weight, output);
    if (output.requantization != nullptr) repeat_records(output.requantization);
    if (is_spread_)
      pack_spread(weight, output.bias);
    else
      pack_blocks(weight, output.bias);
  }

  /// kernels::conv2d for each of `samples` maps. Several threads may run one object.
  template <class X, class Y>
  void run(int samples, const X* x, Y* y) const {
    run_held(samples, all_rows(), x, y, low_, high_);
  }
  /// The same for a part of the output rows of each map, of `parts` in all; where it has none, the first is all.
  template <class X, class Y>
  void run_part(int samples, int part, int parts, const X* x, Y* y) const {
    if (is_plain_) return part == 0 ? run(samples, x, y) : void();
    const auto bound = [&](int i) { return static_cast<int>(std::int64_t{conv_.y[0]} * i / parts); };
    run_held(samples, {bound(part), bound(part + 1)}, x, y, low_, high_);
  }
  /// The accumulators, bias included, which nothing clamps.
  template <class X>
  void run_sums(int samples, const X* x, std::int32_t* y) const {
    run_held(samples, all_rows(), x, y, INT32_MIN, INT32_MAX);
  }

  /// How many parts have enough work for a thread.
  int parts() const {
    if (is_plain_) return 1;
    return static_cast<int>(std::clamp<std::int64_t>(conv_.y.elements() * std::int64_t{size()} >> 20, 1, conv_.y[0]));
  }

 private:
  // Short rows of channels are requantized several at once.
  void repeat_records(const Requantization* records) {
    const int channels = conv_.y[2];
    std::vector<Requantization> repeated;
    do repeated.insert(repeated.end(), records, records + channels);
    while (repeated.size() < 192 && (repeated.size() < 64 || repeated.size() % 64 != 0));
    records_ = RecordArrays(records, channels);
    repeated_records_ = RecordArrays(repeated.data(), static_cast<int>(repeated.size()));
  }

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  int size() const { return conv_.window.kernel_size.height * conv_.window.kernel_size.width * depth_; }

  // Of each filter channel i, then of each filter channel i + 1. Nothing to do where that is the order of x.
  std::vector<int> spread_order() const {
    std::vector<int> order;
    for (int i = 0; i < depth_ && (depth_ > 1 || filters_ > 1); ++i)
      for (int k = 0; k < conv_.y[2]; ++k) order.push_back(k / filters_ * depth_ + i);
    return order;
  }

  void find_segments() {
    const Pair kernel = conv_.window.kernel_size, dilation = conv_.window.dilation;
    const bool whole_rows = conv_.groups == 1 && dilation.width == 1;
    const int taps = whole_rows ? 1 : kernel.width, parts = is_spread_ ? depth_ : 1;
    for (int ky = 0; ky < kernel.height; ++ky)
      for (int kx = 0; kx < taps; ++kx)
        for (int i = 0; i < parts; ++i)
          segments_.push_back((ky * dilation.height * bands_.width + kx * dilation.width) * bands_.channels +
                              i * conv_.y[2]);
    length_ = whole_rows ? kernel.width * depth_ : depth_;
    pairs_ = (length_ + 1) / 2;
    if (!is_spread_) return;
    segments_.resize((segments_.size() + 3) / 4 * 4);
    if (conv_.window.stride.width == 1 && bands_.channels == conv_.y[2]) run_ = (63 + conv_.y[2]) / conv_.y[2];
  }

  int all_pairs() const { return static_cast<int>(segments_.size()) * pairs_; }
  std::size_t group_size() const { return 2 * at(all_pairs()) * at(int16_stride(filters_)); }

  void pack_blocks(const std::int8_t* weight, const std::int32_t* bias) {
    weights_.assign(at(conv_.groups) * group_size(), 0);
    first_.assign(at(conv_.groups * int16_stride(filters_)), 0);
    for (int k = 0; k < conv_.y[2]; ++k) {
      const int group = k / filters_, channel = k % filters_;
      const Int16Place place(channel, filters_, all_pairs());
      std::int16_t* to = weights_.data() + at(group) * group_size() + place.first;
      for (std::size_t segment = 0; segment < segments_.size(); ++segment, to += at(pairs_) * place.step)
        for (int i = 0; i < length_; ++i) to[at(i / 2) * place.step + at(i % 2)] = *weight++;
      if (bias != nullptr) first_[at(group * int16_stride(filters_) + channel)] = bias[k];
    }
  }

  void pack_spread(const std::int8_t* weight, const std::int32_t* bias) {
    const int filters = conv_.y[2];
    const std::size_t step = row_of(nullptr).step();
    weights_.assign(segments_.size() * step, 0);
    first_.assign(step, 0);
    for (int place = 0; place < filters * run_; ++place) {
      const int k = place % filters;
      for (int tap = 0; tap < size(); ++tap)
        weights_[int16_tap_place(at(tap), at(place), step, isa_ != Isa::Baseline)] = weight[k * size() + tap];
      if (bias != nullptr) first_[at(place)] = bias[k];
    }
  }

  void own(const std::int8_t* weight, const kernels::OutputChannels& output) {
    const int channels = conv_.y[2];
    plain_weight_.assign(weight, weight + channels * size());
    plain_bias_.clear();
    plain_records_.clear();
    if (output.bias != nullptr) plain_bias_.assign(output.bias, output.bias + channels);
    if (output.requantization != nullptr)
      plain_records_.assign(output.requantization, output.requantization + channels);
  }

  template <class X, class Y>
  void run_plain(int samples, const X* x, Y* y, std::int32_t low, std::int32_t high) const {
    const kernels::OutputChannels output{plain_bias_.empty() ? nullptr : plain_bias_.data(), plain_records_.data(), low,
                                         high};
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      kernels::conv2d(x, plain_weight_.data(), y, conv_, output);
  }

  RowRange all_rows() const { return {0, conv_.y[0]}; }

  template <class X, class Y>
  void run_held(int samples, RowRange rows, const X* x, Y* y, std::int32_t low, std::int32_t high) const {
    if (is_plain_) return run_plain(samples, x, y, low, high);
    const std::ptrdiff_t row = std::ptrdiff_t{conv_.y[1]} * conv_.y[2];
    if (is_pointwise_ && rows.begin == 0 && rows.end == conv_.y[0] && std::int64_t{samples} * conv_.y[0] <= INT32_MAX)
      return run_pixels(samples * conv_.y[0], x, y, low, high);  // those of all samples follow each other
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      if (is_pointwise_)
        run_pixels(rows.end - rows.begin, x + std::ptrdiff_t{rows.begin} * conv_.x[2], y + rows.begin * row, low, high);
      else
        run_bands(rows, x, y + rows.begin * row, low, high);
  }

  template <class X, class Y>
  void run_bands(RowRange rows, const X* x, Y* y, std::int32_t low, std::int32_t high) const {
    std::int16_t* map = detail::scratch<detail::Scratch::Map, std::int16_t>(bands_.size());
    for (int first = rows.begin; first < rows.end; first += bands_.rows) {
      const int count = std::min(bands_.rows, rows.end - first);
      bands_.copy(x, first, count, map, isa_);
      y = run_band(map, count * conv_.y[1], y, low, high);
    }
  }

  // Pixels that follow each other. Those of int16 are read where they are, if a pair is never of two.
  template <class X, class Y>
  void run_pixels(int pixels, const X* x, Y* y, std::int32_t low, std::int32_t high) const {
    for (int count = 0; pixels > 0; pixels -= count, x += count * conv_.x[2]) {
      count = std::min(bands_.rows, pixels);
      const std::int16_t* map = nullptr;
      if constexpr (std::is_same_v<X, std::int16_t>)
        if (conv_.x_shift == 0 && depth_ % 2 == 0) map = x;
      if (map == nullptr) {
        std::int16_t* copy = detail::scratch<detail::Scratch::Map, std::int16_t>(bands_.size());
        bands_.copy_pixels(x, copy, count, isa_);
        map = copy;
      }
      y = run_band(map, count, y, low, high);
    }
  }

  // In parts whose sums stay in the cache. Returns where the next code belongs.
  template <class Y>
  Y* run_band(const std::int16_t* map, int pixels, Y* y, std::int32_t low, std::int32_t high) const {
    const int channels = conv_.y[2], width = conv_.y[1];
    const int most = is_spread_ ? width : std::max(32768 / channels, 48) / 24 * 24;  // whole tiles
    for (int first = 0; first < pixels; first += most) {
      const int count = std::min(most, pixels - first);
      std::int32_t* sums = nullptr;
      if constexpr (std::is_same_v<Y, std::int32_t>)
        sums = y;
      else
        sums = detail::scratch<detail::Scratch::Accumulators, std::int32_t>(at(most) * at(channels));
      if (is_spread_)
        detail::int16_row(row_of(map + rows_[at(first)]), sums, isa_);
      else
        sum_blocks(map, first, count, sums);
      finish(sums, at(count), y, low, high);
      y += count * channels;
    }
    return y;
  }

  void sum_blocks(const std::int16_t* map, int first, int count, std::int32_t* sums) const {
    Int16Block block;
    block.rows = rows_.data() + first;
    block.m = count;
    block.segment_offsets = segments_.data();
    block.segments = static_cast<int>(segments_.size());
    block.pairs = pairs_;
    block.channels = filters_;
    block.y_row = conv_.y[2];
    for (int group = 0; group < conv_.groups; ++group) {
      block.a = map + group * depth_;
      block.weights = weights_.data() + at(group) * group_size();
      block.first = first_.data() + group * int16_stride(filters_);
      block.y = sums + group * filters_;
      detail::int16_block(block, isa_);
    }
  }

  Int16Row row_of(const std::int16_t* x) const {
    Int16Row row;
    row.x = x;
    row.pixel_step = static_cast<std::ptrdiff_t>(run_) * conv_.window.stride.width * bands_.channels;
    row.taps = segments_.data();
    row.fours = segments_.size() / 4;
    row.pairs = (at(size()) + 1) / 2;
    row.weights = weights_.data();
    row.first = first_.data();
    row.filters = at(conv_.y[2]);
    row.run = at(run_);
    row.pixels = at(conv_.y[1]);
    return row;
  }

  template <class Y>
  void finish(const std::int32_t* sums, std::size_t pixels, Y* y, std::int32_t low, std::int32_t high) const {
    const std::size_t channels = at(conv_.y[2]);
    if constexpr (!std::is_same_v<Y, std::int32_t>) {
      const std::size_t at_once = repeated_records_.channels() / channels, done = pixels / at_once * at_once;
      requantize_channels(sums, y, pixels / at_once, repeated_records_, low, high);
      requantize_channels(sums + done * channels, y + done * channels, pixels - done, records_, low, high);
    } else if (low != INT32_MIN || high != INT32_MAX) {
      for (std::size_t i = 0; i < pixels * channels; ++i) y[i] = std::clamp(y[i], low, high);
    }
  }

  kernels::Convolution conv_;
  Isa isa_ = Isa::Baseline;
  int depth_ = 1, filters_ = 1;
  bool is_pointwise_ = false, is_spread_ = false, is_plain_ = false;
  Int16Bands bands_;
  int length_ = 0, pairs_ = 0, run_ = 1;       // of a segment; pixels that are summed at once
  std::vector<std::int32_t> segments_, rows_;  // where segments, or taps, and pixels lie in a band
  AlignedVector<std::int16_t> weights_;
  AlignedVector<std::int32_t> first_;
  RecordArrays records_, repeated_records_;
  std::int32_t low_ = INT32_MIN, high_ = INT32_MAX;
  std::vector<std::int8_t> plain_weight_;  // of the kernel itself
  std::vector<std::int32_t> plain_bias_;
  std::vector<Requantization> plain_records_;
};

}  // namespace quench::host
