// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers (integer/block.hpp, int8/depthwise.hpp) on any aarch64 CPU.
//
// Weights are packed as for x86; codes are multiplied as they are. smull makes 16-bit products, and sadalp adds pairs of
// them to 32-bit sums (two products of -128 and -128 would not fit 16 bits). So a channel has two sums, which are added at
// the end. vrshl rounds half up, and as if of any width, as nash.md defines it.
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/int8/depthwise.hpp>
#include <quench/host/integer/block.hpp>

#if defined(__AARCH64EL__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace quench::host::detail {

#if defined(__AARCH64EL__) && defined(__ARM_NEON)

// Named, so that functions of it fit into others whatever the compiler is told of the CPU.
#define QUENCH_NEON gnu::target("arch=armv8-a")

/// Copies fewer than 16 codes in parts, without a call, across which vectors would not stay in registers.
template <class Y>
[[QUENCH_NEON, gnu::always_inline]] inline void copy_few(const Y* from, int count, Y* to) {
  if ((count & 8) != 0) std::memcpy(to, from, 8 * sizeof(Y)), from += 8, to += 8;
  if ((count & 4) != 0) std::memcpy(to, from, 4 * sizeof(Y)), from += 4, to += 4;
  if ((count & 2) != 0) std::memcpy(to, from, 2 * sizeof(Y)), from += 2, to += 2;
  if ((count & 1) != 0) *to = *from;
}

/// How sums of eight channels become codes: of the fours of channels that begin at two places.
struct EightRecords {
  int32x4_t bias[2], pre[2], post[2];
  int16x4_t multiplier[2];
  std::int32_t low, high;

  [[QUENCH_NEON, gnu::always_inline]] EightRecords(const Epilogue& e, int first, int second, std::int32_t lowest,
                                                   std::int32_t highest)
      : low(lowest), high(highest) {
    load(e, 0, first);
    load(e, 1, second);
  }

 private:
  [[QUENCH_NEON, gnu::always_inline]] void load(const Epilogue& e, std::size_t i, int at) {
    bias[i] = vld1q_s32(e.sum_first.data() + at);
    pre[i] = vnegq_s32(vld1q_s32(e.pre.data() + at));  // shifts to the left
    post[i] = vnegq_s32(vld1q_s32(e.post.data() + at));
    multiplier[i] = vmovn_s32(vld1q_s32(e.multiplier.data() + at));
  }
};

/// Requantizes four sums to 16 bits, saturated.
[[QUENCH_NEON, gnu::always_inline]] inline int16x4_t scaled(int32x4_t sums, const EightRecords& e, std::size_t i) {
  const int16x4_t narrowed = vqmovn_s32(vrshlq_s32(vaddq_s32(sums, e.bias[i]), e.pre[i]));
  return vqmovn_s32(vrshlq_s32(vmull_s16(narrowed, e.multiplier[i]), e.post[i]));
}

/// Stores up to `count` of the codes that the sums of eight channels become.
template <class Y>
[[QUENCH_NEON, gnu::always_inline]] inline void store_eight(int32x4_t a, int32x4_t b, const EightRecords& e, int count,
                                                            Y* y) {
  Y codes[8];
  Y* to = count >= 8 ? y : codes;
  if constexpr (sizeof(Y) == 4) {
    vst1q_s32(to, vaddq_s32(a, e.bias[0]));
    vst1q_s32(to + 4, vaddq_s32(b, e.bias[1]));
  } else {
    const int16x8_t low = vdupq_n_s16(static_cast<std::int16_t>(e.low));
    const int16x8_t high = vdupq_n_s16(static_cast<std::int16_t>(e.high));
    vst1_s8(to, vmovn_s16(vmaxq_s16(vminq_s16(vcombine_s16(scaled(a, e, 0), scaled(b, e, 1)), high), low)));
  }
  if (count < 8) copy_few(codes, count, y);
}

