// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/quantization.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <quench/execution/functions.hpp>

namespace quench::phases {

QUENCH_INLINE void check_domain(Operator op, std::span<const float> outputs) {
  const std::string_view domain = execution::function_domain(op);
  if (domain.empty()) return;
  const auto found = std::ranges::find_if(outputs, [](float y) { return !std::isfinite(y); });
  if (found == outputs.end()) return;
  throw Error(diagnosis::input_outside_domain, "element " + std::to_string(found - outputs.begin()) +
                                                   " of its output is " + tensors::text(static_cast<double>(*found)) +
                                                   ", and the domain is " + std::string(domain));
}

QUENCH_INLINE FloatInput weight_of(const training::Parameters& parameters, int module) {
  const training::Parameter& weight = parameters[parameters.of(module).weight];
  return {std::span<const float>(weight.values), Extents(weight.shape)};
}

QUENCH_INLINE std::vector<float> weight_scales(const Graph& graph, const training::Parameters& parameters, int module,
                                               const AnyFakeQuantizer& quantizer, bool is_observed) {
  return in_module(tensors::text(graph.modules[module].name), [&] {
    const QParams found = is_observed ? QParams{quantizer.dtype(), quantizer.scales(), quantizer.axis()}
                                      : quantizer.qparams_of(weight_of(parameters, module));
    std::vector<float> scales = found.scales;
    const std::vector<std::size_t>& shape = parameters[parameters.of(module).weight].shape;
    const std::size_t channels = shape[0];
    const ScaleAxis axis{true, found.axis.value_or(0)};
    if (scales.size() > 1 && axis.from_front(static_cast<int>(shape.size())) != 0)
      throw Error(
          diagnosis::shape_mismatch,
          "needed weight scales of axis 0, the output channels, given scales of axis " + std::to_string(axis.axis));
    if (scales.size() == 1) scales.assign(channels, scales[0]);
    if (scales.size() != channels)
      throw Error(diagnosis::shape_mismatch, "needed a weight scale for each of " + std::to_string(channels) +
                                                 " output channels, given " + std::to_string(scales.size()));
    return scales;
  });
}

QUENCH_INLINE void observe_weights(const Graph& graph, const training::Parameters& parameters,
                                   ModuleQuantizers& quantizers) {
  for (int m = 0; m < graph.module_count; ++m) {
    if (!quantizers.weight[index(m)]) continue;
    in_module(tensors::text(graph.modules[m].name), [&] {
      quantizers.weight[index(m)]->observe_weight(weight_of(parameters, m));
      quantizers.weight[index(m)]->begin();
    });
  }
}

QUENCH_INLINE std::vector<float> activation_scales(const Graph& graph, const ModuleQuantizers& quantizers) {
  std::vector<float> scales(quantizers.activation.size());
  for (int m = 0; m < graph.module_count; ++m) {
    if (!quantizers.activation[index(m)]) continue;
    const std::vector<float> found =
        in_module(tensors::text(graph.modules[m].name), [&] { return quantizers.activation[index(m)]->scales(); });
    if (found.size() > 1)
      throw Error(diagnosis::shape_mismatch,
                  "needed one scale for the whole tensor, given " + std::to_string(found.size()),
                  tensors::text(graph.modules[m].name));
    if (!found.empty()) scales[index(m)] = found[0];
  }
  share_tied_scales(graph, scales);
  return scales;
}

QUENCH_INLINE void share_tied_scales(const Graph& graph, std::vector<float>& scales) {
  for (int m = 0; m < graph.module_count; ++m) scales[index(m)] = scales[index(scale_owner(graph, m))];
}

QUENCH_INLINE ModelScales find_scales(const Graph& graph, const training::Parameters& parameters,
                                      const ModuleQuantizers& quantizers, std::vector<float> activation,
                                      bool are_observed) {
  const std::size_t count = index(graph.module_count);
  ModelScales scales{std::move(activation), std::vector<std::vector<float>>(count), std::vector<DType>(count)};
  for (int m = 0; m < graph.module_count; ++m) {
    const FakeQuantizerHandle& quantizer = quantizers.weight[index(m)];
    if (!quantizer) continue;
    scales.weight[index(m)] = weight_scales(graph, parameters, m, *quantizer.operator->(), are_observed);
    scales.weight_dtype[index(m)] = quantizer->dtype();
  }
  return scales;
}

QUENCH_INLINE IntegerConstants derive_constants(const IntegerProgram& program, const training::Parameters& parameters,
                                                const ModelScales& scales) {
  const Graph& graph = *program.graph;
  QuantizationState state{scales.activation, std::vector<LayerWeights>(index(graph.module_count))};
  for (int m = 0; m < graph.module_count; ++m) {
    const Module& module = graph.modules[m];
    if (parameters.of(m).weight < 0) continue;
    const bool is_quantized = module.node >= 0 && graph.nodes[module.node].domain == Domain::Quantized;
    // These weights have no scales of their own: constants contain them unrounded, or round them at other scales.
    const bool has_no_scales = is_quantized && !rounds_weights(module.op);
    if (scales.weight[index(m)].empty() && !has_no_scales) continue;
    const std::span<const float> weight = parameters[parameters.of(m).weight].values, bias = parameters.bias(m);
    in_module(tensors::text(module.name), [&] {
      if (!bias.empty()) finite_range(bias);
      if (has_no_scales) finite_range(weight);
    });
    state.weights[index(m)] = {weight, bias, scales.weight[index(m)],
                               has_no_scales ? DType::Int8 : scales.weight_dtype[index(m)],
                               family_of(module.op) == Family::ChannelAffine};
  }
  return {graph, program.dtypes, state};
}

}  // namespace quench::phases
