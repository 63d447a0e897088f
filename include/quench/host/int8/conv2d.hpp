// SPDX-License-Identifier: Apache-2.0
// Convolutions of int8 maps with weights that are packed once: what kernels/conv2d.hpp defines, equal bit for bit.
//
// Where the CPU has vector kernels (int8/level.hpp), bands of the map are copied with their padding, and blocks of
// accumulators are summed over the rows of the window; elsewhere the kernel itself runs. A convolution whose window is
// one pixel is a product of matrices: the pixels of all samples are its rows.
#pragma once

#include <algorithm>

#include <quench/host/int8/avx2.hpp>
#include <quench/host/int8/avx512.hpp>
#include <quench/host/int8/depthwise_avx512.hpp>
#include <quench/host/int8/dotprod.hpp>
#include <quench/host/int8/few_avx512.hpp>
#include <quench/host/int8/map.hpp>
#include <quench/host/integer/requantize_channels.hpp>
#include <quench/host/scratch.hpp>

namespace quench::host {

/// A convolution, packed for the host.
class PackedConv2d {
 public:
  PackedConv2d() = default;
  /// `level`: one of int8_levels().
  PackedConv2d(const kernels::Convolution& conv, const std::int8_t* weight, const kernels::OutputChannels& output,
               Int8Level level = best_int8_level())
      : conv_(conv), depth_(conv.x[2] / conv.groups), filters_(conv.y[2] / conv.groups), level_(level) {
    const Pair kernel = conv.window.kernel_size, dilation = conv.window.dilation;
    is_pointwise_ = kernel == 1 && conv.window.stride == 1 && conv.window.padding == 0 && conv.x[0] == conv.y[0] &&
                    conv.x[1] == conv.y[1];
    if (is_pointwise_) {
      conv_.x = Shape(conv.x[0] * conv.x[1], 1, conv.x[2]);
      conv_.y = Shape(conv.y[0] * conv.y[1], 1, conv.y[2]);
    }
    // The pixels of larger maps share what they read of the weights.
    is_few_ =
        is_pointwise_ && conv.groups == 1 && filters_ <= 16 && depth_ >= 128 && conv_.x[0] <= 4 && is_avx512(level_);
    is_depthwise_ = conv.groups > 1 && depth_ == 1 && filters_ == 1;
    const bool whole_rows = conv.groups == 1 && dilation.width == 1;
    joined_rows_ = level_ == Int8Level::Avx512Vbmi && joins_rows(conv_) ? kernel.height : 1;
    kernels::Convolution banded = conv_;
    if (is_pointwise_) banded.x[0] = banded.y[0] = 4096;  // of all samples
    bands_ = MapBands(banded, joined_rows_ > 1);
    for (int oy = 0; oy < bands_.rows; ++oy)
      for (int ox = 0; ox < conv_.y[1]; ++ox) rows_.push_back(oy * bands_.row_step + ox * bands_.pixel_step);
    if (is_depthwise_) {
      quads_ = (kernel.height * kernel.width + 3) / 4;
      stride_ = (conv.groups + 63) / 64 * 64;
      zeros_.resize(static_cast<std::size_t>(conv.x[1] * conv.x[2]));
    } else {
      bytes_ = (whole_rows ? kernel.width * depth_ : depth_) * joined_rows_;
      for (int ky = 0; ky < kernel.height / joined_rows_; ++ky)
        for (int kx = 0; kx < (whole_rows ? 1 : kernel.width); ++kx)
          for (int byte = 0; byte < bytes_; byte += 4)
            quad_offsets_.push_back((ky * dilation.height * bands_.width + kx * dilation.width) * conv.x[2] + byte);
      quads_ = static_cast<int>(quad_offsets_.size());
      stride_ = (filters_ + 15) / 16 * 16;
    }
    for (int k = 0; k < conv_.y[2]; ++k)
      places_.push_back(is_depthwise_ ? depthwise_place(k) : k / filters_ * stride_ + k % filters_);
    if (is_depthwise_ && is_avx512(level_)) repeat_last();
    repack(weight, output);
  }

  /// Other weights of the same shape, other records.
  void repack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    const int size = conv_.window.kernel_size.height * conv_.window.kernel_size.width * depth_;
    const auto weights = static_cast<std::size_t>(conv_.y[2]) * static_cast<std::size_t>(size);
    low_ = output.low;
    high_ = output.high;
    if (level_ == Int8Level::Portable) {
      packed_.assign(weight, weight + weights);
      own(output);
      return;
    }
    if (output.requantization != nullptr) record_arrays_ = RecordArrays(output.requantization, conv_.y[2]);
    if (repeated_.empty()) return pack(weight, size, output);
    std::vector<std::int8_t> taps(weight, weight + weights);
    for (const int k : repeated_) taps.insert(taps.end(), weight + k * size, weight + (k + 1) * size);
    std::vector<std::int32_t> bias = repeated(output.bias);
    std::vector<Requantization> records = repeated(output.requantization);
    pack(taps.data(), size, {bias.empty() ? nullptr : bias.data(), records.empty() ? nullptr : records.data()});
  }

