// SPDX-License-Identifier: Apache-2.0
// Convolution of a map: dense, grouped and depthwise.
//
// Padding adds 0, so taps in the padding are left out of the sum. They are found once for each output pixel. The inner
// loop runs over contiguous codes: a whole row of the window if there is one group and no dilation, else the channels
// of one group. Two output pixels whose windows have the same taps are summed together, two filters at a time. Other
// pixels are computed alone, four filters at a time. Depthwise filters share no codes, and have a separate loop.
//
// Integers are the loop counters, so no pointer ever leaves its array; in the tests the compiler proves it.
// Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/window.hpp>
#include <quench/network/graph.hpp>

namespace quench::kernels {

/// The settings of a convolution, or of a transposed one.
/// Shapes   x [H,W,C], y [OH,OW,K]; groups divides C and K
struct Convolution {
  Shape x;
  Shape y;
  Window window{};
  int groups = 1;
  int x_shift = 0;  // the h of nash.md section 4, in [0, 15]; 0 for int8
};

/// The convolution that a node computes, of any operator of the families Convolution and TransposedConvolution.
constexpr Convolution convolution_of(const Node& node, const Shape& x, int x_shift) {
  return {as_map(x), as_map(node.shape), window_of(node.settings), node.settings.groups, x_shift};
}

namespace detail {

/// The part of the window inside the map, at one output pixel: `rows` times the same runs of codes.
struct Patch {
  int rows;
  Runs runs;
};

/// The distance in codes between two rows of the window.
struct RowSteps {
  int x, w;
};

/// Σ x * w over a patch, for filters that see the same channels and lie `filter_step` apart.
template <int Filters, class X>
constexpr Sums<Filters> dot_patch(const X* x, const std::int8_t* w, int filter_step, const Patch& patch,
                                  const RowSteps& steps, int shift) {
  Sums<Filters> sums;
  for (int row = 0; row < patch.rows; ++row)
    add_dot(sums, x + row * steps.x, w + row * steps.w, filter_step, patch.runs, shift);
  return sums;
}

/// The same for two filters at two pixels, `pixel_step` codes apart, whose windows have the same taps inside the map.
/// Returns both filters at the first pixel, then both at the second. Each code is loaded once for two products. A
/// separate function, so that variables of other code take no registers from it.
template <class X>
[[gnu::noinline]] constexpr Sums<4> dot_two_pixels(const X* x, int pixel_step, const std::int8_t* w, int filter_step,
                                                   const Patch& patch, const RowSteps& steps, int shift) {
  std::int32_t a = 0, b = 0, c = 0, d = 0, v = 0, u = 0;
  for (int row = 0; row < patch.rows; ++row) {
    int at_x = row * steps.x, at_w = row * steps.w;
    for (int run = 0; run < patch.runs.count; ++run, at_x += patch.runs.x_step, at_w += patch.runs.w_step) {
      const X *p = x + at_x, *q = p + pixel_step;
      const std::int8_t *f = w + at_w, *g = f + filter_step;
      int count = patch.runs.length;
      for (; count >= 8; count -= 8, p += 8, q += 8, f += 8, g += 8) {
        v = operand(p[0], shift), u = operand(q[0], shift), a += v * f[0], b += v * g[0], c += u * f[0], d += u * g[0];
        v = operand(p[1], shift), u = operand(q[1], shift), a += v * f[1], b += v * g[1], c += u * f[1], d += u * g[1];
        v = operand(p[2], shift), u = operand(q[2], shift), a += v * f[2], b += v * g[2], c += u * f[2], d += u * g[2];
        v = operand(p[3], shift), u = operand(q[3], shift), a += v * f[3], b += v * g[3], c += u * f[3], d += u * g[3];
        v = operand(p[4], shift), u = operand(q[4], shift), a += v * f[4], b += v * g[4], c += u * f[4], d += u * g[4];
        v = operand(p[5], shift), u = operand(q[5], shift), a += v * f[5], b += v * g[5], c += u * f[5], d += u * g[5];
        v = operand(p[6], shift), u = operand(q[6], shift), a += v * f[6], b += v * g[6], c += u * f[6], d += u * g[6];
        v = operand(p[7], shift), u = operand(q[7], shift), a += v * f[7], b += v * g[7], c += u * f[7], d += u * g[7];
      }
      for (; count > 0; --count, ++p, ++q, ++f, ++g)
        v = operand(*p, shift), u = operand(*q, shift), a += v * *f, b += v * *g, c += u * *f, d += u * *g;
    }
  }
  return {{apart(a), apart(b), apart(c), apart(d)}};
}

/// The same for one filter of one channel.
template <class X>
[[gnu::noinline]] constexpr std::int32_t dot_channel(const X* x, const std::int8_t* w, const Patch& patch,
                                                     const RowSteps& steps, int shift) {
  const int taps = patch.runs.count, step = patch.runs.x_step;
  std::int32_t acc = 0;
  for (int row = patch.rows; row > 0; x += steps.x, w += steps.w) {
    int tap = 0, at = 0;
    for (; tap + 2 <= taps; tap += 2, at += 2 * step) {
      acc += operand(x[at], shift) * w[tap];
      acc += operand(x[at + step], shift) * w[tap + 1];
    }
    if (tap < taps) acc += operand(x[at], shift) * w[tap];
    if (--row == 0) break;  // before a pointer leaves its array
  }
  return acc;
}

/// The same for a patch that is three taps wide, as nearly all are.
template <class X>
constexpr std::int32_t dot_three_taps(const X* x, const std::int8_t* w, const Patch& patch, const RowSteps& steps,
                                      int shift) {
  const int step = patch.runs.x_step;
  std::int32_t acc = 0;
  for (int row = patch.rows;; x += steps.x, w += steps.w) {
    acc += operand(x[0], shift) * w[0];
    acc += operand(x[step], shift) * w[1];
    acc += operand(x[2 * step], shift) * w[2];
    if (--row == 0) return acc;  // before a pointer leaves its array
  }
}

/// The codes of one pixel of a depthwise convolution. Returns the place of the next code.
template <class X, class Y>
[[gnu::noinline]] constexpr Y* depthwise_pixel(const X* x, const std::int8_t* w, int filter_step, Y* y, int channels,
                                               const Patch& patch, const RowSteps& steps, int shift,
                                               const OutputChannels& output) {
  const bool is_three_wide = patch.runs.count == 3;
  const Patch inside = patch;  // copies that no store of a code can change
  const RowSteps row_steps = steps;
  OutputChannels next = output;
  for (int channel = 0; channel < channels; ++channel, ++x) {
    const std::int8_t* filter = w + channel * filter_step;
    const std::int32_t sum = is_three_wide ? dot_three_taps(x, filter, inside, row_steps, shift)
                                           : dot_channel(x, filter, patch, steps, shift);
    *y++ = finish_next<Y>(sum, next);
  }
  return y;
}

}  // namespace detail

/// Cross-correlation of a map with one filter for each output channel.
/// Shapes   x [H,W,C], w [K,kh,kw,C/groups] -> y [OH,OW,K], of any extents
/// Units    x: int8 or int16; w: int8; acc: int32 at s_x * 2^x_shift * s_w[channel]; y: int8, int16, or int32 = acc
/// Rounding x half up by x_shift (int16 only); acc as `requantize`; then clamped to [output.low, output.high]
/// Errors   none; undefined unless Σ|w| * max|x >> x_shift| + |bias| <= 2^31 - 1 for each channel; y overlaps nothing
/// Equals   clamp(requantize(bias + Σ x * w)) with x = 0 outside the map
/// Source   nash.md section 4
template <class X, class Y>
constexpr void conv2d(const X* x, const std::int8_t* w, Y* y, const Convolution& conv, const OutputChannels& output) {
  const Window& window = conv.window;
  const Pair kernel = window.kernel_size;
  const int width = conv.x[1], channels = conv.x[2];
  const int depth = channels / conv.groups, filters = conv.y[2] / conv.groups;
  const int filter_size = kernel.height * kernel.width * depth;
  const bool is_depthwise = depth == 1 && filters == 1;
  const bool is_row_one_run = !is_depthwise && conv.groups == 1 && window.dilation.width == 1;
  const int tap_step = window.dilation.width * channels, pixel_step = window.stride.width * channels;
  const detail::RowSteps steps{window.dilation.height * width * channels, kernel.width * depth};
  const int shift = conv.x_shift;
  const auto columns_at = [&](int ox) {
    return taps_inside(ox * window.stride.width - window.padding.width, kernel.width, window.dilation.width, width);
  };

  for (int oy = 0; oy < conv.y[0]; ++oy) {
    const Taps rows = taps_inside(oy * window.stride.height - window.padding.height, kernel.height,
                                  window.dilation.height, conv.x[0]);
    for (int ox = 0; ox < conv.y[1]; ++ox) {
      const Taps columns = columns_at(ox), next_columns = columns_at(ox + 1);
      detail::Patch patch{};
      int at_x = 0, at_w = 0;
      if (rows.begin < rows.end && columns.begin < columns.end) {
        const int height = rows.end - rows.begin, taps = columns.end - columns.begin;
        patch = is_row_one_run ? detail::Patch{1, {height, taps * depth, steps.x, steps.w}}
                               : detail::Patch{height, {taps, depth, tap_step, depth}};
        at_x = (rows.origin * width + columns.origin) * channels + rows.begin * steps.x + columns.begin * tap_step;
        at_w = rows.begin * steps.w + columns.begin * depth;
      }
      OutputChannels next = output;
      if (is_depthwise) {
        y = detail::depthwise_pixel(x + at_x, w + at_w, filter_size, y, conv.groups, patch, steps, shift, output);
      } else if (filters % 2 == 0 && ox + 1 < conv.y[1] && next_columns.begin == columns.begin &&
                 next_columns.end == columns.end) {
        OutputChannels next_of_second = output;
        Y* y_of_second = y + conv.y[2];
        for (int group = 0; group < conv.groups; ++group, at_x += depth)
          for (int left = filters; left > 0; left -= 2, at_w += 2 * filter_size) {
            const detail::Sums<4> sums =
                detail::dot_two_pixels(x + at_x, pixel_step, w + at_w, filter_size, patch, steps, shift);
            y = detail::finish_next(detail::Sums<2>{{sums.of[0], sums.of[1]}}, y, next);
            y_of_second = detail::finish_next(detail::Sums<2>{{sums.of[2], sums.of[3]}}, y_of_second, next_of_second);
          }
        y = y_of_second;
        ++ox;
      } else {
        for (int group = 0; group < conv.groups; ++group, at_x += depth) {
          int left = filters;
          for (; left >= 4; left -= 4, at_w += 4 * filter_size)
            y = detail::finish_next(detail::dot_patch<4>(x + at_x, w + at_w, filter_size, patch, steps, shift), y,
                                    next);
          for (; left > 0; --left, at_w += filter_size)
            y = detail::finish_next(detail::dot_patch<1>(x + at_x, w + at_w, filter_size, patch, steps, shift), y,
                                    next);
        }
      }
    }
  }
}

}  // namespace quench::kernels
