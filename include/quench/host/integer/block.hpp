// SPDX-License-Identifier: Apache-2.0
// The operands of the vector kernels of integer convolutions, linear layers and matmuls.
//
// A kernel computes a block: sums of products for some pixels and all channels of a group. Pixels are found by a table,
// so that one block crosses the rows of a map. A map is copied once with its padding (integer/bands.hpp). Kernels take
// four bytes of a pixel at once, a quad: four int8 codes, or two of int16. Sums of int8 codes are requantized while they
// are in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include <quench/host/integer/epilogue.hpp>

namespace quench::host {

/// The number of codes of a quad.
template <class Code>
inline constexpr int codes_of_quad = 4 / static_cast<int>(sizeof(Code));

/// The number of vectors of 16 channels that a kernel computes at once.
constexpr int vectors_at_once(int left) { return left >= 4 ? 4 : left >= 2 ? 2 : 1; }

/// Channels in whole vectors.
constexpr int padded_channels(int channels) { return (channels + 15) / 16 * 16; }

/// The place of a channel's weights in a block: [4, 2 or 1 vectors of 16 channels][quad][channel, code].
template <class Code>
struct BlockPlace {
  std::size_t first, step;  // of quad 0, and from a quad to the next

  constexpr BlockPlace(int channel, int channels, int quads) : first(0), step(0) {
    const int all = padded_channels(channels) / 16;
    int begin = 0, width = 16 * vectors_at_once(all);
    while (begin + width <= channel) {
      begin += width;
      width = 16 * vectors_at_once(all - begin / 16);
    }
    first = codes_of_quad<Code> * (static_cast<std::size_t>(begin) * static_cast<std::size_t>(quads) +
                                   static_cast<std::size_t>(channel - begin));
    step = static_cast<std::size_t>(codes_of_quad<Code> * width);
  }
};

/// One block. The sum of pixel i and channel c runs over the codes of `quads` quads: code b of quad q is
/// a[rows[i] + quad_offsets[q] + b]. BlockPlace gives the place of the weights. Channels and quads are padded with zero
/// weights, so codes that are read after a window have no effect. On x86 int8 codes of `a` are raised by 128 (raise_of),
/// modulo 2^8.
template <class Code, class Y>
struct Block {
  const Code* a = nullptr;
  const std::int32_t* rows = nullptr;
  int m = 0;
  const std::int32_t* quad_offsets = nullptr;
  int quads = 0, neighbours = 1;  // neighbours: the number of adjacent quads
  const Code* weights = nullptr;
  int channels = 0;
  const Epilogue* epilogue = nullptr;
  int first_channel = 0;  // of the epilogue's arrays
  Y* y = nullptr;
  std::ptrdiff_t y_row = 0;
  std::int32_t low = INT8_MIN, high = INT8_MAX;  // int8 codes are clamped to this range; sums are not
};

}  // namespace quench::host
