// SPDX-License-Identifier: Apache-2.0
// Convolutions of codes that are multiplied as int16, with weights that are packed once, equal to kernels/conv2d.hpp bit
// for bit. For int16 maps, and for int8 maps with groups of few channels, where int8/conv2d.hpp wastes its vectors.
//
// integer/packed_convolution.hpp walks the map. Accumulators of a part of a band are summed by blocks
// (integer/block.hpp) or along the filters (int16/depthwise.hpp), and requantized while they are in the cache. On CPUs
// without vector kernels the plain kernel runs if it is faster than both.
#pragma once

#include <algorithm>

#include <quench/host/int16/avx512.hpp>
#include <quench/host/int16/map.hpp>
#include <quench/host/integer/packed_convolution.hpp>
#include <quench/host/integer/requantize_channels.hpp>

namespace quench::host {

/// True if a convolution has groups of so few filters and channels that each pair has its own channel in the copied map.
constexpr bool is_spread(const kernels::Convolution& conv, Isa isa) {
  const int depth = conv.x[2] / conv.groups, filters = conv.y[2] / conv.groups;
  return conv.groups > 1 && depth <= 4 && filters <= 4 && depth * filters <= (isa == Isa::Baseline ? 16 : 8);
}

/// A convolution, packed for the host.
class PackedInt16Conv2d : public PackedConvolution<PackedInt16Conv2d, Int16Bands> {
 public:
  PackedInt16Conv2d() = default;
  /// `isa`: at most best_isa().
  PackedInt16Conv2d(const kernels::Convolution& conv, const std::int8_t* weight, const kernels::OutputChannels& output,
                    Isa isa = best_isa())
      : PackedConvolution(conv), isa_(isa), is_spread_(host::is_spread(conv, isa)) {
    is_plain_ = isa == Isa::Baseline && !is_spread_ && 4 * filters_ < 3 * padded_channels(filters_);
    if (!is_spread_) find_pointwise();
    set_bands(Int16Bands(banded(), is_spread_ ? spread_order() : std::vector<int>(), isa));
    if (is_spread_)
      find_taps();
    else
      find_quads();
    repack(weight, output);
  }

  /// Replaces the weights by others of the same shape, and the records.
  void repack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    low_ = output.low;
    high_ = output.high;
    if (is_plain_) return own(weight, output);
    if (output.requantization != nullptr) repeat_records(output.requantization);
    if (is_spread_) return pack_spread(weight, output.bias);
    const int stride = padded_channels(filters_);
    pack_blocks(weight);
    epilogue_.sum_first.assign(at(conv_.groups * stride), 0);
    for (int k = 0; k < conv_.y[2] && output.bias != nullptr; ++k)
      epilogue_.sum_first[at(k / filters_ * stride + k % filters_)] = output.bias[k];
  }

 private:
  friend PackedConvolution;
  static constexpr int products_of_part = 20;

  // Short rows of channels are requantized several at once.
  void repeat_records(const Requantization* records) {
    const int channels = conv_.y[2];
    std::vector<Requantization> repeated;
    do repeated.insert(repeated.end(), records, records + channels);
    while (repeated.size() < 192 && (repeated.size() < 64 || repeated.size() % 64 != 0));
    records_ = RecordArrays(records, channels);
    repeated_records_ = RecordArrays(repeated.data(), static_cast<int>(repeated.size()));
  }

  // Channel i of each filter, then channel i + 1 of each. Empty if x has that order.
  std::vector<int> spread_order() const {
    std::vector<int> order;
    for (int i = 0; i < depth_ && (depth_ > 1 || filters_ > 1); ++i)
      for (int k = 0; k < conv_.y[2]; ++k) order.push_back(k / filters_ * depth_ + i);
    return order;
  }

  void find_taps() {
    const Pair kernel = conv_.window.kernel_size, dilation = conv_.window.dilation;
    for (int ky = 0; ky < kernel.height; ++ky)
      for (int kx = 0; kx < kernel.width; ++kx)
        for (int i = 0; i < depth_; ++i)
          taps_.push_back((ky * dilation.height * bands_.width + kx * dilation.width) * bands_.channels +
                          i * conv_.y[2]);
    taps_.resize((taps_.size() + 3) / 4 * 4);
    if (conv_.window.stride.width == 1 && bands_.channels == conv_.y[2]) run_ = (63 + conv_.y[2]) / conv_.y[2];
  }

  void pack_spread(const std::int8_t* weight, const std::int32_t* bias) {
    const int filters = conv_.y[2];
    const std::size_t step = row_of(nullptr).step();
    packed_.assign(taps_.size() * step, 0);
    epilogue_.sum_first.assign(step, 0);
    for (int place = 0; place < filters * run_; ++place) {
      const int k = place % filters;
      for (int tap = 0; tap < size(); ++tap)
        packed_[int16_tap_place(at(tap), at(place), step, isa_ != Isa::Baseline)] = weight[k * size() + tap];
      if (bias != nullptr) epilogue_.sum_first[at(place)] = bias[k];
    }
  }

  template <class X, class Y>
  void run_rows(int samples, RowRange rows, const X* x, Y* y, std::int32_t low, std::int32_t high) const {
    for_bands(samples, rows, x, y,
              [&](const std::int16_t* map, int pixels, Y* to) { run_band(map, pixels, to, low, high); });
  }

  // Computes a band in parts whose sums stay in the cache.
  template <class Y>
  void run_band(const std::int16_t* map, int pixels, Y* y, std::int32_t low, std::int32_t high) const {
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
        for_groups(map, first, count, sums, INT32_MIN, INT32_MAX,
                   [&](const Int16Block& block) { detail::int16_block(block, isa_); });
      finish(sums, at(count), y, low, high);
      y += count * channels;
    }
  }

  Int16Row row_of(const std::int16_t* x) const {
    Int16Row row;
    row.x = x;
    row.pixel_step = static_cast<std::ptrdiff_t>(run_) * conv_.window.stride.width * bands_.channels;
    row.taps = taps_.data();
    row.fours = taps_.size() / 4;
    row.pairs = (at(size()) + 1) / 2;
    row.weights = packed_.data();
    row.first = epilogue_.sum_first.data();
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
    }
  }

  Isa isa_ = Isa::Baseline;
  bool is_spread_ = false;
  std::vector<std::int32_t> taps_;  // of spread filters: their offsets in a band
  int run_ = 1;                     // pixels of spread filters that are summed at once
  RecordArrays records_, repeated_records_;
};

}  // namespace quench::host
