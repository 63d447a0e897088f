// SPDX-License-Identifier: Apache-2.0
// Two-dimensional convolution of floats and its gradients, for training: one thread, near the peak of the CPU.
//
// Each is a matrix product (float/product.hpp) that reads its left matrix in place through tables. Windows are not
// copied; only the padding is written out, for a piece of the batch that fits the cache. If each channel is a group,
// the columns of the product are the channels and its depth the taps. Rounding is that of float_gemm. Padding counts as
// zeros, also in gradients: an infinite weight times padding gives NaN, as in a matrix product.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <quench/host/float/windows.hpp>
#include <quench/network/settings.hpp>

namespace quench::host {

/// A convolution: NHWC activations, OHWI weights [out_channels, kernel height, kernel width, in_channels / groups].
/// `padding` is that at the top and the left. The output extents are any: windows past the end read zeros.
struct FloatConv2d {
  int samples = 0;
  int in_height = 0, in_width = 0, in_channels = 0;
  int out_height = 0, out_width = 0, out_channels = 0;
  Pair kernel_size{1}, stride{1}, padding{0}, dilation{1};
  int groups = 1;
};

namespace detail {

struct ConvAxes {
  Axis y, x;

  explicit ConvAxes(const FloatConv2d& conv)
      : y{conv.in_height,     conv.out_height,     conv.kernel_size.height,
          conv.stride.height, conv.padding.height, conv.dilation.height},
        x{conv.in_width,     conv.out_width,     conv.kernel_size.width,
          conv.stride.width, conv.padding.width, conv.dilation.width} {}
};

inline bool is_depthwise(const FloatConv2d& conv) {
  return conv.groups > 1 && conv.groups == conv.in_channels && conv.groups == conv.out_channels;
}

// A walk over result pixels: y and x, and the packed weights of the product.
struct WalkOfPixels {
  Walk y, x;
  std::size_t depth = 0;  // taps * channels of a tap
  std::ptrdiff_t* offsets = nullptr;
  float* packed = nullptr;  // of all groups
};

// The differences between the convolution and its input gradient.
struct Correlation {
  ConvAxes axes;
  Isa isa = Isa::Baseline;
  Meets meets = Meets::AllColumns;
  bool gradient = false;
  int samples = 0, groups = 1;
  SourceShape source, result;
  int depth = 0, columns = 0;  // channels of a tap and of the result, in one group
  const float* weights = nullptr;
  std::ptrdiff_t tap_step = 0, depth_step = 0, column_step = 0, group_step = 0;  // in the weights
  const float* bias = nullptr;

