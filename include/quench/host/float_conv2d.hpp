// SPDX-License-Identifier: Apache-2.0
// Convolutions of float maps and both their gradients, for training.
//
// All three are blocks of sums (float_kernel.hpp) over maps that are copied once with their padding, so that the loops
// hold no test: forward, a segment is a row of the window; the gradient of the input is gathered, a segment being a tap,
// phase by phase of the stride; the gradient of the weight has a segment for each row of output pixels. Depthwise
// convolutions have loops of their own (float_depthwise.hpp).
#pragma once

#include <quench/host/float_depthwise.hpp>
#include <quench/host/float_gemm.hpp>

namespace quench::host {

namespace detail {

/// A map of one sample with zeros around it.
struct PaddedMap {
  int height = 0, width = 0, channels = 0;  // of the padded map
  int top = 0, left = 0;

  std::ptrdiff_t row() const { return static_cast<std::ptrdiff_t>(width) * channels; }
  std::size_t size() const { return static_cast<std::size_t>(height * row()) + float_slack; }

  /// Copies a map into the middle; what of it lies outside is left out.
  void fill(const float* map, int map_height, int map_width, float* padded) const {
    std::fill_n(padded, size(), 0.0f);
    const int first = std::max(0, -left), last = std::min(map_width, width - left);
    if (last <= first) return;
    for (int y = std::max(0, -top); y < std::min(map_height, height - top); ++y)
      std::memcpy(padded + (y + top) * row() + static_cast<std::ptrdiff_t>(left + first) * channels,
                  map + (static_cast<std::ptrdiff_t>(y) * map_width + first) * channels,
                  static_cast<std::size_t>(last - first) * static_cast<std::size_t>(channels) * sizeof(float));
  }
};

/// The input with the zeros that the windows of all outputs meet.
inline PaddedMap padded_input(const FloatConv2d& c) {
  const int height = (c.out_height - 1) * c.stride.height + (c.kernel_size.height - 1) * c.dilation.height + 1;
  const int width = (c.out_width - 1) * c.stride.width + (c.kernel_size.width - 1) * c.dilation.width + 1;
  return {height, width, c.in_channels, c.padding.height, c.padding.width};
}

/// Whether a row of the window is contiguous in the map.
inline bool has_whole_rows(const FloatConv2d& c) { return c.groups == 1 && c.dilation.width == 1; }

inline int taps(const FloatConv2d& c) { return c.kernel_size.height * c.kernel_size.width; }

/// The weights of one group as [tap, depth, filters], or for gradients as [tap, filters, depth]; padded rows.
inline const float* pack_weights(const FloatConv2d& c, int group, bool is_gradient, const float* w) {
  const int depth = c.in_channels / c.groups, filters = c.out_channels / c.groups;
  const int rows = is_gradient ? filters : depth;
  const std::ptrdiff_t columns = padded_columns(is_gradient ? depth : filters);
  float* packed = scratch<1>(static_cast<std::size_t>(columns * rows * taps(c)));
  for (int f = 0; f < filters; ++f)
    for (int tap = 0; tap < taps(c); ++tap) {
      const float* from = w + (static_cast<std::ptrdiff_t>(group * filters + f) * taps(c) + tap) * depth;
      float* to = packed + static_cast<std::ptrdiff_t>(tap) * rows * columns;
      for (int d = 0; d < depth; ++d) (is_gradient ? to[f * columns + d] : to[d * columns + f]) = from[d];
    }
  return packed;
}

/// The segments of a window: its rows, or its taps.
inline void window_segments(const FloatConv2d& c, const PaddedMap& map, std::ptrdiff_t columns,
                            std::vector<std::ptrdiff_t>& in_map, std::vector<std::ptrdiff_t>& in_weights) {
  const std::ptrdiff_t depth = c.in_channels / c.groups;
  in_map.clear();
  in_weights.clear();
  for (int ky = 0; ky < c.kernel_size.height; ++ky)
    for (int kx = 0; kx < (has_whole_rows(c) ? 1 : c.kernel_size.width); ++kx) {
      in_map.push_back(ky * c.dilation.height * map.row() +
                       static_cast<std::ptrdiff_t>(kx) * c.dilation.width * c.in_channels);
      in_weights.push_back((ky * c.kernel_size.width + kx) * depth * columns);
    }
}

/// floor(a / b) for b > 0.
constexpr int floor_division(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/// Along one axis of the input: which taps reach the pixels phase, phase + stride, ..., and from which output pixel the
/// first of them.
struct Phase {
  std::vector<int> tap, output;

  Phase(int phase, int kernel, int stride, int padding, int dilation) {
    for (int k = 0; k < kernel; ++k) {
      const int distance = phase + padding - k * dilation;
      if (floor_division(distance, stride) * stride != distance) continue;
      tap.push_back(k);
      output.push_back(floor_division(distance, stride));
    }
  }
};

/// The output with the zeros that the input's pixels meet.
inline PaddedMap padded_output(const FloatConv2d& c) {
  const auto margin = [](int kernel, int stride, int padding, int dilation) {
    return std::max(0, -floor_division(padding - (kernel - 1) * dilation, stride));
  };
  const auto extent = [](int input, int stride, int padding, int before) {
    return before + (input - 1) / stride + floor_division(stride - 1 + padding, stride) + 1;
  };
  PaddedMap map;
  map.top = margin(c.kernel_size.height, c.stride.height, c.padding.height, c.dilation.height);
  map.left = margin(c.kernel_size.width, c.stride.width, c.padding.width, c.dilation.width);
  map.height = extent(c.in_height, c.stride.height, c.padding.height, map.top);
  map.width = extent(c.in_width, c.stride.width, c.padding.width, map.left);
  map.channels = c.out_channels;
  return map;
}

}  // namespace detail

/// y = bias + x * w.
/// Shapes   x [N,H,W,C], w [K,kh,kw,C/groups], bias [K] or none -> y [N,OH,OW,K]
inline void float_conv2d(const FloatConv2d& c, const float* x, const float* w, const float* bias, float* y,
                         Isa isa = best_isa()) {
  if (is_depthwise(c)) return float_depthwise(c, x, w, bias, y);
  const int depth = c.in_channels / c.groups, filters = c.out_channels / c.groups;
  const detail::PaddedMap map = detail::padded_input(c);
  const bool is_copied = c.padding.height > 0 || c.padding.width > 0;
  const std::ptrdiff_t x_row = is_copied ? map.row() : static_cast<std::ptrdiff_t>(c.in_width) * c.in_channels;
  const std::ptrdiff_t x_size = static_cast<std::ptrdiff_t>(c.in_height) * c.in_width * c.in_channels;
  const std::ptrdiff_t y_row = static_cast<std::ptrdiff_t>(c.out_width) * c.out_channels;
  detail::PaddedMap read = map;
  if (!is_copied) read.width = c.in_width;
  std::vector<std::ptrdiff_t> in_map, in_weights;
  FloatBlock block;
  block.b_k = detail::padded_columns(filters);
  detail::window_segments(c, read, block.b_k, in_map, in_weights);
  block.segments = static_cast<int>(in_map.size());
  block.a_offsets = in_map.data();
  block.b_offsets = in_weights.data();
  block.k = detail::has_whole_rows(c) ? c.kernel_size.width * depth : depth;
  block.a_row = static_cast<std::ptrdiff_t>(c.stride.width) * c.in_channels;
  block.c_row = c.out_channels;
  block.m = c.out_width;
  block.n = filters;
  for (int group = 0; group < c.groups; ++group) {
    block.b = detail::pack_weights(c, group, false, w);
    block.bias = bias != nullptr ? bias + group * filters : nullptr;
    for (int n = 0; n < c.samples; ++n) {
      const float* input = x + n * x_size;
      if (is_copied) {
        float* padded = detail::scratch<2>(map.size());
        map.fill(input, c.in_height, c.in_width, padded);
        input = padded;
      }
      for (int oy = 0; oy < c.out_height; ++oy) {
        block.a = input + oy * c.stride.height * x_row + group * depth;
        block.c = y + (static_cast<std::ptrdiff_t>(n) * c.out_height + oy) * y_row + group * filters;
        float_block(block, isa);
      }
    }
  }
}

/// Adds to gx the gradient of the input.
inline void float_conv2d_input_gradient(const FloatConv2d& c, const float* gy, const float* w, float* gx,
                                        Isa isa = best_isa()) {
  if (is_depthwise(c)) return float_depthwise_input_gradient(c, gy, w, gx);
  const int depth = c.in_channels / c.groups, filters = c.out_channels / c.groups;
  const detail::PaddedMap map = detail::padded_output(c);
  const std::ptrdiff_t y_size = static_cast<std::ptrdiff_t>(c.out_height) * c.out_width * c.out_channels;
  std::vector<std::ptrdiff_t> in_map, in_weights;
  FloatBlock block;
  block.b_k = detail::padded_columns(depth);
  block.k = filters;
  block.a_row = c.out_channels;
  block.c_row = static_cast<std::ptrdiff_t>(c.stride.width) * c.in_channels;
  block.n = depth;
  block.accumulate = true;
  for (int group = 0; group < c.groups; ++group) {
    block.b = detail::pack_weights(c, group, true, w);
    for (int n = 0; n < c.samples; ++n) {
      float* padded = detail::scratch<2>(map.size());
      map.fill(gy + n * y_size, c.out_height, c.out_width, padded);
      for (int py = 0; py < std::min(c.stride.height, c.in_height); ++py)
        for (int px = 0; px < std::min(c.stride.width, c.in_width); ++px) {
          const detail::Phase v(py, c.kernel_size.height, c.stride.height, c.padding.height, c.dilation.height);
          const detail::Phase h(px, c.kernel_size.width, c.stride.width, c.padding.width, c.dilation.width);
          in_map.clear();
          in_weights.clear();
          for (std::size_t i = 0; i < v.tap.size(); ++i)
            for (std::size_t j = 0; j < h.tap.size(); ++j) {
              in_map.push_back((v.output[i] + map.top) * map.row() +
                               static_cast<std::ptrdiff_t>(h.output[j] + map.left) * c.out_channels);
              in_weights.push_back((v.tap[i] * c.kernel_size.width + h.tap[j]) * filters * block.b_k);
            }
          if (in_map.empty()) continue;
          block.segments = static_cast<int>(in_map.size());
          block.a_offsets = in_map.data();
          block.b_offsets = in_weights.data();
          block.m = (c.in_width - px + c.stride.width - 1) / c.stride.width;
          for (int iy = py, t = 0; iy < c.in_height; iy += c.stride.height, ++t) {
            block.a = padded + t * map.row() + group * filters;
            block.c = gx + ((static_cast<std::ptrdiff_t>(n) * c.in_height + iy) * c.in_width + px) * c.in_channels +
                      group * depth;
            float_block(block, isa);
          }
        }
    }
  }
}

/// Adds to gw the gradient of the weight, and to gb, unless it is none, that of the bias.
inline void float_conv2d_weight_gradient(const FloatConv2d& c, const float* x, const float* gy, float* gw, float* gb,
                                         Isa isa = best_isa()) {
  const std::ptrdiff_t pixels = static_cast<std::ptrdiff_t>(c.samples) * c.out_height * c.out_width;
  if (gb != nullptr)
    for (std::ptrdiff_t p = 0; p < pixels; ++p)
      for (int k = 0; k < c.out_channels; ++k) gb[k] += gy[p * c.out_channels + k];
  if (is_depthwise(c)) return float_depthwise_weight_gradient(c, x, gy, gw);
  const int depth = c.in_channels / c.groups, filters = c.out_channels / c.groups;
  const detail::PaddedMap map = detail::padded_input(c);
  const std::ptrdiff_t x_size = static_cast<std::ptrdiff_t>(c.in_height) * c.in_width * c.in_channels;
  const std::ptrdiff_t y_row = static_cast<std::ptrdiff_t>(c.out_width) * c.out_channels;
  std::vector<std::ptrdiff_t> in_output, in_map;
  for (int oy = 0; oy < c.out_height; ++oy) {
    in_output.push_back(oy * y_row);
    in_map.push_back(oy * c.stride.height * map.row());
  }
  FloatBlock block;
  block.segments = c.out_height;
  block.a_offsets = in_output.data();
  block.b_offsets = in_map.data();
  block.a_row = 1;
  block.a_k = c.out_channels;
  block.b_k = static_cast<std::ptrdiff_t>(c.stride.width) * c.in_channels;
  block.k = c.out_width;
  block.c_row = static_cast<std::ptrdiff_t>(detail::taps(c)) * depth;
  block.m = filters;
  block.n = detail::has_whole_rows(c) ? c.kernel_size.width * depth : depth;
  block.accumulate = true;
  for (int n = 0; n < c.samples; ++n) {
    float* padded = detail::scratch<2>(map.size());
    map.fill(x + n * x_size, c.in_height, c.in_width, padded);
    for (int group = 0; group < c.groups; ++group)
      for (int ky = 0; ky < c.kernel_size.height; ++ky)
        for (int kx = 0; kx < (detail::has_whole_rows(c) ? 1 : c.kernel_size.width); ++kx) {
          block.a = gy + static_cast<std::ptrdiff_t>(n) * c.out_height * y_row + group * filters;
          block.b = padded + ky * c.dilation.height * map.row() +
                    static_cast<std::ptrdiff_t>(kx) * c.dilation.width * c.in_channels + group * depth;
          block.c =
              gw + group * filters * block.c_row + static_cast<std::ptrdiff_t>(ky * c.kernel_size.width + kx) * depth;
          float_block(block, isa);
        }
  }
}

}  // namespace quench::host
