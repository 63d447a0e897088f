// SPDX-License-Identifier: Apache-2.0
// What packed convolutions of int8 and of int16 share: the walk over a map, and the layout of the weights in blocks.
//
// Bands of the map are copied with their padding. Blocks of accumulators are summed over the rows of the window. A
// convolution with a window of one pixel is a product of matrices: the pixels of all samples are its rows.
#pragma once

#include <algorithm>
#include <vector>

#include <quench/host/integer/bands.hpp>
#include <quench/host/integer/block.hpp>
#include <quench/host/scratch.hpp>

namespace quench::host {

/// `Self`: the derived class. It has `run_rows(samples, rows, x, y, low, high)`, which computes some output rows of each
/// map and writes the first of them to y; sums are not clamped. `products_of_part` is the least number of products for
/// a thread, as a power of two.
template <class Self, class Bands>
class PackedConvolution {
 public:
  /// kernels::conv2d for each of `samples` maps. Several threads may run one object.
  template <class X, class Y>
  void run(int samples, const X* x, Y* y) const {
    run_held(samples, all_rows(), x, y, low_, high_);
  }
  /// The same for one of `parts` parts of the output rows of each map. If the plain kernel runs, part 0 is all.
  template <class X, class Y>
  void run_part(int samples, int part, int parts, const X* x, Y* y) const {
    if (is_plain_) return part == 0 ? run(samples, x, y) : void();
    const auto bound = [&](int i) { return static_cast<int>(std::int64_t{conv_.y[0]} * i / parts); };
    run_held(samples, {bound(part), bound(part + 1)}, x, y, low_, high_);
  }
  /// The accumulators, including the bias, unclamped.
  template <class X>
  void run_sums(int samples, const X* x, std::int32_t* y) const {
    run_held(samples, all_rows(), x, y, INT32_MIN, INT32_MAX);
  }

  /// The number of parts with enough work for a thread.
  int parts() const {
    if (is_plain_) return 1;
    const std::int64_t products = conv_.y.elements() * std::int64_t{size()};
    return static_cast<int>(std::clamp<std::int64_t>(products >> Self::products_of_part, 1, conv_.y[0]));
  }

 protected:
  using Code = typename Bands::Code;

  PackedConvolution() = default;
  explicit PackedConvolution(const kernels::Convolution& conv)
      : conv_(conv), depth_(conv.x[2] / conv.groups), filters_(conv.y[2] / conv.groups) {}

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  /// Weights of a filter.
  int size() const { return conv_.window.kernel_size.height * conv_.window.kernel_size.width * depth_; }
  RowRange all_rows() const { return {0, conv_.y[0]}; }
  /// Elements before an output row.
  std::ptrdiff_t before(int row) const { return static_cast<std::ptrdiff_t>(row) * conv_.y[1] * conv_.y[2]; }
  /// True if the rows of all samples are contiguous, and their number is an int.
  bool is_joined(int samples, RowRange rows) const {
    return rows.begin == 0 && rows.end == conv_.y[0] && std::int64_t{samples} * conv_.y[0] <= INT32_MAX;
  }

  /// Treats the map as one column of pixels if the window is one pixel.
  void find_pointwise() {
    const kernels::Window& window = conv_.window;
    is_pointwise_ = window.kernel_size == 1 && window.stride == 1 && window.padding == 0 && conv_.x[0] == conv_.y[0] &&
                    conv_.x[1] == conv_.y[1];
    if (!is_pointwise_) return;
    conv_.x = Shape(conv_.x[0] * conv_.x[1], 1, conv_.x[2]);
    conv_.y = Shape(conv_.y[0] * conv_.y[1], 1, conv_.y[2]);
  }

  /// The convolution to divide into bands. A column has the pixels of all samples.
  kernels::Convolution banded() const {
    kernels::Convolution conv = conv_;
    if (is_pointwise_) conv.x[0] = conv.y[0] = 4096;
    return conv;
  }

  void set_bands(Bands bands) {
    bands_ = std::move(bands);
    for (int oy = 0; oy < bands_.rows; ++oy)
      for (int ox = 0; ox < conv_.y[1]; ++ox) rows_.push_back(oy * bands_.row_step + ox * bands_.pixel_step);
  }

  /// Finds the quads of a window. `joined_rows` of its rows are joined in the copies of bands.
  void find_quads(int joined_rows = 1) {
    const Pair kernel = conv_.window.kernel_size, dilation = conv_.window.dilation;
    const bool whole_rows = conv_.groups == 1 && dilation.width == 1;
    joined_rows_ = joined_rows;
    length_ = (whole_rows ? kernel.width * depth_ : depth_) * joined_rows_;
    for (int ky = 0; ky < kernel.height / joined_rows_; ++ky)
      for (int kx = 0; kx < (whole_rows ? 1 : kernel.width); ++kx)
        for (int code = 0; code < length_; code += codes_of_quad<Code>)
          quad_offsets_.push_back((ky * dilation.height * bands_.width + kx * dilation.width) * conv_.x[2] + code);
  }

  int quads() const { return static_cast<int>(quad_offsets_.size()); }
  int neighbours() const { return (length_ + codes_of_quad<Code> - 1) / codes_of_quad<Code>; }
  std::size_t group_size() const { return at(quads()) * at(codes_of_quad<Code> * padded_channels(filters_)); }

