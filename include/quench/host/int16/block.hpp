// SPDX-License-Identifier: Apache-2.0
// Blocks of sums of products of int16 codes (integer/block.hpp), and the plain loop that computes them.
#pragma once

#include <algorithm>

#include <quench/host/dispatch.hpp>
#include <quench/host/integer/block.hpp>

namespace quench::host {

using Int16Block = Block<std::int16_t, std::int32_t>;

namespace detail {

/// The sums of a block, 16 channels of a pixel at a time. Nothing clamps them.
struct Int16BlockLoop {
  [[gnu::always_inline]] static void run(const Int16Block* block) {
    const std::int32_t* begin = block->epilogue->sum_first.data() + block->first_channel;
    for (int first = 0, width = 0; first < block->channels; first += width) {
      width = 16 * vectors_at_once((block->channels - first + 15) / 16);
      for (int channel = first; channel < std::min(first + width, block->channels); channel += 16)
        for (int row = 0; row < block->m; ++row) {
          std::int32_t sums[32] = {};  // of the first and the second code of each quad in turn
          const std::int16_t* w = block->weights + 2 * (std::ptrdiff_t{first} * block->quads + channel - first);
          for (int quad = 0; quad < block->quads; ++quad, w += 2 * width) {
            const std::int16_t* x = block->a + block->rows[row] + block->quad_offsets[quad];
            std::int16_t codes[32];
            for (int i = 0; i < 32; i += 2) codes[i] = x[0], codes[i + 1] = x[1];
            for (int i = 0; i < 32; ++i) sums[i] += codes[i] * w[i];
          }
          std::int32_t* y = block->y + row * block->y_row + channel;
          for (int c = 0; c < std::min(16, block->channels - channel); ++c)
            y[c] = begin[channel + c] + sums[2 * c] + sums[2 * c + 1];
        }
    }
  }
};

}  // namespace detail
}  // namespace quench::host