  /// kernels::conv2d for each of `samples` maps. Several threads may run one object.
  template <class Y>
  void run(int samples, const std::int8_t* x, Y* y) const {
    run_held(samples, all_rows(), x, y, low_, high_);
  }
  /// The same for a part of the output rows of each map, of `parts` in all; where it has none, the first is all.
  template <class Y>
  void run_part(int samples, int part, int parts, const std::int8_t* x, Y* y) const {
    if (level_ == Int8Level::Portable) return part == 0 ? run(samples, x, y) : void();
    const auto bound = [&](int i) { return static_cast<int>(std::int64_t{conv_.y[0]} * i / parts); };
    run_held(samples, {bound(part), bound(part + 1)}, x, y, low_, high_);
  }
  /// The accumulators, bias included, which nothing clamps.
  void run_sums(int samples, const std::int8_t* x, std::int32_t* y) const {
    run_held(samples, all_rows(), x, y, INT32_MIN, INT32_MAX);
  }

  /// How many parts have enough work for a thread.
  int parts() const {
    if (level_ == Int8Level::Portable) return 1;
    const std::int64_t products =
        conv_.y.elements() * std::int64_t{depth_} * conv_.window.kernel_size.height * conv_.window.kernel_size.width;
    return static_cast<int>(std::clamp<std::int64_t>(products >> 21, 1, conv_.y[0]));
  }

 private:
  std::size_t group_size() const { return static_cast<std::size_t>(quads_ * stride_ * 4); }

  // The last channels of a depthwise convolution, once more for each further pixel that shares their vectors.
  void repeat_last() {
    const int channels = conv_.y[2], first = (channels - 1) / 64 * 64, pixels = depthwise_pixels(channels - first);
    for (int pixel = 1; pixel < pixels; ++pixel)
      for (int k = first; k < channels; ++k) {
        repeated_.push_back(k);
        places_.push_back(depthwise_place(k + pixel * (64 / pixels)));
      }
  }

  template <class T>
  std::vector<T> repeated(const T* values) const {
    if (values == nullptr) return {};
    std::vector<T> all(values, values + conv_.y[2]);
    for (const int k : repeated_) all.push_back(values[k]);
    return all;
  }

  void pack(const std::int8_t* weight, int size, const kernels::OutputChannels& output) {
    epilogue_.set(output, weight, size, raise_of(level_), places_, stride_, is_depthwise_ ? 1 : conv_.groups);
    packed_.assign(is_few_         ? few_place((filters_ + 3) / 4 * 4, 0, depth_)
                   : is_depthwise_ ? static_cast<std::size_t>(4 * quads_ * stride_)
                                   : static_cast<std::size_t>(conv_.groups) * group_size(),
                   0);
    for (int k = 0; k < static_cast<int>(places_.size()); ++k, weight += size)
      for (int i = 0; i < size; ++i) packed_[place(k, i)] = weight[i];
  }

  // Where weight i of channel k lies.
  std::size_t place(int k, int i) const {
    return is_few_ ? few_place(k, i, depth_) : is_depthwise_ ? tap_place(k, i) : byte_place(k, i);
  }
  std::size_t byte_place(int k, int i) const {
    if (joined_rows_ > 1) {
      const int row = conv_.window.kernel_size.width * depth_;  // rows of each column lie together
      i = (i % row / depth_ * joined_rows_ + i / row) * depth_ + i % depth_;
    }
    const int vector = k % filters_ / 16, segment = i / bytes_, byte = i % bytes_;
    int first = 0, width = int8_vectors(stride_ / 16);
    while (first + width <= vector) {
      first += width;
      width = int8_vectors(stride_ / 16 - first);
    }
    const int quad = quads_ * first + (segment * ((bytes_ + 3) / 4) + byte / 4) * width;
    return static_cast<std::size_t>(k / filters_) * group_size() +
           static_cast<std::size_t>((16 * (quad - first) + k % filters_) * 4 + byte % 4);
  }
  std::size_t tap_place(int k, int i) const {
    if (is_avx512(level_) && conv_.window.kernel_size == 3) i = i % 3 * 4 + i / 3;  // columns
    const int lane = places_[static_cast<std::size_t>(k)];
    return static_cast<std::size_t>(((lane / 64 * quads_ + i / 4) * 64 + lane % 64) * 4 + i % 4);
  }

