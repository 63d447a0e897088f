// SPDX-License-Identifier: Apache-2.0
// Walks over a tensor with a scale for each channel.
//
// A tensor is `outer` blocks of `channels` runs of `inner` values. A tensor with a single scale is one run. For long
// runs the scale is constant in the inner loop. For short runs (channels last) each value reads its scale from a row.
// The row has the scales of one or several blocks, so that the inner loop is long.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/host/fake_quantize/layout.hpp>

namespace quench::host {

namespace detail {

struct UniformScale {
  float scale, reciprocal;
  std::size_t channel;

  [[gnu::always_inline]] float scale_at(std::size_t) const { return scale; }
  [[gnu::always_inline]] float reciprocal_at(std::size_t) const { return reciprocal; }
  [[gnu::always_inline]] UniformScale from(std::size_t) const { return *this; }
};

struct RowOfScales {
  const float* __restrict scale;
  const float* __restrict reciprocal;

  [[gnu::always_inline]] float scale_at(std::size_t i) const { return scale[i]; }
  [[gnu::always_inline]] float reciprocal_at(std::size_t i) const { return reciprocal[i]; }
  [[gnu::always_inline]] RowOfScales from(std::size_t i) const { return {scale + i, reciprocal + i}; }
};

// The size of the row of scales, a whole number of blocks. 0 if the runs are long enough without a row.
inline std::size_t row_size(ChannelLayout layout) {
  constexpr std::size_t shortest_run = 64, shortest_row = 1024;
  const std::size_t block = layout.channels * layout.inner;
  if (layout.channels <= 1 || layout.inner >= shortest_run || layout.size() == 0) return 0;
  return block * std::min((shortest_row + block - 1) / block, layout.outer);
}

// The data of a walk: the layout, and scales and reciprocals, one for each channel (long runs) or each value of a row.
struct ChannelWalk {
  ChannelLayout layout;
  std::size_t row;
  const float* scale;
  const float* reciprocal;
};

/// A kernel over channels. `Loop::run(scale, tensors, first, size)` treats the values [first, first + size) of the
/// tensors and returns bits, which are combined by or.
template <class Loop>
struct OverChannels {
  template <class Tensors>
  [[gnu::always_inline]] static inline std::uint32_t run(ChannelWalk walk, Tensors tensors) {
    const ChannelLayout layout = walk.layout;
    const std::size_t size = layout.size();
    std::uint32_t seen = 0;
    if (walk.row != 0) {
      const RowOfScales scales{walk.scale, walk.reciprocal};
      for (std::size_t first = 0; first < size; first += walk.row)
        seen |= Loop::run(scales, tensors, first, std::min(walk.row, size - first));
      return seen;
    }
    std::size_t channel = 0;
    for (std::size_t first = 0; first < size; first += layout.inner) {
      const UniformScale scale{walk.scale[channel], walk.reciprocal[channel], channel};
      seen |= Loop::run(scale, tensors, first, layout.inner);
      channel = channel + 1 < layout.channels ? channel + 1 : 0;
    }
    return seen;
  }
};

}  // namespace detail

template <class Loop, class Tensors>
std::uint32_t for_each_channel(ChannelLayout layout, std::span<const float> scales, const Tensors& tensors,
                               Isa isa = best_isa()) {
  if (layout.channels == 1) {
    const float scale = scales[0], reciprocal = 1.0f / scale;
    return run_for<detail::OverChannels<Loop>>(isa, detail::ChannelWalk{{1, 1, layout.size()}, 0, &scale, &reciprocal},
                                               tensors);
  }
  constexpr std::size_t line = 16;  // floats; rows are aligned to cache lines, because every value reads from both
  const std::size_t row = detail::row_size(layout), repeats = row != 0 ? layout.inner : 1;
  const std::size_t block = scales.size() * repeats, count = std::max(row, block),
                    stride = (count + line - 1) / line * line;
  thread_local std::vector<float> memory;
  memory.resize(std::max(memory.size(), 2 * stride + line));
  float* const scale = memory.data() + (0 - reinterpret_cast<std::uintptr_t>(memory.data()) / sizeof(float)) % line;
  float* const reciprocal = scale + stride;
  for (std::size_t c = 0; c < scales.size(); ++c) {
    std::fill_n(scale + c * repeats, repeats, scales[c]);
    std::fill_n(reciprocal + c * repeats, repeats, 1.0f / scales[c]);
  }
  for (std::size_t filled = block; filled < count; filled += block) {
    std::copy_n(scale, block, scale + filled);
    std::copy_n(reciprocal, block, reciprocal + filled);
  }
  return run_for<detail::OverChannels<Loop>>(isa, detail::ChannelWalk{layout, row, scale, reciprocal}, tensors);
}

}  // namespace quench::host
