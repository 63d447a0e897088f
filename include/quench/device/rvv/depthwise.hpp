// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of codes on a RISC-V with vectors: as many channels at a time as two registers hold.
//
// Weights of neighbouring channels are not neighbours, so those of a block of channels are first copied into a table, a
// row for each tap. It serves all pixels of the map. Freestanding.
#pragma once

#include <quench/device/patches.hpp>
#include <quench/device/rvv/codes.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// The largest window and block of `depthwise`: a table of 1600 bytes on the stack.
inline constexpr int most_depthwise_taps = 25, most_depthwise_channels = 64;

/// True if `depthwise` covers a convolution.
constexpr bool is_fast_depthwise(const kernels::Convolution& conv) {
  const Pair kernel = conv.window.kernel_size;
  return conv.groups == conv.x[2] && conv.groups == conv.y[2] && conv.groups >= 4 &&
         kernel.height * kernel.width <= most_depthwise_taps;
}

/// What a block of channels has in common for all pixels. There is perhaps no bias.
template <class Y>
struct ChannelBlock {
  explicit ChannelBlock(const kernels::OutputChannels& output) : bounds(output.low, output.high) {}

  Bounds<Y> bounds;
  std::size_t count = 0;
  const std::int32_t* bias = nullptr;
  const Requantization* records = nullptr;
  std::int8_t weights[size(most_depthwise_taps * most_depthwise_channels)];  // [tap, channel]
};

/// Adds x * w at one tap.
[[gnu::always_inline]] inline vint32m8_t add_tap(vint32m8_t acc, const std::int8_t* x, vint8m2_t w, int,
                                                 std::size_t count) {
  return __riscv_vwadd_wv_i32m8(acc, __riscv_vwmul_vv_i16m4(__riscv_vle8_v_i8m2(x, count), w, count), count);
}
[[gnu::always_inline]] inline vint32m8_t add_tap(vint32m8_t acc, const std::int16_t* x, vint8m2_t w, int shift,
                                                 std::size_t count) {
  const vint16m4_t codes = shifted(__riscv_vle16_v_i16m4(x, count), size(shift), count);
  return __riscv_vwmacc_vv_i32m8(acc, codes, __riscv_vsext_vf2_i16m4(w, count), count);
}

/// The codes of a block of channels at `pixels` pixels, whose windows begin `x_step` codes apart.
template <class X, class Y>
[[gnu::noinline]] void depthwise_pixels(const X* x, int x_step, Y* y, int y_step, int pixels, const Patch& patch,
                                        int x_shift, int kernel_width, const ChannelBlock<Y>& block) {
  const std::size_t count = block.count;
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(count), tap_step = patch.x_run;
  const std::ptrdiff_t next_x = patch.x_row - patch.runs * tap_step, next_w = (kernel_width - patch.runs) * step;
  const std::int8_t* const weights = block.weights + patch.w * step;
  set_round_half_up();
  for (int pixel = 0, first = patch.x; pixel < pixels; ++pixel, first += x_step, y += y_step) {
    vint32m8_t acc = block.bias != nullptr ? __riscv_vle32_v_i32m8(block.bias, count) : __riscv_vmv_v_x_i32m8(0, count);
    std::ptrdiff_t at = first, at_w = 0;
    for (int row = patch.rows; row > 0; --row, at += next_x, at_w += next_w)
      for (int tap = patch.runs; tap > 0; --tap, at += tap_step, at_w += step)
        acc = add_tap(acc, x + at, __riscv_vle8_v_i8m2(weights + at_w, count), x_shift, count);
    store(y, acc, block.records, block.bounds, count);
  }
}

/// As kernels::conv2d with one channel in each group.
/// Errors   none; undefined unless `is_fast_depthwise`
template <class X, class Y>
[[gnu::noinline]] void depthwise(const X* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
                                 const kernels::OutputChannels& output) {
  const int channels = conv.groups, height = conv.y[0], width = conv.y[1];
  const int kernel_width = conv.window.kernel_size.width, taps = conv.window.kernel_size.height * kernel_width;
  ChannelBlock<Y> block(output);
  for (int channel = 0; channel < channels; channel += static_cast<int>(block.count)) {
    const int left = channels - channel < most_depthwise_channels ? channels - channel : most_depthwise_channels;
    block.count = __riscv_vsetvl_e8m2(size(left));
    block.bias = output.bias != nullptr ? output.bias + channel : nullptr;
    if constexpr (!std::is_same_v<Y, std::int32_t>) block.records = output.requantization + channel;
    for (int tap = 0; tap < taps; ++tap)
      __riscv_vse8_v_i8m2(block.weights + size(tap) * block.count,
                          __riscv_vlse8_v_i8m2(w + channel * taps + tap, taps, block.count), block.count);
    Y* to = y + channel;
    for (int oy = 0; oy < height; ++oy) {
      const PatchRow patches(conv, oy);
      for (int ox = 0; ox < width;) {
        const int pixels = patches.count(ox) < width - ox ? patches.count(ox) : width - ox;
        depthwise_pixels(x + channel, patches.step(), to, channels, pixels, patches.at(ox), conv.x_shift, kernel_width,
                         block);
        ox += pixels, to += pixels * channels;
      }
    }
  }
}

}  // namespace quench::device::rvv

#endif
