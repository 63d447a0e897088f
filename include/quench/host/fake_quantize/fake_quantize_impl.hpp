// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/fake_quantize/fake_quantize.hpp>

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

QUENCH_INLINE bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                                 float* y, Isa isa) {
  const detail::ForwardTensors tensors{x, y, limits, isa, layout.size() >= detail::streaming_size};
  return detail::without_nan<detail::Streamed<detail::ForwardLoop>>(layout, scales, tensors, isa);
}

QUENCH_INLINE bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                                 float* y, std::uint8_t* mask, Isa isa) {
  std::memset(mask, 0, (layout.size() + 7) / 8);
  const detail::MaskTensors tensors{
      x, y, mask, detail::InsideLimits(limits), isa, layout.size() >= detail::streaming_size};
  return detail::without_nan<detail::Streamed<detail::ForwardMaskLoop>>(layout, scales, tensors, isa);
}

QUENCH_INLINE bool fake_quantize_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits,
                                          const float* x, const float* grad_y, float* grad_x, Isa isa) {
  const detail::BackwardTensors tensors{
      x, grad_y, grad_x, detail::InsideLimits(limits), isa, layout.size() >= detail::streaming_size};
  return detail::without_nan<detail::Streamed<detail::BackwardLoop>>(layout, scales, tensors, isa);
}

QUENCH_INLINE bool quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                            std::int8_t* codes, Isa isa) {
  const detail::QuantizeTensors<std::int8_t> tensors{x, codes, limits};
  return detail::without_nan<detail::QuantizeLoop>(layout, scales, tensors, isa);
}

QUENCH_INLINE bool quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                            std::int16_t* codes, Isa isa) {
  const detail::QuantizeTensors<std::int16_t> tensors{x, codes, limits};
  return detail::without_nan<detail::QuantizeLoop>(layout, scales, tensors, isa);
}

QUENCH_INLINE void dequantize(ChannelLayout layout, std::span<const float> scales, const std::int8_t* codes, float* y,
                              Isa isa) {
  for_each_channel<detail::DequantizeLoop>(layout, scales, detail::DequantizeTensors<std::int8_t>{codes, y}, isa);
}

QUENCH_INLINE void dequantize(ChannelLayout layout, std::span<const float> scales, const std::int16_t* codes, float* y,
                              Isa isa) {
  for_each_channel<detail::DequantizeLoop>(layout, scales, detail::DequantizeTensors<std::int16_t>{codes, y}, isa);
}

QUENCH_INLINE void dequantize(ChannelLayout layout, std::span<const float> scales, const std::int32_t* codes, float* y,
                              Isa isa) {
  for_each_channel<detail::DequantizeLoop>(layout, scales, detail::DequantizeTensors<std::int32_t>{codes, y}, isa);
}

}  // namespace quench::host