  explicit Correlation(const FloatConv2d& conv) : axes(conv) {}
  int walks_down() const { return gradient ? axes.y.stride : 1; }
  int walks_across() const { return gradient ? axes.x.stride : 1; }
  Walk down(int remainder, int begin, int end) const {
    return gradient ? axes.y.gradient(remainder, begin, end) : axes.y.forward(begin, end);
  }
  Walk across(int remainder) const {
    return gradient ? axes.x.gradient(remainder, 0, result.width) : axes.x.forward(0, result.width);
  }
  Reach rows(int begin, int end) const {
    Reach reach;
    for (int remainder = 0; remainder < walks_down(); ++remainder) reach.include(down(remainder, begin, end));
    return reach;
  }
};

inline void correlate(const Correlation& work, const float* source, float* result) {
  const std::size_t columns = whole_vectors(work.isa, static_cast<std::size_t>(work.columns));
  Reach across;
  for (int remainder = 0; remainder < work.walks_across(); ++remainder) across.include(work.across(remainder));
  const Reach all_rows = work.rows(0, work.result.height);
  if (work.samples <= 0 || across.size() == 0 || all_rows.size() == 0) return;
  const bool whole_channels = static_cast<std::size_t>(work.columns) % lanes_of(work.isa) == 0;
  const bool copy = !all_rows.inside(work.source.height) || !across.inside(work.source.width) ||
                    (work.meets == Meets::ItsColumn && !whole_channels);
  const std::ptrdiff_t pixel = work.source.channels;
  const std::ptrdiff_t row = copy ? across.size() * pixel : work.source.row();

  // The weights and their source positions, for each walk.
  const int taps = work.axes.y.kernel * work.axes.x.kernel;
  const auto depth = static_cast<std::size_t>(work.depth), groups = static_cast<std::size_t>(work.groups);
  const std::size_t whole_depth = static_cast<std::size_t>(taps) * depth;
  std::ptrdiff_t* offsets = scratch<Scratch::Offsets, std::ptrdiff_t>(whole_depth);
  std::ptrdiff_t* const weights = scratch<Scratch::ColumnOffsets, std::ptrdiff_t>(whole_depth);
  float* packed = scratch<Scratch::Columns, float>(whole_depth * groups * columns);
  thread_local std::vector<WalkOfPixels> walks;
  walks.clear();
  for (int ry = 0; ry < work.walks_down(); ++ry)
    for (int rx = 0; rx < work.walks_across(); ++rx) {
      WalkOfPixels walk{work.down(ry, 0, work.result.height), work.across(rx), 0, offsets, packed};
      if (walk.y.empty() || walk.x.empty()) continue;
      for (int ty = 0; ty < walk.y.tap_count; ++ty)
        for (int tx = 0; tx < walk.x.tap_count; ++tx)
          for (std::size_t i = 0; i < depth; ++i, ++walk.depth) {
            const int tap =
                (walk.y.tap + ty * walk.y.tap_step) * work.axes.x.kernel + walk.x.tap + tx * walk.x.tap_step;
            const auto channel = static_cast<std::ptrdiff_t>(i);
            offsets[walk.depth] = (walk.y.offset + ty * walk.y.offset_step) * row +
                                  (walk.x.offset + tx * walk.x.offset_step) * pixel + channel;
            weights[walk.depth] = tap * work.tap_step + channel * work.depth_step;
          }
      for (std::size_t group = 0; group < groups; ++group, packed += walk.depth * columns)
        pack(work.isa,
             {work.weights + static_cast<std::ptrdiff_t>(group) * work.group_step, weights, walk.depth,
              static_cast<std::size_t>(work.columns), work.column_step},
             packed);
      offsets += walk.depth;
      walks.push_back(walk);
    }
  float* const bias = work.bias == nullptr ? nullptr : scratch<Scratch::Bias, float>(groups * columns);
  for (std::size_t i = 0; bias != nullptr && i < groups * columns; ++i) {
    const std::size_t n = i % columns;
    bias[i] = n < static_cast<std::size_t>(work.columns)
                  ? work.bias[i / columns * static_cast<std::size_t>(work.columns) + n]
                  : 0.0f;
  }

  const Piece piece = piece_of(work.samples, work.result.height, work.result.width, work.walks_down(),
                               all_rows.size() * std::ptrdiff_t{across.size()} * pixel);
  Grid grid;
  for (int n = 0; n < work.samples; n += piece.samples)
    for (int begin = 0; begin < work.result.height; begin += piece.rows) {
      const int samples = std::min(piece.samples, work.samples - n);
      const int end = std::min(begin + piece.rows, work.result.height);
      const Reach reach = work.rows(begin, end);
      if (reach.size() == 0) continue;
      const Image image = reached(source + n * work.source.sample(), work.source, samples, reach, across, copy);
      for (const WalkOfPixels& walk : walks) {
        const int remainder = work.gradient ? (walk.y.first + work.axes.y.padding) % work.axes.y.stride : 0;
        const Walk y = work.down(remainder, begin, end);
        if (y.empty()) continue;
        const Grid next{samples, y.count, walk.x.count};
        std::ptrdiff_t* const rows = scratch<Scratch::Rows, std::ptrdiff_t>(next.size());
        std::ptrdiff_t* const result_rows = scratch<Scratch::ResultRows, std::ptrdiff_t>(next.size());
        if (next != grid) {  // all walks have the same steps
          next.places(image.sample, y.source_step * image.row, walk.x.source_step * pixel, rows);
          next.places(work.result.sample(), y.step * work.result.row(),
                      std::ptrdiff_t{walk.x.step} * work.result.channels, result_rows);
          grid = next;
        }
        const float* const a = image.data + image.at(y.source - reach.begin, walk.x.source - across.begin);
        float* const c = result + n * work.result.sample() + y.first * work.result.row() +
                         std::ptrdiff_t{walk.x.first} * work.result.channels;
        for (std::size_t group = 0; group < groups; ++group) {
          Product product;
          product.isa = work.isa;
          product.meets = work.meets;
          product.a = a + group * depth;
          product.rows = rows;
          product.row_count = grid.size();
          product.offsets = walk.offsets;
          product.b = {walk.packed + group * walk.depth * columns, walk.depth, static_cast<std::size_t>(work.columns)};
          product.bias = bias == nullptr ? nullptr : bias + group * columns;
          product.c = c + group * static_cast<std::size_t>(work.columns);
          product.c_rows = result_rows;
          product.add = work.gradient;
          product.fours = work.depth % 4 == 0;
          multiply(product);
        }
      }
    }
}

inline Correlation correlation(const FloatConv2d& conv, bool gradient, const float* w, Isa isa) {
  const SourceShape in{conv.in_height, conv.in_width, conv.in_channels};
  const SourceShape out{conv.out_height, conv.out_width, conv.out_channels};
  const std::ptrdiff_t taps = std::ptrdiff_t{conv.kernel_size.height} * conv.kernel_size.width;
  Correlation work(conv);
  work.isa = isa;
  work.gradient = gradient;
  work.samples = conv.samples;
  work.source = gradient ? out : in;
  work.result = gradient ? in : out;
  work.weights = w;
  if (is_depthwise(conv)) {
    work.meets = Meets::ItsColumn;
    work.depth = 1;
    work.columns = conv.in_channels;
    work.tap_step = 1;
    work.column_step = taps;
    return work;
  }
  const int in_group = conv.in_channels / conv.groups, out_group = conv.out_channels / conv.groups;
  work.groups = conv.groups;
  work.depth = gradient ? out_group : in_group;
  work.columns = gradient ? in_group : out_group;
  work.tap_step = in_group;
  work.depth_step = gradient ? taps * in_group : 1;
  work.column_step = gradient ? 1 : taps * in_group;
  work.group_step = out_group * taps * in_group;
  return work;
}

}  // namespace detail

/// y = convolution of x with w, and the bias unless it is null.
inline void float_conv2d(const FloatConv2d& conv, const float* x, const float* w, const float* bias, float* y,
                         Isa isa = best_isa()) {
  detail::Correlation work = detail::correlation(conv, false, w, isa);
  work.bias = bias;
  detail::correlate(work, x, y);
}

/// gx += the gradient with respect to x, from gy.
inline void float_conv2d_input_gradient(const FloatConv2d& conv, const float* gy, const float* w, float* gx,
                                        Isa isa = best_isa()) {
  detail::correlate(detail::correlation(conv, true, w, isa), gy, gx);
}

/// gw += the gradient with respect to w, and gb += that with respect to the bias unless it is null, from gy.
inline void float_conv2d_weight_gradient(const FloatConv2d& conv, const float* x, const float* gy, float* gw, float* gb,
                                         Isa isa = best_isa()) {
  using namespace detail;
  const bool depthwise = is_depthwise(conv);
  const ConvAxes axes(conv);
  const SourceShape in{conv.in_height, conv.in_width, conv.in_channels};
  const SourceShape out{conv.out_height, conv.out_width, conv.out_channels};
  const int groups = depthwise ? 1 : conv.groups;
  const int depth = depthwise ? 1 : conv.in_channels / groups, columns = conv.out_channels / groups;
  const Walk across = axes.x.forward(0, conv.out_width), down = axes.y.forward(0, conv.out_height);
  if (conv.samples <= 0 || across.empty() || down.empty() || depth <= 0 || columns <= 0) return;
  Reach reach_across, reach_down;
  reach_across.include(across);
  reach_down.include(down);
  const bool copy = !reach_down.inside(in.height) || !reach_across.inside(in.width) ||
                    (depthwise && static_cast<std::size_t>(columns) % lanes_of(isa) != 0);

  const int taps = axes.y.kernel * axes.x.kernel;
  const auto row_count = static_cast<std::size_t>(taps) * static_cast<std::size_t>(depth);
  const std::size_t result_size = row_count * static_cast<std::size_t>(conv.out_channels);
  float* const result = scratch<Scratch::Gradient, float>(result_size);  // [group, tap, depth, column]
  std::ptrdiff_t* const rows = scratch<Scratch::Rows, std::ptrdiff_t>(row_count);
  std::ptrdiff_t* const result_rows = scratch<Scratch::ResultRows, std::ptrdiff_t>(row_count);
  const std::ptrdiff_t pixel = conv.in_channels, image_row = copy ? reach_across.size() * pixel : in.row();
  for (std::size_t i = 0; i < row_count; ++i) {
    const int tap = static_cast<int>(i) / depth, channel = static_cast<int>(i) % depth;
    rows[i] =
        tap / axes.x.kernel * axes.y.dilation * image_row + tap % axes.x.kernel * axes.x.dilation * pixel + channel;
    result_rows[i] = static_cast<std::ptrdiff_t>(i) * columns;
  }
  const std::size_t width = whole_vectors(isa, static_cast<std::size_t>(columns));
  // A copy of gy pays if it is read often.
  const bool as_it_is = width == static_cast<std::size_t>(columns) && row_count <= 16;
  const std::size_t sums_size = gb == nullptr ? 0 : static_cast<std::size_t>(groups) * width;
  double* const sums = scratch<Scratch::Bias, double>(sums_size);
  std::fill_n(sums, sums_size, 0.0);
  const Piece piece = piece_of(conv.samples, conv.out_height, conv.out_width, 1,
                               reach_down.size() * std::ptrdiff_t{reach_across.size()} * pixel);
  bool first = true;
  Grid grid;
  for (int n = 0; n < conv.samples; n += piece.samples)
    for (int begin = 0; begin < conv.out_height; begin += piece.rows) {
      const int samples = std::min(piece.samples, conv.samples - n);
      const Walk y = axes.y.forward(begin, std::min(begin + piece.rows, conv.out_height));
      Reach reach;
      reach.include(y);
      const Image image = reached(x + n * in.sample(), in, samples, reach, reach_across, copy);
      const Grid next{samples, y.count, across.count};
      const std::size_t pixels = next.size();
      std::ptrdiff_t* const offsets = scratch<Scratch::Offsets, std::ptrdiff_t>(pixels);
      std::ptrdiff_t* const gy_offsets = scratch<Scratch::ColumnOffsets, std::ptrdiff_t>(pixels);
      if (next != grid) {
        next.places(image.sample, y.source_step * image.row, across.source_step * pixel, offsets);
        next.places(out.sample(), out.row(), out.channels, gy_offsets);
        grid = next;
      }
      const float* const gy_piece = gy + n * out.sample() + begin * out.row();
      for (int group = 0; group < groups; ++group) {
        RightMatrix b{gy_piece + group * columns, pixels, static_cast<std::size_t>(columns),
                      static_cast<std::size_t>(out.channels)};
        if (!as_it_is) {
          float* const packed = scratch<Scratch::Columns, float>(pixels * width);
          pack(isa, {b.data, gy_offsets, pixels, b.columns, 1}, packed);
          b.data = packed;
          b.step = 0;
        }
        Product product;
        product.isa = isa;
        product.meets = depthwise ? Meets::ItsColumn : Meets::AllColumns;
        product.a = image.data + group * depth;
        product.rows = rows;
        product.row_count = row_count;
        product.offsets = offsets;
        product.b = b;
        product.c = result + static_cast<std::size_t>(group) * row_count * static_cast<std::size_t>(columns);
        product.c_rows = result_rows;
        product.add = !first;
        multiply(product);
        if (gb != nullptr) sum_rows(isa, b, sums + static_cast<std::size_t>(group) * width);
      }
      first = false;
    }
  const auto group_columns = static_cast<std::size_t>(columns);
  for (std::size_t c = 0; c < static_cast<std::size_t>(conv.out_channels); ++c) {
    const std::size_t group = c / group_columns, n = c % group_columns;
    for (std::size_t i = 0; i < row_count; ++i)
      gw[c * row_count + i] += result[(group * row_count + i) * group_columns + n];
    if (gb != nullptr) gb[c] += static_cast<float>(sums[group * width + n]);
  }
}

}  // namespace quench::host
