// SPDX-License-Identifier: Apache-2.0
// Fake-quantization of many floats, forward and backward, and their quantization to integers.
//
// Every loop equals quench::to_code (tensors/scale.hpp) bit for bit on every CPU. Large results use streaming stores
// (fake_quantize/streamed.hpp).
#pragma once

#include <cstdint>
#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/host/fake_quantize/layout.hpp>
#include <quench/host/isa.hpp>

namespace quench::host {

/// Fake-quantizes x into y, which does not overlap it. False if x contains NaN.
bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x, float* y,
                   Isa isa = best_isa());

/// Also writes a bit for each value, lowest first: 1 if x is inside the codes. `mask` has (size + 7) / 8 bytes.
bool fake_quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x, float* y,
                   std::uint8_t* mask, Isa isa = best_isa());

/// The straight-through gradient: grad_y where x is inside the codes, 0 elsewhere. No overlap. False if x contains NaN.
bool fake_quantize_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                            const float* grad_y, float* grad_x, Isa isa = best_isa());

/// The codes of x. False if x contains NaN.
bool quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
              std::int8_t* codes, Isa isa = best_isa());
bool quantize(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
              std::int16_t* codes, Isa isa = best_isa());

/// The real values of codes.
void dequantize(ChannelLayout layout, std::span<const float> scales, const std::int8_t* codes, float* y,
                Isa isa = best_isa());
void dequantize(ChannelLayout layout, std::span<const float> scales, const std::int16_t* codes, float* y,
                Isa isa = best_isa());
void dequantize(ChannelLayout layout, std::span<const float> scales, const std::int32_t* codes, float* y,
                Isa isa = best_isa());

}  // namespace quench::host

#if QUENCH_HEADER_ONLY
#include <quench/host/fake_quantize/fake_quantize_impl.hpp>
#endif
