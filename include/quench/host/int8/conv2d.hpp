// SPDX-License-Identifier: Apache-2.0
// Convolutions of int8 maps with weights that are packed once, equal to kernels/conv2d.hpp bit for bit.
//
// Vector kernels run if the CPU has them (int8/level.hpp), else the plain kernel. integer/packed_convolution.hpp is the
// walk of most convolutions. Depthwise ones, and layers of few rows and channels, have kernels of their own.
#pragma once

#include <algorithm>

#include <quench/host/int8/avx2.hpp>
#include <quench/host/int8/depthwise_avx512.hpp>
#include <quench/host/int8/dotprod.hpp>
#include <quench/host/int8/few_avx512.hpp>
#include <quench/host/int8/map.hpp>
#include <quench/host/integer/avx512.hpp>
#include <quench/host/integer/packed_convolution.hpp>
#include <quench/host/integer/requantize_channels.hpp>

namespace quench::host {

/// A convolution, packed for the host.
class PackedConv2d : public PackedConvolution<PackedConv2d, Int8Bands> {
 public:
  PackedConv2d() = default;
  /// `level`: one of int8_levels().
  PackedConv2d(const kernels::Convolution& conv, const std::int8_t* weight, const kernels::OutputChannels& output,
               Int8Level level = best_int8_level())
      : PackedConvolution(conv), level_(level) {
    const Pair kernel = conv.window.kernel_size;
    is_plain_ = level == Int8Level::Portable;
    find_pointwise();
    // On larger maps the ordinary block is faster: its pixels share each weight that is read.
    is_few_ =
        is_pointwise_ && conv.groups == 1 && filters_ <= 16 && depth_ >= 128 && conv_.x[0] <= 4 && is_avx512(level_);
    is_depthwise_ = conv.groups > 1 && depth_ == 1 && filters_ == 1;
    const bool join = level_ == Int8Level::Avx512Vbmi && joins_rows(conv_);
    set_bands(Int8Bands(banded(), join, level_));
    if (is_depthwise_) {
      quads_ = (kernel.height * kernel.width + 3) / 4;
      stride_ = (conv.groups + 63) / 64 * 64;
      zeros_.resize(at(conv.x[1] * conv.x[2]));
    } else {
      find_quads(join ? kernel.height : 1);
      stride_ = padded_channels(filters_);
    }
    for (int k = 0; k < conv_.y[2]; ++k)
      places_.push_back(is_depthwise_ ? depthwise_place(k) : k / filters_ * stride_ + k % filters_);
    if (is_depthwise_ && is_avx512(level_)) repeat_last();
    repack(weight, output);
  }

  /// Replaces the weights by others of the same shape, and the records.
  void repack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    low_ = output.low;
    high_ = output.high;
    if (is_plain_) return own(weight, output);
    if (output.requantization != nullptr) record_arrays_ = RecordArrays(output.requantization, conv_.y[2]);
    if (repeated_.empty()) return pack(weight, output);
    std::vector<std::int8_t> taps(weight, weight + conv_.y[2] * size());
    for (const int k : repeated_) taps.insert(taps.end(), weight + k * size(), weight + (k + 1) * size());
    std::vector<std::int32_t> bias = repeated(output.bias);
    std::vector<Requantization> records = repeated(output.requantization);
    pack(taps.data(), {bias.empty() ? nullptr : bias.data(), records.empty() ? nullptr : records.data()});
  }

 private:
  friend PackedConvolution;
  static constexpr int products_of_part = 21;

  // Repeats the last channels of a depthwise convolution for each further pixel that shares their vectors.
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

