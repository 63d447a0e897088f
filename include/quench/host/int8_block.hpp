// SPDX-License-Identifier: Apache-2.0
// The inner loop of int8 convolutions and linear layers on CPUs with AVX-512 VNNI: a block of accumulators held in
// registers, requantized where they are.
//
// vpdpbusd multiplies unsigned by signed bytes, four at a time. So maps are copied with each code plus 128, and
// 128 * Σw is taken from what an accumulator begins with; sums wrap modulo 2^32 and come out right. Weights lie as
// [segment, byte / 4, channel, byte % 4], zeros filling up each segment, so what is read of a map behind a segment counts
// for nothing.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/kernels/accumulator.hpp>

#if defined(__x86_64__) && defined(__GNUC__)
#define QUENCH_HAS_VNNI 1
#else
#define QUENCH_HAS_VNNI 0
#endif

namespace quench::host {

/// Whether this CPU runs int8_block.
inline bool has_vnni() {
#if QUENCH_HAS_VNNI
  static const bool found = detail::find_vnni();
  return found;
#else
  return false;
#endif
}

/// What becomes of accumulators, in arrays as vectors take them: whole vectors of 16 channels.
struct Int8Epilogue {
  std::vector<std::int32_t> first, multiplier, pre, pre_bit, pre_one, post, post_bit, post_one;

  /// `offset[c]` is added to the bias of channel c.
  void set(const kernels::OutputChannels& output, const std::int32_t* offset, int channels, bool is_requantized) {
    const auto size = static_cast<std::size_t>((channels + 15) / 16 * 16);
    for (auto* values : {&first, &multiplier, &pre, &pre_bit, &pre_one, &post, &post_bit, &post_one})
      values->assign(size, 0);
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      const std::uint32_t bias = output.bias != nullptr ? static_cast<std::uint32_t>(output.bias[c]) : 0;
      first[c] = static_cast<std::int32_t>(bias + static_cast<std::uint32_t>(offset[c]));
      if (!is_requantized) continue;
      const Requantization& record = output.requantization[c];
      multiplier[c] = record.multiplier;
      pre[c] = record.pre_shift;
      post[c] = record.post_shift;
      pre_one[c] = record.pre_shift > 0 ? 1 : 0;
      post_one[c] = record.post_shift > 0 ? 1 : 0;
      pre_bit[c] = record.pre_shift - pre_one[c];
      post_bit[c] = record.post_shift - post_one[c];
    }
  }
};

/// One block: c[i][j] = Σ over segments and bytes of a[a_offset[s] + i * a_row + byte] * weights. Strides of a in bytes,
/// those of y in elements.
template <class Y>
struct Int8Block {
  int segments = 0;
  const std::ptrdiff_t* a_offsets = nullptr;
  int quads = 0;  // bytes / 4 of each segment
  const std::uint8_t* a = nullptr;
  std::ptrdiff_t a_row = 0;
  const std::int8_t* weights = nullptr;  // [segments * quads, vectors * 16, 4]
  int vectors = 0;
  int m = 0, n = 0;
  Y* y = nullptr;
  std::ptrdiff_t y_row = 0;
  const Int8Epilogue* epilogue = nullptr;
  std::int32_t low = 0, high = 0;
};

#if QUENCH_HAS_VNNI

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

namespace detail {

// g++ 12 warns of the undefined vectors inside the intrinsics without a mask.
inline constexpr __mmask16 all_lanes = 0xffff;

[[QUENCH_VNNI, gnu::always_inline]] inline __m512i load_at(const std::vector<std::int32_t>& values, int channel) {
  return _mm512_loadu_si512(values.data() + channel);
}

/// (x >> shift) + the bit that is shifted out last.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i round_half_up(__m512i x, __m512i shift, __m512i bit, __m512i one) {
  return _mm512_add_epi32(_mm512_maskz_srav_epi32(all_lanes, x, shift),
                          _mm512_and_si512(_mm512_maskz_srav_epi32(all_lanes, x, bit), one));
}

