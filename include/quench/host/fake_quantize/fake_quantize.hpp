// SPDX-License-Identifier: Apache-2.0
// Fake-quantization of many floats, forward and backward, and their quantization to integers.
//
// Every loop equals quench::to_code (tensors/scale.hpp) bit for bit on every CPU. Large results use streaming stores
// (fake_quantize/streamed.hpp).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <quench/host/fake_quantize/channels.hpp>
#include <quench/host/fake_quantize/forward_mask.hpp>
#include <quench/host/fake_quantize/rounding.hpp>
#include <quench/host/fake_quantize/streamed.hpp>

namespace quench::host {

namespace detail {

struct ForwardTensors {
  const float* x;
  float* y;
  CodeLimits limits;
  Isa isa;
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
      const float scaled = x[i] * scale.reciprocal_at(i);
      const float biased = clamped(scaled, qmin, qmax) + rounding_constant;
      seen |= std::bit_cast<std::uint32_t>(biased);
      y[i] = (biased - rounding_constant) * scale.scale_at(i);
    }
    return seen;
  }
};

struct BackwardTensors {
  const float* x;
  const float* grad_y;
  float* y;  // grad_x
  InsideLimits inside;
  Isa isa;
  bool streamed;
};

struct BackwardLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t write(Scale scale, const BackwardTensors& tensors,
                                                           std::size_t first, std::size_t size,
                                                           float* __restrict grad_x) {
    const float* __restrict x = tensors.x + first;
    const float* __restrict grad_y = tensors.grad_y + first;
    const InsideLimits inside = tensors.inside;
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float scaled = x[i] * scale.reciprocal_at(i);
      const float held = clamped(scaled, inside.low, inside.high);
      seen |= std::bit_cast<std::uint32_t>(held + rounding_constant);
      const std::uint32_t keep = held == scaled ? ~0u : 0u;  // bits: g++ would turn a choice of floats into a branch
      grad_x[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(grad_y[i]) & keep);
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
      const float scaled = x[i] * scale.reciprocal_at(i);
      const auto bits = std::bit_cast<std::uint32_t>(clamped(scaled, qmin, qmax) + rounding_constant);
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

template <class Loop, class Tensors>
bool without_nan(ChannelLayout layout, std::span<const float> scales, const Tensors& tensors, Isa isa) {
  return (for_each_channel<Loop>(layout, scales, tensors, isa) & nan_bit) == 0;
}

}  // namespace detail

/// Fake-quantizes x into y, which does not overlap it. False if x contains NaN.
inline bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                          float* y, Isa isa = best_isa()) {
  const detail::ForwardTensors tensors{x, y, limits, isa, layout.size() >= detail::streaming_size};
  return detail::without_nan<detail::Streamed<detail::ForwardLoop>>(layout, scales, tensors, isa);
}

/// Also writes a bit for each value, lowest first: 1 if x is inside the codes. `mask` has (size + 7) / 8 bytes.
inline bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                          float* y, std::uint8_t* mask, Isa isa = best_isa()) {
  std::memset(mask, 0, (layout.size() + 7) / 8);
  const detail::MaskTensors tensors{
      x, y, mask, detail::InsideLimits(limits), isa, layout.size() >= detail::streaming_size};
  return detail::without_nan<detail::Streamed<detail::ForwardMaskLoop>>(layout, scales, tensors, isa);
}

/// The straight-through gradient: grad_y where x is inside the codes, 0 elsewhere. No overlap. False if x contains NaN.
inline bool fake_quantize_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits,
                                   const float* x, const float* grad_y, float* grad_x, Isa isa = best_isa()) {
  const detail::BackwardTensors tensors{
      x, grad_y, grad_x, detail::InsideLimits(limits), isa, layout.size() >= detail::streaming_size};
  return detail::without_nan<detail::Streamed<detail::BackwardLoop>>(layout, scales, tensors, isa);
}

/// The codes of x, int8 or int16. False if x contains NaN.
template <class Code>
bool quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x, Code* codes,
              Isa isa = best_isa()) {
  const detail::QuantizeTensors<Code> tensors{x, codes, limits};
  return detail::without_nan<detail::QuantizeLoop>(layout, scales, tensors, isa);
}

/// The real values of codes, int8, int16 or int32.
template <class Code>
void dequantize(ChannelLayout layout, std::span<const float> scales, const Code* codes, float* y,
                Isa isa = best_isa()) {
  for_each_channel<detail::DequantizeLoop>(layout, scales, detail::DequantizeTensors<Code>{codes, y}, isa);
}

}  // namespace quench::host
