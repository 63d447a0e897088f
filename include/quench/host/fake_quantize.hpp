// SPDX-License-Identifier: Apache-2.0
// Fake-quantization of many floats, forward and backward, and their quantization to integers.
//
// Rounding is half to even, by adding and subtracting 1.5 * 2^23: exact below 2^22, and two plain additions. The sum
// holds the code in its low bits; NaN, which passes the clamp, sets a high bit that no code sets, so one `or` a value
// finds it. Every loop is equal bit for bit on every CPU to quench::to_code (tensors/scale.hpp).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <quench/host/channels.hpp>

namespace quench::host {

/// The least and the greatest code, as floats.
struct CodeLimits {
  float qmin = 0, qmax = 0;
};

namespace detail {

inline constexpr float rounding_constant = 12582912.0f;  // 1.5 * 2^23
inline constexpr std::uint32_t nan_bit = 0x20000000;     // of rounding_constant + code

// Outputs above this size leave the caches before they are read again.
inline constexpr std::size_t streaming_size = std::size_t{1} << 22;

// x in [low, high]; NaN stays NaN.
[[gnu::always_inline]] inline float clamped(float x, float low, float high) {
  const float raised = low > x ? low : x;
  return high < raised ? high : raised;
}

// rounding_constant + the code of x, or NaN.
[[gnu::always_inline]] inline float biased_code(float x, float reciprocal, float low, float high) {
  const float scaled = x * reciprocal;
  return clamped(scaled, low, high) + rounding_constant;
}

struct ForwardTensors {
  const float* x;
  float* y;
  CodeLimits limits;
  bool streamed;
};

struct ForwardLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write(Scale scale, const ForwardTensors& tensors,
                                                           std::size_t first, std::size_t size, float* __restrict y) {
    const float* __restrict x = tensors.x + first;
    const float qmin = tensors.limits.qmin, qmax = tensors.limits.qmax;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float biased = biased_code(x[i], scale.reciprocal_at(i), qmin, qmax);
      seen |= std::bit_cast<std::uint32_t>(biased);
      y[i] = (biased - rounding_constant) * scale.scale_at(i);
    }
    return seen;
  }
};

struct MaskTensors {
  const float* x;
  float* y;
  std::uint8_t* mask;  // zeroed before
  CodeLimits limits;
  bool streamed;
};

// The forward pass that also writes a bit for each value, the lowest of a byte first: 1 where the code of x is inside
// the limits before it saturates.
struct ForwardMaskLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write(Scale scale, const MaskTensors& tensors, std::size_t first,
                                                           std::size_t size, float* y) {
    constexpr std::size_t block = 512;
    alignas(64) std::uint8_t flags[block];
    std::uint32_t seen = 0;
    for (std::size_t done = 0; done < size; done += block) {
      const std::size_t count = std::min(block, size - done);
      seen |= write_flags(scale.from(done), tensors.x + first + done, y + done, flags, count, tensors.limits);
      std::fill(flags + count, flags + (count + 63) / 64 * 64, std::uint8_t{0});
      for (std::size_t i = 0; i < count; i += 64)
        add_bits(tensors.mask, first + done + i, collect_bits(flags + i), std::min<std::size_t>(64, count - i));
    }
    return seen;
  }

  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write_flags(Scale scale, const float* __restrict x,
                                                                 float* __restrict y, std::uint8_t* __restrict flags,
                                                                 std::size_t size, CodeLimits limits) {
    const float qmin = limits.qmin, qmax = limits.qmax;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float biased = biased_code(x[i], scale.reciprocal_at(i), qmin - 1, qmax + 1);
      seen |= std::bit_cast<std::uint32_t>(biased);
      const float code = biased - rounding_constant;
      const float held = clamped(code, qmin, qmax);
      flags[i] = code == held ? 255 : 0;
      y[i] = held * scale.scale_at(i);
    }
    return seen;
  }

  // Joins `count` bits to those from position `first` on.
  [[gnu::always_inline]] static inline void add_bits(std::uint8_t* mask, std::size_t first, std::uint64_t bits,
                                                     std::size_t count) {
    std::uint8_t* const to = mask + first / 8;
    const std::size_t shift = first % 8, bytes = (shift + count + 7) / 8;
    if (shift != 0 || bytes < 8) {
      for (std::size_t byte = 0; byte < bytes; ++byte) {
        const std::uint64_t part = byte < 8 ? (bits << shift) >> (8 * byte) : bits >> (64 - shift);
        to[byte] = static_cast<std::uint8_t>(to[byte] | (part & 255));
      }
      return;
    }
    for (std::size_t byte = 0; byte < 8; ++byte) to[byte] = static_cast<std::uint8_t>(bits >> (8 * byte));
  }
};

struct BackwardTensors {
  const float* x;
  const float* grad_y;
  float* y;
  CodeLimits limits;
  bool streamed;
};

