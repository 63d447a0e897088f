// SPDX-License-Identifier: Apache-2.0
// Blocks of sums of products of int16 codes, and the plain loop that computes them.
//
// Pixels are found by a table, as in int8/block.hpp. Pairs of neighbouring codes meet pairs of a channel's weights, so
// that vpmaddwd adds two products (int16/avx2.hpp, int16/avx512.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <quench/host/aligned.hpp>
#include <quench/host/dispatch.hpp>

namespace quench::host {

/// One block. The sum of pixel i and channel c runs over `segments` times `pairs` times two codes: code b of segment s
/// stands at a[rows[i] + segment_offsets[s] + b]. Weights lie as int16_place says, zeros filling up channels and segments,
/// so what is read behind a segment counts for nothing.
struct Int16Block {
  const std::int16_t* a = nullptr;
  const std::int32_t* rows = nullptr;
  int m = 0;
  const std::int32_t* segment_offsets = nullptr;
  int segments = 0, pairs = 0;  // pairs of a segment
  const std::int16_t* weights = nullptr;
  int channels = 0;
  const std::int32_t* first = nullptr;  // what sums begin with, whole vectors
  std::int32_t* y = nullptr;
  std::ptrdiff_t y_row = 0;
};

/// How many vectors of 16 channels a kernel takes at once, if so many are left.
constexpr int int16_vectors(int left) { return left >= 4 ? 4 : left >= 2 ? 2 : 1; }

/// Channels in whole vectors.
constexpr int int16_stride(int channels) { return (channels + 15) / 16 * 16; }

/// Where the weights of a channel and its pairs lie: [4, 2 or 1 vectors of 16 channels][pair][channel, 2].
struct Int16Place {
  std::size_t first, step;  // of pair 0, and from a pair to the next

  /// `pairs`: of all segments.
  constexpr Int16Place(int channel, int channels, int pairs) : first(0), step(0) {
    int begin = 0, width = 16 * int16_vectors(int16_stride(channels) / 16);
    while (begin + width <= channel) {
      begin += width;
      width = 16 * int16_vectors((int16_stride(channels) - begin) / 16);
    }
    first = 2 * (static_cast<std::size_t>(begin) * static_cast<std::size_t>(pairs) +
                 static_cast<std::size_t>(channel - begin));
    step = static_cast<std::size_t>(2 * width);
  }
};

namespace detail {

/// The sums of a block, 16 channels of a pixel at a time.
struct Int16BlockLoop {
  [[gnu::always_inline]] static void run(const Int16Block* block) {
    const std::ptrdiff_t depth = 2 * static_cast<std::ptrdiff_t>(block->segments) * block->pairs;
    for (int first = 0, width = 0; first < block->channels; first += width) {
      width = 16 * int16_vectors((block->channels - first + 15) / 16);
      for (int channel = first; channel < std::min(first + width, block->channels); channel += 16)
        for (int row = 0; row < block->m; ++row) {
          std::int32_t sums[16];
          for (int c = 0; c < 16; ++c) sums[c] = block->first[channel + c];
          const std::int16_t* w = block->weights + first * depth + 2 * (channel - first);
          for (int s = 0; s < block->segments; ++s) {
            const std::int16_t* x = block->a + block->rows[row] + block->segment_offsets[s];
            for (int pair = 0; pair < block->pairs; ++pair, x += 2, w += 2 * width)
              for (int c = 0; c < 16; ++c) sums[c] += x[0] * w[2 * c] + x[1] * w[2 * c + 1];
          }
          std::int32_t* y = block->y + row * block->y_row + channel;
          for (int c = 0; c < std::min(16, block->channels - channel); ++c) y[c] = sums[c];
        }
    }
  }
};

}  // namespace detail
}  // namespace quench::host