  void pack_blocks(const std::int8_t* weight) {
    packed_.assign(at(conv_.groups) * group_size(), 0);
    const int row = conv_.window.kernel_size.width * depth_;
    for (int k = 0; k < conv_.y[2]; ++k) {
      const BlockPlace<Code> place(k % filters_, filters_, quads());
      Code* to = packed_.data() + at(k / filters_) * group_size() + place.first;
      for (int quad = 0; quad < quads(); quad += neighbours(), weight += length_, to += at(neighbours()) * place.step)
        for (int i = 0; i < length_; ++i) {
          const int column = i / depth_;  // of one pixel: the joined rows of a column are contiguous
          const int from =
              joined_rows_ == 1 ? i : column % joined_rows_ * row + column / joined_rows_ * depth_ + i % depth_;
          to[at(i / codes_of_quad<Code>) * place.step + at(i % codes_of_quad<Code>)] = weight[from];
        }
    }
  }

  /// Copies weights and records for the plain kernel.
  void own(const std::int8_t* weight, const kernels::OutputChannels& output) {
    const int channels = conv_.y[2];
    plain_weight_.assign(weight, weight + channels * size());
    plain_bias_.clear();
    plain_records_.clear();
    if (output.bias != nullptr) plain_bias_.assign(output.bias, output.bias + channels);
    if (output.requantization != nullptr)
      plain_records_.assign(output.requantization, output.requantization + channels);
  }

  /// Calls `run(map, pixels, y)` for pixels that are contiguous in a copy of the map and in y.
  template <class X, class Y, class Run>
  void for_bands(int samples, RowRange rows, const X* x, Y* y, const Run& run) const {
    if (is_pointwise_ && is_joined(samples, rows)) return for_pixels(samples * conv_.y[0], x, y, run);
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      if (is_pointwise_)
        for_pixels(rows.end - rows.begin, x + std::ptrdiff_t{rows.begin} * conv_.x[2], y, run);
      else
        for (int first = rows.begin; first < rows.end; first += bands_.rows) {
          const int count = std::min(bands_.rows, rows.end - first);
          Code* const map = detail::scratch<detail::Scratch::Map, Code>(bands_.size_of_copy());
          bands_.copy(x, first, count, map);
          run(map, count * conv_.y[1], y + before(first - rows.begin));
        }
  }

  /// Calls `run(block)` for the blocks of all groups.
  template <class Y, class Run>
  void for_groups(const Code* map, int first_pixel, int pixels, Y* y, std::int32_t low, std::int32_t high,
                  const Run& run) const {
    Block<Code, Y> block;
    block.rows = rows_.data() + first_pixel;
    block.m = pixels;
    block.quad_offsets = quad_offsets_.data();
    block.quads = quads();
    block.neighbours = neighbours();
    block.channels = filters_;
    block.epilogue = &epilogue_;
    block.y_row = conv_.y[2];
    block.low = low;
    block.high = high;
    for (int group = 0; group < conv_.groups; ++group) {
      block.a = map + group * depth_;
      block.weights = packed_.data() + at(group) * group_size();
      block.first_channel = group * padded_channels(filters_);
      block.y = y + group * filters_;
      run(block);
    }
  }

  kernels::Convolution conv_;
  int depth_ = 1, filters_ = 1;
  bool is_plain_ = false;  // the plain kernel runs
  bool is_pointwise_ = false;
  Bands bands_;
  std::vector<std::int32_t> quad_offsets_, rows_;  // of quads and pixels in a band
  int length_ = 0, joined_rows_ = 1;               // length: contiguous codes of a window
  AlignedVector<Code> packed_;
  Epilogue epilogue_;
  std::int32_t low_ = INT32_MIN, high_ = INT32_MAX;

 private:
  template <class X, class Y>
  void run_held(int samples, RowRange rows, const X* x, Y* y, std::int32_t low, std::int32_t high) const {
    if (samples <= 0) return;
    if (!is_plain_) {
      static_cast<const Self&>(*this).run_rows(samples, rows, x, y + before(rows.begin), low, high);
      if constexpr (std::is_same_v<Y, std::int32_t>)
        if (low != INT32_MIN || high != INT32_MAX) hold(samples, rows, y, low, high);
      return;
    }
    const kernels::OutputChannels output{plain_bias_.empty() ? nullptr : plain_bias_.data(), plain_records_.data(), low,
                                         high};
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      kernels::conv2d(x, plain_weight_.data(), y, conv_, output);
  }

  // Kernels do not clamp sums.
  void hold(int samples, RowRange rows, std::int32_t* y, std::int32_t low, std::int32_t high) const {
    for (int n = 0; n < samples; ++n, y += conv_.y.elements())
      for (std::ptrdiff_t i = before(rows.begin); i < before(rows.end); ++i) y[i] = std::clamp(y[i], low, high);
  }

  // Contiguous pixels. They are read in place if a copy would equal them and no quad has codes of two pixels.
  template <class X, class Y, class Run>
  void for_pixels(int pixels, const X* x, Y* y, const Run& run) const {
    for (int count = 0; pixels > 0; pixels -= count, x += count * conv_.x[2], y += count * conv_.y[2]) {
      count = std::min(bands_.rows, pixels);
      const Code* map = depth_ % codes_of_quad<Code> == 0 ? bands_.in_place(x) : nullptr;
      if (map == nullptr) {
        Code* const copy = detail::scratch<detail::Scratch::Map, Code>(bands_.size_of_copy());
        bands_.copy_pixels(x, copy, count);
        map = copy;
      }
      run(map, count, y);
    }
  }

  std::vector<std::int8_t> plain_weight_;
  std::vector<std::int32_t> plain_bias_;
  std::vector<Requantization> plain_records_;
};

}  // namespace quench::host
