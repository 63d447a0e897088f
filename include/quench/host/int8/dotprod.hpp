// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers on aarch64 CPUs with sdot, which adds the products of four signed bytes to each of four sums.
#pragma once

#include <quench/host/int8/neon.hpp>

namespace quench::host::detail {

#if defined(__AARCH64EL__) && defined(__ARM_NEON)

#define QUENCH_DOTPROD gnu::target("arch=armv8.2-a+dotprod")

/// Tiles of 16 channels, and pixels, as NeonKernel has them.
struct DotprodKernel {
  static constexpr int channels = 16;

  /// Adds the products of the `quad`-th four bytes of M pixels for 16 channels.
  template <std::size_t M, int quad>
  [[QUENCH_DOTPROD, gnu::always_inline]] static void add_quad(int32x4_t* acc, const int8x16_t* x,
                                                              const std::int8_t* w) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) {
      const int8x16_t weights = vld1q_s8(w + 16 * v);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < M; ++i) acc[4 * i + v] = vdotq_laneq_s32(acc[4 * i + v], weights, x[i], quad);
    }
  }

  template <std::size_t M, class Y>
  [[QUENCH_DOTPROD]] static void tile(const Block<std::int8_t, Y>& block, int row, const std::int8_t* w, int quad_step,
                                      int channel) {
    int32x4_t acc[4 * M];
    const std::int8_t* a[M];
    int8x16_t x[M];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 4 * M; ++i) acc[i] = vdupq_n_s32(0);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < M; ++i) a[i] = block.a + block.rows[row + static_cast<int>(i)];
    for (int quad = 0; quad < block.quads; quad += block.neighbours) {
      std::ptrdiff_t at = block.quad_offsets[quad];
      int left = block.neighbours;
      for (; left >= 4; left -= 4, at += 16, w += 4 * quad_step) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < M; ++i) x[i] = vld1q_s8(a[i] + at);
        add_quad<M, 0>(acc, x, w);
        add_quad<M, 1>(acc, x, w + quad_step);
        add_quad<M, 2>(acc, x, w + 2 * quad_step);
        add_quad<M, 3>(acc, x, w + 3 * quad_step);
      }
      for (; left > 0; --left, at += 4, w += quad_step) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < M; ++i) x[i] = four_of(a[i] + at);
        add_quad<M, 0>(acc, x, w);
      }
    }
    const int place = block.first_channel + channel, count = block.channels - channel;
    const EightRecords first(*block.epilogue, place, place + 4, block.low, block.high);
    const EightRecords second(*block.epilogue, place + 8, place + 12, block.low, block.high);
    Y* y = block.y + row * block.y_row + channel;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < M; ++i, y += block.y_row) {
      store_eight(acc[4 * i], acc[4 * i + 1], first, count, y);
      if (count > 8) store_eight(acc[4 * i + 2], acc[4 * i + 3], second, count - 8, y + 8);
    }
  }

  template <bool is_whole, class Y>
  [[QUENCH_DOTPROD]] static void depthwise(const Int8Depthwise& layer, const DepthwiseRun& run, std::ptrdiff_t offset,
                                           std::ptrdiff_t step, Y* y) {
    const int place = depthwise_place(run.channel), count = is_whole ? 16 : run.count, pixels = run.pixels;
    const int quads = run.quads;
    const EightRecords first(*layer.epilogue, place, place + 16, layer.low, layer.high);
    const EightRecords second(*layer.epilogue, place + 32, place + 48, layer.low, layer.high);
    for (int i = 0; i < pixels; ++i, offset += step, y += layer.channels) {
      int32x4_t acc[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
      for (int quad = 0; quad < quads; ++quad) {
        int8x16_t x[4];
        load_taps(x, run.taps + 4 * quad, offset, count);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < 4; ++v)
          acc[v] = vdotq_s32(acc[v], x[v], vld1q_s8(run.weights + 256 * quad + 64 * v));
      }
      store_eight(acc[0], acc[1], first, count, y);
      if (count > 8) store_eight(acc[2], acc[3], second, count - 8, y + 8);
    }
  }
};

#undef QUENCH_DOTPROD

#else

struct DotprodKernel {};

#endif

}  // namespace quench::host::detail