  void pack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    epilogue_.set(output, weight, size(), raise_of(level_), places_, stride_, is_depthwise_ ? 1 : conv_.groups);
    if (!is_few_ && !is_depthwise_) return pack_blocks(weight);
    packed_.assign(is_few_ ? few_place((filters_ + 3) / 4 * 4, 0, depth_) : at(4 * quads_ * stride_), 0);
    for (int k = 0; k < static_cast<int>(places_.size()); ++k)
      for (int i = 0; i < size(); ++i) packed_[is_few_ ? few_place(k, i, depth_) : tap_place(k, i)] = *weight++;
  }

  std::size_t tap_place(int k, int i) const {
    if (is_avx512(level_) && conv_.window.kernel_size == 3) i = i % 3 * 4 + i / 3;  // columns
    const int lane = places_[static_cast<std::size_t>(k)];
    return static_cast<std::size_t>(((lane / 64 * quads_ + i / 4) * 64 + lane % 64) * 4 + i % 4);
  }

  template <class Y>
  void run_rows(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    if constexpr (std::is_same_v<Y, std::int32_t>)
      return run_kernels(samples, rows, x, y, low, high);
    else if constexpr (std::is_same_v<Y, std::int8_t>)
      if (epilogue_.fits() && (epilogue_.is_narrow() || !is_avx512(level_)))
        return run_kernels(samples, rows, x, y, std::max(low, INT8_MIN), std::min(high, INT8_MAX));
    if constexpr (!std::is_same_v<Y, std::int32_t>) run_by_sums(samples, rows, x, y, low, high);
  }

  // Kernels requantize only to int8. Other results are requantized after them, a few rows at a time.
  template <class Y>
  void run_by_sums(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    const int some = std::max(16384 / (conv_.y[1] * conv_.y[2]), 1);
    auto* const sums =
        detail::scratch<detail::Scratch::Accumulators, std::int32_t>(static_cast<std::size_t>(before(some)));
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      for (int row = rows.begin; row < rows.end; row += some) {
        const RowRange part{row, std::min(row + some, rows.end)};
        run_kernels(1, part, x, sums, INT32_MIN, INT32_MAX);
        requantize_channels(sums, y + before(row - rows.begin), static_cast<std::size_t>((part.end - row) * conv_.y[1]),
                            record_arrays_, low, high, level_);
      }
  }

  template <class Y>
  void run_kernels(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    if (is_few_)
      run_few(samples, rows, x, y, low, high);
    else
      is_depthwise_ ? run_depthwise(samples, rows, x, y, low, high) : run_blocks(samples, rows, x, y, low, high);
  }

  template <class Y>
  void run_few(int samples, RowRange rows, const std::int8_t* x, Y* y, std::int32_t low, std::int32_t high) const {
    const Int8Few layer{depth_, filters_, packed_.data(), &epilogue_, low, high};
    const int count = rows.end - rows.begin;
    if (is_joined(samples, rows))
      return detail::int8_few_avx512(layer, samples * count, x, y);  // the rows of all samples are contiguous
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
    for_bands(samples, rows, x, y, [&](const std::int8_t* map, int pixels, Y* to) {
      for_groups(map, 0, pixels, to, low, high, [&](const Block<std::int8_t, Y>& block) {
        switch (level_) {
          case Int8Level::Avx512Vbmi:
          case Int8Level::Avx512Vnni: detail::block_avx512(block); break;
          case Int8Level::AvxVnni: detail::block_avx2<detail::VnniSums>(block); break;
          case Int8Level::Avx2: detail::block_avx2<detail::PairSums>(block); break;
          case Int8Level::NeonDotprod: detail::int8_block_arm<detail::DotprodKernel>(block); break;
          case Int8Level::Neon: detail::int8_block_arm<detail::NeonKernel>(block); break;
          case Int8Level::Portable: break;
        }
      });
    });
  }

  Int8Level level_ = Int8Level::Portable;
  bool is_depthwise_ = false, is_few_ = false;
  int quads_ = 0, stride_ = 0;          // quads: of a depthwise window; stride: of the epilogue's arrays for each group
  std::vector<int> places_, repeated_;  // of channels in these arrays; channels that are there again
  AlignedVector<std::int8_t> zeros_;
  RecordArrays record_arrays_;
};

}  // namespace quench::host