/// Requantizes, clamps and stores the accumulators of up to 16 channels from `channel` on.
template <class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_codes(__m512i acc, const Int8Epilogue& e, int channel, int count,
                                                            std::int32_t low, std::int32_t high, Y* y) {
  if constexpr (!std::is_same_v<Y, std::int32_t>) {
    const __m512i shifted =
        round_half_up(acc, load_at(e.pre, channel), load_at(e.pre_bit, channel), load_at(e.pre_one, channel));
    const __m512i narrowed = _mm512_maskz_max_epi32(
        all_lanes, _mm512_maskz_min_epi32(all_lanes, shifted, _mm512_set1_epi32(32767)), _mm512_set1_epi32(-32768));
    // The upper half of a multiplier is 0, so this is the product of the lower halves.
    const __m512i product = _mm512_madd_epi16(narrowed, load_at(e.multiplier, channel));
    acc = round_half_up(product, load_at(e.post, channel), load_at(e.post_bit, channel), load_at(e.post_one, channel));
  }
  acc = _mm512_maskz_max_epi32(all_lanes, _mm512_maskz_min_epi32(all_lanes, acc, _mm512_set1_epi32(high)),
                               _mm512_set1_epi32(low));
  const auto mask = static_cast<__mmask16>(count >= 16 ? 0xffff : (1 << count) - 1);
  if constexpr (sizeof(Y) == 1)
    _mm512_mask_cvtsepi32_storeu_epi8(y, mask, acc);
  else if constexpr (sizeof(Y) == 2)
    _mm512_mask_cvtsepi32_storeu_epi16(y, mask, acc);
  else
    _mm512_mask_storeu_epi32(y, mask, acc);
}

template <std::size_t M, std::size_t Vectors, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void int8_sums(const Int8Block<Y>& block, int row, int vector) {
  __m512i acc[M][Vectors];
  for (std::size_t v = 0; v < Vectors; ++v) {
    const __m512i first = _mm512_loadu_si512(block.epilogue->first.data() + (vector + static_cast<int>(v)) * 16);
    for (std::size_t i = 0; i < M; ++i) acc[i][v] = first;
  }
  const std::int8_t* w = block.weights + static_cast<std::ptrdiff_t>(vector) * 64;
  const std::ptrdiff_t w_step = static_cast<std::ptrdiff_t>(block.vectors) * 64;
  for (int s = 0; s < block.segments; ++s) {
    const std::uint8_t* a = block.a + block.a_offsets[s] + row * block.a_row;
    for (int quad = 0; quad < block.quads; ++quad, a += 4, w += w_step) {
      __m512i right[Vectors];
      for (std::size_t v = 0; v < Vectors; ++v) right[v] = _mm512_loadu_si512(w + v * 64);
      for (std::size_t i = 0; i < M; ++i) {
        std::int32_t four = 0;
        std::memcpy(&four, a + static_cast<std::ptrdiff_t>(i) * block.a_row, 4);
        const __m512i left = _mm512_set1_epi32(four);
        for (std::size_t v = 0; v < Vectors; ++v) acc[i][v] = _mm512_dpbusd_epi32(acc[i][v], left, right[v]);
      }
    }
  }
  for (std::size_t i = 0; i < M; ++i)
    for (std::size_t v = 0; v < Vectors; ++v) {
      const int channel = (vector + static_cast<int>(v)) * 16;
      store_codes(acc[i][v], *block.epilogue, channel, block.n - channel, block.low, block.high,
                  block.y + (row + static_cast<std::ptrdiff_t>(i)) * block.y_row + channel);
    }
}

template <std::size_t Vectors, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void int8_columns(const Int8Block<Y>& block, int vector) {
  int row = 0;
  if (block.m % 7 == 0 && block.m % 8 != 0)
    for (; row + 7 <= block.m; row += 7) int8_sums<7, Vectors>(block, row, vector);
  for (; row + 8 <= block.m; row += 8) int8_sums<8, Vectors>(block, row, vector);
  for (; row + 4 <= block.m; row += 4) int8_sums<4, Vectors>(block, row, vector);
  for (; row < block.m; ++row) int8_sums<1, Vectors>(block, row, vector);
}

}  // namespace detail

/// Computes a block. Only where has_vnni().
/// Equals   clamp(requantize(bias + Σ x * w)), as the kernels do
template <class Y>
[[QUENCH_VNNI]] void int8_block(const Int8Block<Y>& block) {
  int vector = 0;
  for (; vector + 2 <= block.vectors; vector += 2) detail::int8_columns<2>(block, vector);
  if (vector < block.vectors) detail::int8_columns<1>(block, vector);
}

#undef QUENCH_VNNI

#else

template <class Y>
void int8_block(const Int8Block<Y>&) {}  // never called: has_vnni() is false

#endif

}  // namespace quench::host

#undef QUENCH_HAS_VNNI