/// Adds the products of 16 bytes, which are four of each of four channels.
[[QUENCH_NEON, gnu::always_inline]] inline void add_pairs(int32x4_t* acc, int8x16_t x, int8x16_t w) {
  acc[0] = vpadalq_s16(acc[0], vmull_s8(vget_low_s8(x), vget_low_s8(w)));
  acc[1] = vpadalq_s16(acc[1], vmull_high_s8(x, w));
}

/// Four bytes four times.
[[QUENCH_NEON, gnu::always_inline]] inline int8x16_t four_of(const std::int8_t* x) {
  std::int32_t four = 0;
  std::memcpy(&four, x, 4);
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

/// Puts four taps of 16 channels beside each other.
[[QUENCH_NEON, gnu::always_inline]] inline void join_taps(int8x16_t (&joined)[4], const int8x16_t (&taps)[4]) {
  const int8x16x2_t first = vzipq_s8(taps[0], taps[1]), second = vzipq_s8(taps[2], taps[3]);
#pragma GCC unroll 2
  for (std::size_t half = 0; half < 2; ++half) {
    const int16x8x2_t zipped = vzipq_s16(vreinterpretq_s16_s8(first.val[half]), vreinterpretq_s16_s8(second.val[half]));
    joined[2 * half] = vreinterpretq_s8_s16(zipped.val[0]);
    joined[2 * half + 1] = vreinterpretq_s8_s16(zipped.val[1]);
  }
}

/// Four taps of 16 channels of a pixel, or of the last few channels.
[[QUENCH_NEON, gnu::always_inline]] inline void load_taps(int8x16_t (&joined)[4], const std::int8_t* const* at,
                                                          std::ptrdiff_t offset, int count) {
  int8x16_t taps[4];
#pragma GCC unroll 4
  for (std::size_t t = 0; t < 4; ++t) {
    if (count >= 16) {
      taps[t] = vld1q_s8(at[t] + offset);
    } else {
      std::int8_t few[16] = {};
      copy_few(at[t] + offset, count, few);
      taps[t] = vld1q_s8(few);
    }
  }
  join_taps(joined, taps);
}

/// Up to 16 channels of neighbouring pixels of a depthwise convolution.
struct DepthwiseRun {
  const std::int8_t* weights;
  const std::int8_t* const* taps;
  int quads, channel, count, pixels;
};

/// Tiles and pixels on any aarch64 CPU. DotprodKernel (int8/dotprod.hpp) has the same functions for CPUs with sdot.
struct NeonKernel {
  static constexpr int channels = 8;  // of a tile

  /// M pixels by eight channels, `quad_step` bytes of weights from a quad to the next.
  template <std::size_t M, class Y>
  [[QUENCH_NEON]] static void tile(const Block<std::int8_t, Y>& block, int row, const std::int8_t* w, int quad_step,
                                   int channel) {
    int32x4_t acc[4 * M];
    const std::int8_t* a[M];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 4 * M; ++i) acc[i] = vdupq_n_s32(0);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < M; ++i) a[i] = block.a + block.rows[row + static_cast<int>(i)];
    for (int quad = 0; quad < block.quads; ++quad, w += quad_step) {
      const int8x16_t first = vld1q_s8(w), second = vld1q_s8(w + 16);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < M; ++i) {
        const int8x16_t x = four_of(a[i] + block.quad_offsets[quad]);
        add_pairs(acc + 4 * i, x, first);
        add_pairs(acc + 4 * i + 2, x, second);
      }
    }
    const int place = block.first_channel + channel;
    const EightRecords records(*block.epilogue, place, place + 4, block.low, block.high);
    Y* y = block.y + row * block.y_row + channel;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < M; ++i, y += block.y_row)
      store_eight(vpaddq_s32(acc[4 * i], acc[4 * i + 1]), vpaddq_s32(acc[4 * i + 2], acc[4 * i + 3]), records,
                  block.channels - channel, y);
  }

  /// `is_whole`: all 16 channels, so that nothing is copied and records stay in registers.
  template <bool is_whole, class Y>
  [[QUENCH_NEON]] static void depthwise(const Int8Depthwise& layer, const DepthwiseRun& run, std::ptrdiff_t offset,
                                        std::ptrdiff_t step, Y* y) {
    const int place = depthwise_place(run.channel), count = is_whole ? 16 : run.count, pixels = run.pixels;
    const int quads = run.quads;
    const EightRecords first(*layer.epilogue, place, place + 16, layer.low, layer.high);
    const EightRecords second(*layer.epilogue, place + 32, place + 48, layer.low, layer.high);
    for (int i = 0; i < pixels; ++i, offset += step, y += layer.channels) {
      int32x4_t acc[8];
#pragma GCC unroll 8
      for (auto& sums : acc) sums = vdupq_n_s32(0);
      for (int quad = 0; quad < quads; ++quad) {
        int8x16_t x[4];
        load_taps(x, run.taps + 4 * quad, offset, count);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < 4; ++v) add_pairs(acc + 2 * v, x[v], vld1q_s8(run.weights + 256 * quad + 64 * v));
      }
      store_eight(vpaddq_s32(acc[0], acc[1]), vpaddq_s32(acc[2], acc[3]), first, count, y);
      if (count > 8) store_eight(vpaddq_s32(acc[4], acc[5]), vpaddq_s32(acc[6], acc[7]), second, count - 8, y + 8);
    }
  }
};