  void own(const kernels::OutputChannels& output) {
    const int channels = conv_.y[2];
    bias_.clear();
    records_.clear();
    if (output.bias != nullptr) bias_.assign(output.bias, output.bias + channels);
    if (output.requantization != nullptr) records_.assign(output.requantization, output.requantization + channels);
  }

  RowRange all_rows() const { return {0, conv_.y[0]}; }
  // Whether the pixels of a column, of all samples, can be counted.
  bool fits(int samples) const { return std::int64_t{samples} * conv_.y[0] <= INT32_MAX; }

  template <class Y>
  void run_held(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    if (samples <= 0) return;
    if (level_ != Int8Level::Portable) {
      y += before(rows.begin);
      if constexpr (std::is_same_v<Y, std::int32_t>)
        return run_rows(samples, rows, x, y, low, high);
      else if constexpr (std::is_same_v<Y, std::int8_t>)
        if (epilogue_.fits() && (epilogue_.is_narrow() || !is_avx512(level_)))
          return run_rows(samples, rows, x, y, std::max(low, INT8_MIN), std::min(high, INT8_MAX));
      if constexpr (!std::is_same_v<Y, std::int32_t>) return run_by_sums(samples, rows, x, y, low, high);
    }
    const kernels::OutputChannels output{bias_.empty() ? nullptr : bias_.data(), records_.data(), low, high};
    for (int n = 0; n < samples; ++n)
      kernels::conv2d(x + static_cast<std::ptrdiff_t>(n) * conv_.x.elements(), packed_.data(),
                      y + static_cast<std::ptrdiff_t>(n) * conv_.y.elements(), conv_, output);
  }

  // Elements before an output row.
  std::ptrdiff_t before(int row) const { return static_cast<std::ptrdiff_t>(row) * conv_.y[1] * conv_.y[2]; }

  // Kernels requantize to int8 only; other results are requantized behind them, a few rows at a time.
  template <class Y>
  void run_by_sums(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    const int some = std::max(16384 / (conv_.y[1] * conv_.y[2]), 1);
    auto* const sums =
        detail::scratch<detail::Scratch::Accumulators, std::int32_t>(static_cast<std::size_t>(before(some)));
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      for (int row = rows.begin; row < rows.end; row += some) {
        const RowRange part{row, std::min(row + some, rows.end)};
        run_rows(1, part, x, sums, INT32_MIN, INT32_MAX);
        requantize_channels(sums, y + before(row - rows.begin), static_cast<std::size_t>((part.end - row) * conv_.y[1]),
                            record_arrays_, low, high, level_);
      }
  }

  /// `y`: where the first row of the first sample goes.
  template <class Y>
  void run_rows(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    if (is_few_)
      run_few(samples, rows, x, y, low, high);
    else
      is_depthwise_ ? run_depthwise(samples, rows, x, y, low, high) : run_blocks(samples, rows, x, y, low, high);
  }

  template <class Y>
  void run_few(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    const Int8Few layer{depth_, filters_, packed_.data(), &epilogue_, low, high};
    const int count = rows.end - rows.begin;
    if (count == conv_.y[0] && fits(samples))
      return detail::int8_few_avx512(layer, samples * count, x, y);  // those of all samples follow each other
    x += std::ptrdiff_t{rows.begin} * depth_;
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      detail::int8_few_avx512(layer, count, x, y);
  }

