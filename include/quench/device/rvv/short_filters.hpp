// SPDX-License-Identifier: Apache-2.0
// Convolution of codes with short filters on a RISC-V with vectors: all filters of a block at a time.
//
// A filter of few codes fills no vector. So a vector contains the weights of a block of filters for one code of the window,
// and is multiplied by that code. These weights are not neighbours. They are first copied into a table, a row for each
// code of the window. It serves all pixels of the map. Freestanding.
#pragma once

#include <quench/device/patches.hpp>
#include <quench/device/rvv/codes.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// The longest filter, and the largest table: 2 KiB on the stack.
inline constexpr int most_short_codes = 32, most_short_weights = 1024;

/// True if `conv2d_short` takes fewer instructions than products along a filter.
constexpr bool has_short_filters(const kernels::Convolution& conv) {
  const Pair kernel = conv.window.kernel_size;
  const int filters = conv.y[2] / conv.groups;
  const int filter_size = kernel.height * kernel.width * (conv.x[2] / conv.groups);
  return filters >= 4 && filter_size <= most_short_codes && filter_size <= 4 * filters;
}

/// What a block of filters has in common for all pixels. There is perhaps no bias.
template <class Y>
struct FilterBlock {
  explicit FilterBlock(const kernels::OutputChannels& output) : bounds(output.low, output.high) {}

  Bounds<Y> bounds;
  std::size_t count = 0;
  const std::int32_t* bias = nullptr;
  const Requantization* records = nullptr;
  std::int16_t weights[most_short_weights];  // [code of the window, filter]
};

/// An operand of a product.
constexpr std::int16_t operand(std::int8_t code, int) { return code; }
constexpr std::int16_t operand(std::int16_t code, int shift) {
  return static_cast<std::int16_t>(round_half_up_shift(code, shift));
}

/// The codes of a block of filters at `pixels` pixels, whose windows begin `x_step` codes apart.
template <class X, class Y>
[[gnu::noinline]] void short_pixels(const X* x, int x_step, Y* y, int y_step, int pixels, const Patch& patch,
                                    int x_shift, const FilterBlock<Y>& block) {
  const std::size_t count = block.count;
  for (int pixel = 0, first = patch.x; pixel < pixels; ++pixel, first += x_step, y += y_step) {
    vint32m8_t acc = block.bias != nullptr ? __riscv_vle32_v_i32m8(block.bias, count) : __riscv_vmv_v_x_i32m8(0, count);
    for (int row = 0, x_row = first, w_row = patch.w; row < patch.rows;
         ++row, x_row += patch.x_row, w_row += patch.w_row)
      for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run) {
        const X* const codes = x + at_x;
        const std::int16_t* weights = block.weights + size(at_w) * count;
        for (int i = 0; i < patch.length; ++i, weights += count)
          acc = __riscv_vwmacc_vx_i32m8(acc, operand(codes[i], x_shift), __riscv_vle16_v_i16m4(weights, count), count);
      }
    store(y, acc, block.records, block.bounds, count);
  }
}

/// As kernels::conv2d.
/// Errors   none; undefined unless `has_short_filters`
template <class X, class Y>
[[gnu::noinline]] void conv2d_short(const X* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
                                    const kernels::OutputChannels& output) {
  const Pair kernel = conv.window.kernel_size;
  const int filters = conv.y[2] / conv.groups, depth = conv.x[2] / conv.groups;
  const int filter_size = kernel.height * kernel.width * depth, most_filters = most_short_weights / filter_size;
  FilterBlock<Y> block(output);
  for (int channel = 0; channel < conv.y[2]; channel += static_cast<int>(block.count)) {
    const int group = channel / filters, left = (group + 1) * filters - channel;
    block.count = __riscv_vsetvl_e16m4(size(left < most_filters ? left : most_filters));
    block.bias = output.bias != nullptr ? output.bias + channel : nullptr;
    if constexpr (!std::is_same_v<Y, std::int32_t>) block.records = output.requantization + channel;
    for (int code = 0; code < filter_size; ++code) {
      const vint8m2_t column = __riscv_vlse8_v_i8m2(w + channel * filter_size + code, filter_size, block.count);
      __riscv_vse16_v_i16m4(block.weights + size(code) * block.count, __riscv_vsext_vf2_i16m4(column, block.count),
                            block.count);
    }
    Y* to = y + channel;
    for (int oy = 0; oy < conv.y[0]; ++oy) {
      const PatchRow patches(conv, oy);
      for (int ox = 0; ox < conv.y[1];) {
        const int pixels = patches.count(ox) < conv.y[1] - ox ? patches.count(ox) : conv.y[1] - ox;
        short_pixels(x + group * depth, patches.step(), to, conv.y[2], pixels, patches.at(ox), conv.x_shift, block);
        ox += pixels, to += pixels * conv.y[2];
      }
    }
  }
}

}  // namespace quench::device::rvv

#endif
