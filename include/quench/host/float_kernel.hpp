// SPDX-License-Identifier: Apache-2.0
// The inner loop of all float matrix products and convolutions: a block of sums of products, held in registers.
//
//   c[i][j] (+)= Σ over segments s, Σ over k  a[a_offset[s] + i * a_row + k * a_k] * b[b_offset[s] + k * b_k + j]
//
// A convolution is such a block with a segment for each row of its window: no matrix of patches is written. Values of b
// lie side by side in vectors, values of a are spread over one. Products and sums are fused where the CPU can.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <quench/host/dispatch.hpp>

namespace quench::host {

/// One block of sums. The values of b are read in whole vectors: up to `float_slack` values behind the last one may be
/// read, and count for nothing.
struct FloatBlock {
  int segments = 1;
  const std::ptrdiff_t* a_offsets = nullptr;
  const std::ptrdiff_t* b_offsets = nullptr;
  const float* a = nullptr;
  const float* b = nullptr;
  std::ptrdiff_t a_row = 0, a_k = 1, b_k = 0;
  int k = 0;  // of each segment
  float* c = nullptr;
  std::ptrdiff_t c_row = 0;
  int m = 0, n = 0;
  const float* bias = nullptr;  // what sums begin with: n values, or 0
  bool accumulate = false;      // or what c holds, and bias is not used
};

inline constexpr int float_slack = 16;

namespace detail {

// A vector of Width floats that may lie anywhere in memory.
template <int Width>
struct FloatVector {
  typedef float type __attribute__((vector_size(Width * 4)));
};

template <int Width>
struct FloatBlockLoop {
  using V = typename FloatVector<Width>::type;

  [[gnu::always_inline]] static void load(V& v, const float* from) { std::memcpy(&v, from, sizeof(V)); }

  // M rows of Vectors vectors; `count` values of a row are stored.
  template <std::size_t M, std::size_t Vectors>
  [[gnu::always_inline]] static void sums(const FloatBlock& block, int row, int column, int count) {
    constexpr int rows = static_cast<int>(M), vectors = static_cast<int>(Vectors);
    V acc[M][Vectors];
    float* c = block.c + row * block.c_row + column;
    for (int i = 0; i < rows; ++i)
      for (int v = 0; v < vectors; ++v) {
        float begin[static_cast<std::size_t>(Width)]{};
        const int valid = std::min(Width, count - v * Width);
        const float* from = block.accumulate ? c + i * block.c_row + v * Width : block.bias + column + v * Width;
        if (block.accumulate || block.bias != nullptr)
          std::memcpy(begin, from, static_cast<std::size_t>(valid) * sizeof(float));
        load(acc[i][v], begin);
      }
    for (int s = 0; s < block.segments; ++s) {
      const float* a = block.a + block.a_offsets[s] + row * block.a_row;
      const float* b = block.b + block.b_offsets[s] + column;
      for (int k = 0; k < block.k; ++k, a += block.a_k, b += block.b_k) {
        V right[Vectors];
        for (int v = 0; v < vectors; ++v) load(right[v], b + v * Width);
        for (int i = 0; i < rows; ++i) {
          const V left = a[i * block.a_row] - V{};
          for (int v = 0; v < vectors; ++v) acc[i][v] += left * right[v];
        }
      }
    }
    for (int i = 0; i < rows; ++i)
      for (int v = 0; v < vectors; ++v) {
        const int valid = std::min(Width, count - v * Width);
        std::memcpy(c + i * block.c_row + v * Width, &acc[i][v], static_cast<std::size_t>(valid) * sizeof(float));
      }
  }

  template <std::size_t Vectors>
  [[gnu::always_inline]] static void columns(const FloatBlock& block, int column, int count) {
    constexpr int most = Width == 16 ? 8 : 4;
    int row = 0;
    if constexpr (most == 8) {
      if (block.m % 7 == 0 && block.m % 8 != 0)
        for (; row + 7 <= block.m; row += 7) sums<7, Vectors>(block, row, column, count);
      for (; row + 8 <= block.m; row += 8) sums<8, Vectors>(block, row, column, count);
    }
    for (; row + 4 <= block.m; row += 4) sums<4, Vectors>(block, row, column, count);
    for (; row + 2 <= block.m; row += 2) sums<2, Vectors>(block, row, column, count);
    for (; row < block.m; ++row) sums<1, Vectors>(block, row, column, count);
  }

  [[gnu::always_inline]] static void run(const FloatBlock& block) {
    int column = 0;
    for (; block.n - column > Width; column += 2 * Width)
      columns<2>(block, column, std::min(2 * Width, block.n - column));
    if (column < block.n) columns<1>(block, column, block.n - column);
  }
};

// Other than dispatch.hpp's, these copies fuse products and sums.
#if defined(__clang__)
#define QUENCH_FUSED gnu::hot
#else
#define QUENCH_FUSED gnu::optimize("O3", "fp-contract=fast")
#endif

[[QUENCH_FUSED]] inline void float_block_baseline(const FloatBlock& block) { FloatBlockLoop<4>::run(block); }
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("avx2,fma"), QUENCH_FUSED]] inline void float_block_avx2(const FloatBlock& block) {
  FloatBlockLoop<8>::run(block);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,fma"), QUENCH_FUSED]] inline void float_block_avx512(
    const FloatBlock& block) {
  FloatBlockLoop<16>::run(block);
}
#endif
#undef QUENCH_FUSED

}  // namespace detail

/// Computes a block.
inline void float_block(const FloatBlock& block, Isa isa = best_isa()) {
  if (block.m <= 0 || block.n <= 0) return;
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool has_fma = __builtin_cpu_supports("fma");
  if (isa == Isa::Avx512) return detail::float_block_avx512(block);
  if (isa == Isa::Avx2 && has_fma) return detail::float_block_avx2(block);
#endif
  detail::float_block_baseline(block);
}

}  // namespace quench::host
