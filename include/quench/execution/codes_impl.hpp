// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/execution/codes.hpp>

#include <vector>

#include <quench/device/output.hpp>
#include <quench/host/fake_quantize/channels.hpp>
#include <quench/host/fake_quantize/fake_quantize.hpp>
#include <quench/tensors/quantize.hpp>

namespace quench::execution {

QUENCH_INLINE void quantize_codes(const IntegerConstants& constants, int stub, std::span<const float> x,
                                  IntegerTensors& tensors, int sample) {
  const CodeRange range = code_range(constants.dtype(stub));
  const host::CodeLimits limits{static_cast<float>(range.qmin), static_cast<float>(range.qmax)};
  const ChannelLayout layout{1, 1, x.size()};
  const bool is_whole =
      constants.dtype(stub) == DType::Int8
          ? host::quantize(layout, constants.scales(stub), limits, x.data(), tensors.of<std::int8_t>(stub, sample))
          : host::quantize(layout, constants.scales(stub), limits, x.data(), tensors.of<std::int16_t>(stub, sample));
  if (!is_whole) tensors::throw_nan(x);
}

QUENCH_INLINE void dequantize_codes(const Graph& graph, const IntegerConstants& constants, int node,
                                    IntegerTensors& tensors, Shard samples, float* y) {
  const std::span<const float> scales = constants.scales(node);
  const auto elements = index(graph.nodes[node].shape.elements()), size = elements * index(samples.count());
  with_integers(constants, node, tensors, samples.begin, [&]<class T>(const T* q) {
    if (scales.size() == 1) return host::dequantize(ChannelLayout{1, 1, size}, scales, q, y);
    if (owns_output_scale(graph.nodes[node].op))
      return host::dequantize(ChannelLayout{size / scales.size(), scales.size(), 1}, scales, q, y);
    const device::StepConstants& c = constants.step(device::step_of(graph, node));
    std::vector<float> of_element;
    for (int i = 0; i < graph.nodes[node].shape.elements(); ++i)
      of_element.push_back(c.scales[c.scale_count > 1 ? embedded::channel_of(graph, node, i) : 0]);
    for (std::size_t i = 0; i < size; ++i) y[i] = static_cast<float>(q[i]) * of_element[i % elements];
  });
}

}  // namespace quench::execution
