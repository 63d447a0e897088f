// SPDX-License-Identifier: Apache-2.0
// Fake-quantization of many floats, forward and backward, and their quantization to integers.
//
// Rounding is half to even, by adding and subtracting 1.5 * 2^23: exact below 2^22, and two plain additions. The sum
// holds the code in its low bits; NaN, which passes the clamp, sets a high bit that no code sets, so one `or` a value
// finds it. Every loop is equal bit for bit on every CPU to quench::to_code (tensors/scale.hpp).
#pragma once

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
};

struct ForwardLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t block(Scale scale, const float* __restrict x, float* __restrict y,
                                                           std::size_t size, CodeLimits limits) {
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float biased = biased_code(x[i], scale.reciprocal_at(i), limits.qmin, limits.qmax);
      seen |= std::bit_cast<std::uint32_t>(biased);
      y[i] = (biased - rounding_constant) * scale.scale_at(i);
    }
    return seen;
  }

  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const ForwardTensors& tensors, std::size_t first,
                                                         std::size_t size) {
    if (size < streaming_size) return block(scale, tensors.x + first, tensors.y + first, size, tensors.limits);
    return streamed(scale, tensors.x + first, tensors.y + first, size, tensors.limits);
  }

  // By way of a buffer in the first cache, past the others.
  [[gnu::always_inline]] static inline std::uint32_t streamed(UniformScale scale, const float* x, float* y,
                                                              std::size_t size, CodeLimits limits) {
    constexpr std::size_t buffer_size = 2048;
    alignas(64) float buffer[buffer_size];
    std::uint32_t seen = 0;
    std::size_t done = ((64 - reinterpret_cast<std::uintptr_t>(y) % 64) % 64) / sizeof(float);
    seen |= block(scale, x, y, done, limits);
    while (done < size) {
      const std::size_t count = size - done < buffer_size ? size - done : buffer_size;
      seen |= block(scale, x + done, buffer, count, limits);
      stream_copy(y + done, buffer, count);
      done += count;
    }
    stream_fence();
    return seen;
  }
  // Rows are short, or few.
  [[gnu::always_inline]] static inline std::uint32_t streamed(RowOfScales scale, const float* x, float* y,
                                                              std::size_t size, CodeLimits limits) {
    return block(scale, x, y, size, limits);
  }
};

struct MaskTensors {
  const float* x;
  float* y;
  std::uint8_t* mask;  // zeroed before
  CodeLimits limits;
};

// The forward pass that also writes a bit for each value, the lowest of a byte first: 1 where the code of x is inside
// the limits before it saturates.
struct ForwardMaskLoop {
  static constexpr std::size_t group = 64;

  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t flags(Scale scale, const float* __restrict x, float* __restrict y,
                                                           std::uint8_t* __restrict inside, std::size_t from,
                                                           std::size_t size, CodeLimits limits) {
    std::uint32_t seen = 0;
    for (std::size_t k = 0; k < size; ++k) {
      const float biased = biased_code(x[from + k], scale.reciprocal_at(from + k), limits.qmin - 1, limits.qmax + 1);
      seen |= std::bit_cast<std::uint32_t>(biased);
      const float code = biased - rounding_constant;
      const float held = clamped(code, limits.qmin, limits.qmax);
      inside[k] = code == held ? 1 : 0;
      y[from + k] = held * scale.scale_at(from + k);
    }
    return seen;
  }

  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const MaskTensors& tensors, std::size_t first,
                                                         std::size_t size) {
    const float* x = tensors.x + first;
    float* y = tensors.y + first;
    std::uint32_t seen = 0;
    std::uint8_t inside[group];
    std::size_t i = 0;
    const auto single_bits = [&](std::size_t count) __attribute__((always_inline)) {
      seen |= flags(scale, x, y, inside, i, count, tensors.limits);
      for (std::size_t k = 0; k < count; ++k, ++i) {
        const std::size_t bit = first + i;
        tensors.mask[bit / 8] = static_cast<std::uint8_t>(tensors.mask[bit / 8] | (inside[k] << (bit % 8)));
      }
    };
    const std::size_t head = (8 - first % 8) % 8;
    single_bits(head < size ? head : size);
    for (; i + group <= size; i += group) {
      seen |= flags(scale, x, y, inside, i, group, tensors.limits);
      for (std::size_t byte = 0; byte < group / 8; ++byte) {
        std::uint64_t eight;
        std::memcpy(&eight, inside + 8 * byte, 8);
        if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
        tensors.mask[(first + i) / 8 + byte] = static_cast<std::uint8_t>((eight * 0x0102040810204080u) >> 56);
      }
    }
    while (i < size) single_bits(size - i < group ? size - i : group);
    return seen;
  }
};

struct BackwardTensors {
  const float* x;
  const float* grad_y;
  float* grad_x;
  CodeLimits limits;
};

struct BackwardLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const BackwardTensors& tensors, std::size_t first,
                                                         std::size_t size) {
    const float* __restrict x = tensors.x + first;
    const float* __restrict grad_y = tensors.grad_y + first;
    float* __restrict grad_x = tensors.grad_x + first;
    const float qmin = tensors.limits.qmin, qmax = tensors.limits.qmax;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float biased = biased_code(x[i], scale.reciprocal_at(i), qmin - 1, qmax + 1);
      seen |= std::bit_cast<std::uint32_t>(biased);
      const float code = biased - rounding_constant;
      grad_x[i] = code == clamped(code, qmin, qmax) ? grad_y[i] : 0.0f;
    }
    return seen;
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
  return !(for_each_channel<detail::ForwardLoop>(layout, scales, detail::ForwardTensors{x, y, limits}, isa) &
           detail::nan_bit);
}

/// The same, and a bit of `mask` for each value, the lowest of a byte first: 1 where x is inside the codes.
/// `mask` has (size + 7) / 8 bytes.
inline bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                          float* y, std::uint8_t* mask, Isa isa = best_isa()) {
  std::memset(mask, 0, (layout.size() + 7) / 8);
  return !(for_each_channel<detail::ForwardMaskLoop>(layout, scales, detail::MaskTensors{x, y, mask, limits}, isa) &
           detail::nan_bit);
}

/// The straight-through gradient: grad_y where x is inside the codes, 0 elsewhere. No overlap. False, if x holds NaN.
inline bool fake_quantize_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits,
                                   const float* x, const float* grad_y, float* grad_x, Isa isa = best_isa()) {
  return !(
      for_each_channel<detail::BackwardLoop>(layout, scales, detail::BackwardTensors{x, grad_y, grad_x, limits}, isa) &
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