  template <class Y>
  void run_depthwise(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low,
                     std::int32_t high) const {
    const Pair kernel = conv_.window.kernel_size;
    const Int8Depthwise layer{conv_.groups, kernel.height * kernel.width, packed_.data(), &epilogue_, low, high};
    thread_local DepthwiseTaps taps;
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements()) {
      taps.start(conv_, rows, x, zeros_.data(), is_avx512(level_) && kernel == 3);
      switch (level_) {
        case Int8Level::Avx512Vbmi:
        case Int8Level::Avx512Vnni: detail::int8_depthwise_avx512(layer, taps, y); break;
        case Int8Level::AvxVnni: detail::int8_depthwise_avx2<detail::VnniSums>(layer, taps, y); break;
        case Int8Level::Avx2: detail::int8_depthwise_avx2<detail::PairSums>(layer, taps, y); break;
        case Int8Level::NeonDotprod: detail::int8_depthwise_arm<detail::DotprodKernel>(layer, taps, y); break;
        case Int8Level::Neon: detail::int8_depthwise_arm<detail::NeonKernel>(layer, taps, y); break;
        case Int8Level::Portable: break;
      }
    }
  }

  template <class Y>
  void run_blocks(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    Int8Block<Y> block;
    block.rows = rows_.data();
    block.quad_offsets = quad_offsets_.data();
    block.quads = quads_;
    block.neighbours = (bytes_ + 3) / 4;
    block.channels = filters_;
    block.epilogue = &epilogue_;
    block.y = y;
    block.y_row = conv_.y[2];
    block.low = low;
    block.high = high;
    if (is_pointwise_ && rows.begin == 0 && rows.end == conv_.y[0] && fits(samples))
      return run_pixels(samples * conv_.y[0], x, block);  // those of all samples follow each other
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements()) {
      block.y = y;
      if (is_pointwise_)
        run_pixels(rows.end - rows.begin, x + static_cast<std::ptrdiff_t>(rows.begin) * conv_.x[2], block);
      else
        run_bands(rows, x, block);
    }
  }

  template <class Y>
  void run_bands(RowRange rows, const std::int8_t* x, Int8Block<Y>& block) const {
    for (int first = rows.begin; first < rows.end; first += bands_.rows) {
      const int count = std::min(bands_.rows, rows.end - first);
      std::uint8_t* const map = detail::scratch<detail::Scratch::Map, std::uint8_t>(bands_.bytes());
      bands_.copy(x, first, count, map, level_);
      block.a = map;
      run_groups(count * conv_.y[1], block);
    }
  }

  // Pixels that follow each other. They are not copied if they would stay as they are, and if nothing is read behind them.
  template <class Y>
  void run_pixels(int pixels, const std::int8_t* x, Int8Block<Y>& block) const {
    const bool in_place = raise_of(level_) == 0 && bytes_ % 4 == 0;
    for (int count = 0; pixels > 0; pixels -= count) {
      count = std::min(bands_.rows, pixels);
      const auto size = static_cast<std::size_t>(count) * static_cast<std::size_t>(conv_.x[2]);
      if (in_place) {
        block.a = reinterpret_cast<const std::uint8_t*>(x);
      } else {
        std::uint8_t* const map = detail::scratch<detail::Scratch::Map, std::uint8_t>(bands_.bytes());
        detail::raise(x, map, size, level_);
        block.a = map;
      }
      run_groups(count, block);
      x += size;
    }
  }

  template <class Y>
  void run_groups(int pixels, Int8Block<Y>& block) const {
    const std::uint8_t* map = block.a;
    Y* y = block.y;
    block.m = pixels;
    for (int group = 0; group < conv_.groups; ++group) {
      block.a = map + group * depth_;
      block.weights = packed_.data() + static_cast<std::size_t>(group) * group_size();
      block.first_channel = group * stride_;
      block.y = y + group * filters_;
      switch (level_) {
        case Int8Level::Avx512Vbmi:
        case Int8Level::Avx512Vnni: detail::int8_block_avx512(block); break;
        case Int8Level::AvxVnni: detail::int8_block_avx2<detail::VnniSums>(block); break;
        case Int8Level::Avx2: detail::int8_block_avx2<detail::PairSums>(block); break;
        case Int8Level::NeonDotprod: detail::int8_block_arm<detail::DotprodKernel>(block); break;
        case Int8Level::Neon: detail::int8_block_arm<detail::NeonKernel>(block); break;
        case Int8Level::Portable: break;
      }
    }
    block.a = map;
    block.y = y + pixels * block.y_row;
  }

  kernels::Convolution conv_;
  int depth_ = 1, filters_ = 1;
  Int8Level level_ = Int8Level::Portable;
  bool is_pointwise_ = false, is_depthwise_ = false, is_few_ = false;
  MapBands bands_;
  int joined_rows_ = 1;                            // of a window, in the copies of bands
  int bytes_ = 0;                                  // of a window that lie together
  int quads_ = 0, stride_ = 0;                     // stride: channels of the epilogue's arrays for each group
  std::vector<int> places_, repeated_;             // of channels in them; channels that stand there once more
  std::vector<std::int32_t> quad_offsets_, rows_;  // where quads and pixels lie in a band
  AlignedVector<std::int8_t> packed_, zeros_;
  Int8Epilogue epilogue_;
  std::int32_t low_ = INT32_MIN, high_ = INT32_MAX;
  std::vector<std::int32_t> bias_;  // of the kernel itself
  std::vector<Requantization> records_;
  RecordArrays record_arrays_;
};

}  // namespace quench::host