/// Computes a block. Only where the CPU has what the kernel needs.
template <class Kernel, class Y>
void int8_block_arm(const Block<std::int8_t, Y>& block) {
  const int depth = 4 * block.quads;
  for (int first = 0, width = 0; first < block.channels; first += width) {
    width = 16 * vectors_at_once((block.channels - first + 15) / 16);
    for (int channel = first; channel < std::min(first + width, block.channels); channel += Kernel::channels) {
      const std::int8_t* w = block.weights + static_cast<std::ptrdiff_t>(first) * depth + 4 * (channel - first);
      int row = 0;
      for (; row + 4 <= block.m; row += 4) Kernel::template tile<4>(block, row, w, 4 * width, channel);
      for (; row < block.m; ++row) Kernel::template tile<1>(block, row, w, 4 * width, channel);
    }
  }
}

/// Computes rows of a depthwise convolution; y is where the first of them goes. Only where the CPU has what the kernel needs.
template <class Kernel, class Y>
void int8_depthwise_arm(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const Shape& shape = taps.conv->y;
  const int quads = static_cast<int>(taps.at.size() / 4);
  for (int oy = taps.rows.begin; oy < taps.rows.end; ++oy, y += shape[1] * shape[2]) {
    taps.start_row(oy);
    for (int ox = 0, pixels = 0; ox < shape[1]; ox += pixels) {
      pixels = taps.go_to(ox);
      for (int channel = 0; channel < layer.channels; channel += 16) {
        const int count = std::min(layer.channels - channel, 16);
        const std::int8_t* weights = layer.weights + static_cast<std::ptrdiff_t>(channel / 64) * 256 * quads +
                                     4 * (depthwise_place(channel) % 64);
        const DepthwiseRun run{weights, taps.at.data(), quads, channel, count, pixels};
        Y* to = y + ox * shape[2] + channel;
        if (count == 16)
          Kernel::template depthwise<true>(layer, run, channel, taps.step, to);
        else
          Kernel::template depthwise<false>(layer, run, channel, taps.step, to);
      }
    }
  }
}

#undef QUENCH_NEON

#else

struct NeonKernel {};
template <class Kernel, class Y>
void int8_block_arm(const Block<std::int8_t, Y>&) {}  // never called
template <class Kernel, class Y>
void int8_depthwise_arm(const Int8Depthwise&, DepthwiseTaps&, Y*) {}

#endif

}  // namespace quench::host::detail