struct BackwardLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write(Scale scale, const BackwardTensors& tensors,
                                                           std::size_t first, std::size_t size,
                                                           float* __restrict grad_x) {
    const float* __restrict x = tensors.x + first;
    const float* __restrict grad_y = tensors.grad_y + first;
    const float qmin = tensors.limits.qmin, qmax = tensors.limits.qmax;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float biased = biased_code(x[i], scale.reciprocal_at(i), qmin - 1, qmax + 1);
      seen |= std::bit_cast<std::uint32_t>(biased);
      const float code = biased - rounding_constant;
      // By a mask of bits: g++ makes a branch of a choice between values.
      const std::uint32_t inside = code == clamped(code, qmin, qmax) ? ~0u : 0u;
      grad_x[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(grad_y[i]) & inside);
    }
    return seen;
  }
};

// A loop that writes floats, which are many.
template <class Loop>
struct Streamable {
  template <class Scale, class Tensors>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const Tensors& tensors, std::size_t first,
                                                         std::size_t size) {
    float* const y = tensors.y + first;
    if (!tensors.streamed) return Loop::write(scale, tensors, first, size, y);
    constexpr std::size_t block = 256;
    alignas(64) float buffer[block];
    std::size_t done = std::min(size, (0 - reinterpret_cast<std::uintptr_t>(y)) % 64 / sizeof(float));
    std::uint32_t seen = Loop::write(scale, tensors, first, done, y);
    while (done < size) {
      const std::size_t count = std::min(block, size - done);
      prefetch(tensors.x + first + done);
      if constexpr (requires { tensors.grad_y; }) prefetch(tensors.grad_y + first + done);
      seen |= Loop::write(scale.from(done), tensors, first + done, count, buffer);
      stream_copy(y + done, buffer, count);
      done += count;
    }
    stream_fence();
    return seen;
  }
  [[gnu::always_inline]] static inline void prefetch(const float* x) {
    for (std::size_t line = 0; line < 16; ++line)
      __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(x) + 8192 + 64 * line));
  }
};

template <class Code>
struct QuantizeTensors {
  const float* x;
  Code* codes;
  CodeLimits limits;
};

struct QuantizeLoop {
  template <class Scale, class Code>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const QuantizeTensors<Code>& tensors,
                                                         std::size_t first, std::size_t size) {
    const float* __restrict x = tensors.x + first;
    Code* __restrict codes = tensors.codes + first;
    const float qmin = tensors.limits.qmin, qmax = tensors.limits.qmax;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto bits = std::bit_cast<std::uint32_t>(biased_code(x[i], scale.reciprocal_at(i), qmin, qmax));
      seen |= bits;
      codes[i] = static_cast<Code>(bits);
    }
    return seen;
  }
};

template <class Code>
struct DequantizeTensors {
  const Code* codes;
  float* y;
};

struct DequantizeLoop {
  template <class Scale, class Code>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const DequantizeTensors<Code>& tensors,
                                                         std::size_t first, std::size_t size) {
    const Code* __restrict codes = tensors.codes + first;
    float* __restrict y = tensors.y + first;
    for (std::size_t i = 0; i < size; ++i) y[i] = static_cast<float>(codes[i]) * scale.scale_at(i);
    return 0;
  }
};

}  // namespace detail

/// Fake-quantizes x into y, which does not overlap it. False, if x holds NaN.
inline bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                          float* y, Isa isa = best_isa()) {
  return !(for_each_channel<detail::Streamable<detail::ForwardLoop>>(layout, scales, detail::ForwardTensors{x, y, limits,layout.size()>=detail::streaming_size}, isa) &
           detail::nan_bit);
}

/// The same, and a bit of `mask` for each value, the lowest of a byte first: 1 where x is inside the codes.
/// `mask` has (size + 7) / 8 bytes.
inline bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                          float* y, std::uint8_t* mask, Isa isa = best_isa()) {
  std::memset(mask, 0, (layout.size() + 7) / 8);
  return !(for_each_channel<detail::Streamable<detail::ForwardMaskLoop>>(layout, scales, detail::MaskTensors{x, y, mask, limits,layout.size()>=detail::streaming_size}, isa) &
           detail::nan_bit);
}

/// The straight-through gradient: grad_y where x is inside the codes, 0 elsewhere. No overlap. False, if x holds NaN.
inline bool fake_quantize_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits,
                                   const float* x, const float* grad_y, float* grad_x, Isa isa = best_isa()) {
  return !(
      for_each_channel<detail::Streamable<detail::BackwardLoop>>(layout, scales, detail::BackwardTensors{x, grad_y, grad_x, limits,layout.size()>=detail::streaming_size}, isa) &
      detail::nan_bit);
}

/// The codes of x, int8 or int16. False, if x holds NaN.
template <class Code>
bool quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x, Code* codes,
              Isa isa = best_isa()) {
  return !(
      for_each_channel<detail::QuantizeLoop>(layout, scales, detail::QuantizeTensors<Code>{x, codes, limits}, isa) &
      detail::nan_bit);
}

/// The real values of codes, int8, int16 or int32.
template <class Code>
void dequantize(ChannelLayout layout, std::span<const float> scales, const Code* codes, float* y,
                Isa isa = best_isa()) {
  for_each_channel<detail::DequantizeLoop>(layout, scales, detail::DequantizeTensors<Code>{codes, y}, isa);
}

}  // namespace quench::host
