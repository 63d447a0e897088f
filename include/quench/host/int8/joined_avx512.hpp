// SPDX-License-Identifier: Apache-2.0
// Maps of few channels, copied so that the codes of a window lie together: column by column, each with all its rows. A
// window of 3 x 3 pixels of 3 channels takes 7 fours of bytes then, not 3 times 3. CPUs with AVX-512 VBMI, which
// permutes bytes.
#pragma once

#include <algorithm>

#include <quench/host/aligned.hpp>
#include <quench/host/int8/level.hpp>
#include <quench/kernels/conv2d.hpp>

namespace quench::host {

/// Rows of a window that can be joined.
inline constexpr int most_joined_rows = 32;

/// Whether joining the rows of windows leaves fewer fours of bytes.
inline bool joins_rows(const kernels::Convolution& conv) {
  const Pair kernel = conv.window.kernel_size;
  const int row = kernel.width * conv.x[2];
  return conv.groups == 1 && conv.window.dilation.width == 1 && kernel.height * conv.x[2] <= most_joined_rows &&
         (kernel.height * row + 3) / 4 < kernel.height * ((row + 3) / 4);
}

/// How the rows of windows are joined.
struct JoinedColumns {
  int rows = 1, bytes = 1, at_once = 1;  // bytes: of a column, whose rows have channels bytes each
  int channels = 1;
  int before = 0, inside = 0, width = 0;  // columns of padding, of the map, of a joined row
  AlignedVector<std::uint8_t> order;      // of the bytes of a vector in a row
  std::vector<std::uint64_t> of_row;      // which of them a row gives

  JoinedColumns() = default;
  /// `all`: columns that windows meet.
  JoinedColumns(const kernels::Convolution& conv, int all)
      : rows(conv.window.kernel_size.height),
        bytes(rows * conv.x[2]),
        at_once(64 / bytes),
        channels(conv.x[2]),
        before(std::min(conv.window.padding.width, all)),
        inside(std::min(all - before, conv.x[1])),
        width(all),
        order(64),
        of_row(static_cast<std::size_t>(rows)) {
    for (int i = 0; i < at_once * bytes; ++i) {
      order[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i / bytes * channels + i % channels);
      of_row[static_cast<std::size_t>(i % bytes / channels)] |= std::uint64_t{1} << i;
    }
  }
};

namespace detail {

#if defined(__x86_64__) && defined(__GNUC__)

/// Joins rows of codes plus 128, as many whole columns at once as fit in a vector. Up to 64 bytes after the row are
/// overwritten. `known_rows`: 3, or 0 for any number.
template <int known_rows>
[[gnu::target("avx512f,avx512bw,avx512vl,avx512vbmi"), gnu::noinline]] void join_rows_of(const JoinedColumns& of,
                                                                                         const std::int8_t* const* x,
                                                                                         std::int8_t* y) {
  const __m512i order = _mm512_load_si512(of.order.data()), bit = _mm512_set1_epi8(-128);
  const int rows = known_rows > 0 ? known_rows : of.rows, channels = of.channels, at_once = of.at_once;
  const int before = of.before, end = before + of.inside, width = of.width, step = at_once * of.bytes;
  // What no store changes: rows and which bytes each gives, which is at most 32 of a vector.
  __mmask64 of_row[most_joined_rows];
  const std::int8_t* from[most_joined_rows];
#pragma GCC unroll 3
  for (int row = 0; row < rows; ++row) {
    of_row[row] = of.of_row[static_cast<std::size_t>(row)];
    from[row] = x[row] - static_cast<std::ptrdiff_t>(before) * channels;
  }
  const auto lowest = [](int bits) { return static_cast<__mmask32>((std::uint64_t{1} << bits) - 1); };
  std::ptrdiff_t at = 0;
  for (int column = 0, next = 0; column < width; column = next) {
    // One vector at the edges, which meets padding; all others at once.
    __mmask32 inside = lowest(at_once * channels);
    next = column + at_once;
    if (column < before || next > end)
      inside = lowest(std::clamp(end - column, 0, at_once) * channels) &
               ~lowest(std::clamp(before - column, 0, at_once) * channels);
    else
      next = column + (end - column) / at_once * at_once;
    for (; column < next; column += at_once, at += at_once * channels, y += step) {
      __m512i joined = _mm512_setzero_si512();
#pragma GCC unroll 3
      for (int row = 0; row < rows; ++row) {
        const __m256i codes = _mm256_maskz_loadu_epi8(inside, from[row] + at);
        joined = _mm512_mask_permutexvar_epi8(joined, of_row[row], order, _mm512_castsi256_si512(codes));
      }
      _mm512_storeu_si512(y, _mm512_xor_si512(joined, bit));
    }
  }
}

/// Joins rows. Only at Int8Level::Avx512Vbmi.
inline void join_rows_avx512(const JoinedColumns& columns, const std::int8_t* const* x, std::int8_t* y) {
  columns.rows == 3 ? join_rows_of<3>(columns, x, y) : join_rows_of<0>(columns, x, y);
}

#else

inline void join_rows_avx512(const JoinedColumns&, const std::int8_t* const*, std::int8_t*) {}  // never called

#endif

}  // namespace detail

}  // namespace quench::host
