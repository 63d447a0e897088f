// SPDX-License-Identifier: Apache-2.0
// Fake-quantization that also writes a bit for each value: 1 if x is inside the codes.
//
// The backward pass of the straight-through estimator needs only these bits of x. Compilers turn comparisons into
// bytes, not bits, so the bytes of a block are collected into bits afterwards.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <quench/host/dispatch.hpp>
#include <quench/host/fake_quantize/channels.hpp>
#include <quench/host/fake_quantize/rounding.hpp>
#include <quench/network/symbol.hpp>

namespace quench::host::detail {

struct MaskTensors {
  const float* x;
  float* y;
  std::uint8_t* mask;  // zeroed before
  InsideLimits inside;
  Isa isa;
  bool streamed;
};

struct ForwardMaskLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write(Scale scale, const MaskTensors& tensors, std::size_t first,
                                                           std::size_t size, float* y) {
    constexpr std::size_t block = 512;  // flags stay in the first-level cache until their bits are collected
    alignas(64) std::uint8_t flags[block];
    std::size_t done = 0;
    std::uint32_t seen = by_hand(scale, tensors, first, size, y, done);
    while (done < size) {
      const std::size_t count = std::min(block, size - done);
      seen |= write_flags(scale.from(done), tensors.x + first + done, y + done, flags, count, tensors.inside);
      for (std::size_t i = 0; i < count; i += 64)
        add_bits(tensors.mask, first + done + i, collect_bits(flags + i), std::min<std::size_t>(64, count - i));
      done += count;
    }
    return seen;
  }

  // Whole groups whose bits are whole bytes, if there is a faster way.
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t by_hand(Scale scale, const MaskTensors& tensors, std::size_t first,
                                                             std::size_t size, float* y, std::size_t& done) {
    if (!has_forward_mask(tensors.isa) || first % 8 != 0 || size < 64) return 0;
    const float* scales;
    const float* reciprocals;
    if constexpr (std::same_as<Scale, UniformScale>) {
      scales = &scale.scale;
      reciprocals = &scale.reciprocal;
    } else {
      scales = scale.scale;
      reciprocals = scale.reciprocal;
    }
    done = size / 64 * 64;
    return forward_mask<std::same_as<Scale, RowOfScales>>(
        {tensors.x + first, y, tensors.mask + first / 8, scales, reciprocals, tensors.inside.low, tensors.inside.high,
         rounding_constant},
        done);
  }

  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write_flags(Scale scale, const float* __restrict x,
                                                                 float* __restrict y, std::uint8_t* __restrict flags,
                                                                 std::size_t size, InsideLimits inside) {
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float scaled = x[i] * scale.reciprocal_at(i);
      const float held = clamped(scaled, inside.low, inside.high);
      const float biased = held + rounding_constant;
      seen |= std::bit_cast<std::uint32_t>(biased);
      flags[i] = held == scaled ? 255 : 0;
      y[i] = (biased - rounding_constant) * scale.scale_at(i);
    }
    return seen;
  }

  // Combines the lowest `count` bits with the mask, from the bit of value `first` on.
  [[gnu::always_inline]] static inline void add_bits(std::uint8_t* mask, std::size_t first, std::uint64_t bits,
                                                     std::size_t count) {
    if (count < 64) bits &= (std::uint64_t{1} << count) - 1;
    std::uint8_t* const to = mask + first / 8;
    const std::size_t shift = first % 8, bytes = (shift + count + 7) / 8;
    const std::uint64_t low = bits << shift, high = shift != 0 ? bits >> (64 - shift) : 0;
    for (std::size_t byte = 0; byte < bytes; ++byte)
      to[byte] = static_cast<std::uint8_t>(to[byte] | ((byte < 8 ? low >> (8 * byte) : high) & 255));
  }
};

}  // namespace quench::host::detail
