// SPDX-License-Identifier: Apache-2.0
// Streaming stores for large results.
//
// A result larger than the caches is evicted before it is read again. Streaming stores through a small buffer do not
// read the line first, which saves a third of the traffic.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <quench/host/dispatch.hpp>
#include <quench/network/symbol.hpp>

namespace quench::host::detail {

// Results of at least this many floats are streamed.
inline constexpr std::size_t streaming_size = std::size_t{1} << 22;

/// A loop over channels that writes floats. `Loop::write(scale, tensors, first, size, y)` writes to y the results for
/// the values [first, first + size) of the tensors. `tensors.y` is the start of the result.
template <class Loop>
struct Streamed {
  template <class Scale, class Tensors>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const Tensors& tensors, std::size_t first,
                                                         std::size_t size) {
    if (!tensors.streamed) return Loop::write(scale, tensors, first, size, tensors.y + first);
    return stream(scale, tensors, first, size);
  }

  template <class Scale, class Tensors>
  [[gnu::always_inline]] static inline std::uint32_t stream(Scale scale, const Tensors& tensors, std::size_t first,
                                                            std::size_t size) {
    constexpr std::size_t line = 16, block = 16 * line;
    alignas(64) float buffer[block];
    float* const y = tensors.y + first;
    const auto plain = [&](std::size_t from, std::size_t count) __attribute__((always_inline)) {
      return Loop::write(scale.from(from), tensors, first + from, count, y + from);
    };
    const std::size_t head = std::min(size, (0 - reinterpret_cast<std::uintptr_t>(y) / sizeof(float)) % line);
    std::uint32_t seen = plain(0, head);
    std::size_t done = head;
    for (; done + block <= size; done += block) {
      ask_for(tensors.x + first + done);
      if constexpr (requires { tensors.grad_y; }) ask_for(tensors.grad_y + first + done);
      seen |= Loop::write(scale.from(done), tensors, first + done, block, buffer);
      stream_lines(tensors.isa, y + done, buffer, block / line);
    }
    stream_fence();
    return seen | plain(done, size - done);
  }

  // Prefetches a block of input: more reads are then under way than the CPU starts by itself.
  [[gnu::always_inline]] static inline void ask_for(const float* x) {
    constexpr std::uintptr_t ahead = 8192;
    for (std::uintptr_t byte = 0; byte < 1024; byte += 64) prefetch(reinterpret_cast<std::uintptr_t>(x) + ahead + byte);
  }
};

}  // namespace quench::host::detail
