// SPDX-License-Identifier: Apache-2.0
// Sums of convolutions whose filters have channels of their own: depthwise, and groups of few channels, where each
// filter finds what it meets at its own place of the copied map. A plain loop along the filters; int16/avx2.hpp and
// int16/avx512.hpp have others, which take the products of two taps at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include <quench/host/dispatch.hpp>

namespace quench::host {

/// A row of pixels. Sum c of pixel i is first[c] + Σ x[i * pixel_step + taps[t] + c] * (weight of tap t and c).
/// `run` pixels with contiguous codes are summed at once: `first` and the weights are repeated `run` times, then padded
/// with zeros to whole vectors of 32. Codes that are read after a row of x have no effect.
struct Int16Row {
  const std::int16_t* x = nullptr;
  std::ptrdiff_t pixel_step = 0;
  const std::int32_t* taps = nullptr;
  std::size_t fours = 0, pairs = 0;  // of taps; those that fill up the last four, or pair, have weights of 0
  const std::int16_t* weights = nullptr;
  const std::int32_t* first = nullptr;
  std::size_t filters = 0, run = 1, pixels = 0;

  /// Sums that are computed at once, with those that fill up vectors.
  std::size_t step() const { return (filters * run + 31) / 32 * 32; }
};

/// Where the weight of a tap and a sum lies: [tap][sum], or for vectors of pairs [taps / 2][32 sums][sums in the order in
/// which unpacking leaves them, tap]. There the first two fours of each eight lie 16 apart.
constexpr std::size_t int16_tap_place(std::size_t tap, std::size_t sum, std::size_t step, bool is_paired) {
  if (!is_paired) return tap * step + sum;
  return tap / 2 * 2 * step + sum / 32 * 64 + sum % 8 / 4 * 32 + sum % 32 / 8 * 8 + sum % 4 * 2 + tap % 2;
}

namespace detail {

struct Int16RowLoop {
  [[gnu::always_inline]] static void run(const Int16Row* row, std::int32_t* y) {
    const std::size_t step = row->step(), whole = row->filters * row->run;
    const std::int32_t* __restrict first = row->first;
    const std::int16_t* x = row->x;
    for (std::size_t pixel = 0; pixel < row->pixels; pixel += row->run, x += row->pixel_step, y += whole) {
      const std::size_t left = row->pixels - pixel, count = row->filters * (left < row->run ? left : row->run);
      std::int32_t* __restrict sums = y;
      for (std::size_t c = 0; c < count; ++c) sums[c] = first[c];
      const std::int16_t* w = row->weights;
      for (std::size_t four = 0; four < row->fours; ++four, w += 4 * step) {
        const std::int32_t* tap = row->taps + 4 * four;
        const std::int16_t* __restrict a = x + tap[0], * __restrict b = x + tap[1], * __restrict d = x + tap[2], * __restrict e = x + tap[3];
        const std::int16_t* __restrict f = w, * __restrict g = w + step, * __restrict h = w + 2 * step, * __restrict i = w + 3 * step;
        for (std::size_t c = 0; c < count; ++c) sums[c] += a[c] * f[c] + b[c] * g[c] + d[c] * h[c] + e[c] * i[c];
      }
    }
  }
};

}  // namespace detail
}  // namespace quench::host
