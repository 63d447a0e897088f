// SPDX-License-Identifier: Apache-2.0
// Converts real values to the integers of a QuantStub, and integers before a DeQuantStub to real values.
#pragma once

#include <span>

#include <quench/execution/integer_network.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::execution {

/// The codes of a QuantStub for real values, beginning with a sample.
/// Rounding half to even, then saturation
/// Errors   value-not-finite (NaN)
void quantize_codes(const IntegerConstants& constants, int stub, std::span<const float> x, IntegerTensors& tensors,
                    int sample);

/// Calls f(const T*) with the integers of a node, beginning with a sample. T is their type.
template <class F>
void with_integers(const IntegerConstants& constants, int node, IntegerTensors& tensors, int sample, F f) {
  switch (constants.dtype(node)) {
    case DType::Int8: return f(static_cast<const std::int8_t*>(tensors.of<std::int8_t>(node, sample)));
    case DType::Int16: return f(static_cast<const std::int16_t*>(tensors.of<std::int16_t>(node, sample)));
    default: return f(static_cast<const std::int32_t*>(tensors.of<std::int32_t>(node, sample)));
  }
}

/// The real values of a node's integers.
/// Equals   float(q) * scale of its channel, also after permute and slice have moved the channels
void dequantize_codes(const Graph& graph, const IntegerConstants& constants, int node, IntegerTensors& tensors,
                      Shard samples, float* y);

}  // namespace quench::execution

#if QUENCH_HEADER_ONLY
#include <quench/execution/codes_impl.hpp>
#endif
