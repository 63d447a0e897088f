// SPDX-License-Identifier: Apache-2.0
// Walking a tensor that has a scale for each channel.
//
// A tensor is seen as `outer` blocks of `channels` runs of `inner` values; one with a single scale is one run. Long runs
// take their scale out of the loop, short ones (channels last) read a scale for each value of a block from a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/host/dispatch.hpp>

namespace quench::host {

/// A tensor seen along the axis of its channels.
struct ChannelLayout {
  std::size_t outer = 1, channels = 1, inner = 1;

  std::size_t size() const { return outer * channels * inner; }
  friend bool operator==(const ChannelLayout&, const ChannelLayout&) = default;
};

namespace detail {

// One scale for a run of values.
struct UniformScale {
  float scale, reciprocal;

  [[gnu::always_inline]] float scale_at(std::size_t) const { return scale; }
  [[gnu::always_inline]] float reciprocal_at(std::size_t) const { return reciprocal; }
};

// A scale for each value of a block.
struct RowOfScales {
  const float* __restrict scale;
  const float* __restrict reciprocal;

  [[gnu::always_inline]] float scale_at(std::size_t i) const { return scale[i]; }
  [[gnu::always_inline]] float reciprocal_at(std::size_t i) const { return reciprocal[i]; }
};

// What a walk needs: the layout, and scales and reciprocals, one a channel (long runs) or one a value of a block.
struct ChannelWalk {
  ChannelLayout layout;
  bool in_rows;
  const float* scale;
  const float* reciprocal;
};

/// A kernel over channels. `Loop::run(scale, tensors, first, size)` treats the values [first, first + size) of the
/// tensors and returns bits that are joined by or.
template <class Loop>
struct OverChannels {
  template <class Tensors>
  [[gnu::always_inline]] static inline std::uint32_t run(ChannelWalk walk, Tensors tensors) {
    const ChannelLayout layout = walk.layout;
    std::uint32_t seen = 0;
    if (walk.in_rows) {
      const std::size_t row = layout.channels * layout.inner;
      const RowOfScales scales{walk.scale, walk.reciprocal};
      for (std::size_t o = 0; o < layout.outer; ++o) seen |= Loop::run(scales, tensors, o * row, row);
      return seen;
    }
    std::size_t first = 0;
    for (std::size_t o = 0; o < layout.outer; ++o) {
      for (std::size_t c = 0; c < layout.channels; ++c) {
        seen |= Loop::run(UniformScale{walk.scale[c], walk.reciprocal[c]}, tensors, first, layout.inner);
        first += layout.inner;
      }
    }
    return seen;
  }
};

}  // namespace detail

/// Runs `Loop` over a tensor for an instruction set. `scales` has one scale for each channel.
template <class Loop, class Tensors>
std::uint32_t for_each_channel(ChannelLayout layout, std::span<const float> scales, const Tensors& tensors,
                               Isa isa = best_isa()) {
  constexpr std::size_t shortest_run = 64;
  const bool in_rows = layout.channels > 1 && layout.inner < shortest_run;
  const std::size_t repeats = in_rows ? layout.inner : 1;
  std::vector<float> row, reciprocals;
  row.reserve(scales.size() * repeats);
  reciprocals.reserve(scales.size() * repeats);
  for (const float scale : scales) {
    row.insert(row.end(), repeats, scale);
    reciprocals.insert(reciprocals.end(), repeats, 1.0f / scale);
  }
  return run_for<detail::OverChannels<Loop>>(isa, detail::ChannelWalk{layout, in_rows, row.data(), reciprocals.data()},
                                             tensors);
}

}  // namespace quench::host
