// SPDX-License-Identifier: Apache-2.0
// What the models behind `prepare` share, whatever their network: folded weights, fake-quantizers, and the integer
// constants that follow from them.
#pragma once

#include <functional>

#include <quench/integer/network.hpp>
#include <quench/phases/fake_quantizers.hpp>
#include <quench/training/tape.hpp>

namespace quench::detail {

/// What a network and a setter fix: the graph, the dtype of each node, and how a step is run.
struct IntegerProgram {
  const Graph* graph = nullptr;
  std::vector<DType> dtypes;
  StepFunction run_step = nullptr;
};

template <class Net, march::March March, Setter S>
IntegerProgram integer_program() {
  using Decisions = SetterDecisions<Net, March, S>;
  const auto& dtypes = nash::detail::node_dtypes<Net, Decisions>.of;
  IntegerProgram program{&graph<Net>, {std::begin(dtypes), std::end(dtypes)}, nullptr};
  program.run_step = [](unsigned char* const* tensors, const nash::StepConstants& constants, int node) {
    nash::run_step<Net, Decisions>(tensors, constants, node);
  };
  return program;
}

/// The scales of a layer's weight, one for each output channel, found by its fake-quantizer.
inline LayerWeights layer_weights(const Graph& graph, const training::Parameters& parameters, int module,
                                  AnyFakeQuantizer& quantizer) {
  const training::Parameter& weight = parameters[parameters.of(module).weight];
  LayerWeights result;
  result.weight = weight.values;
  result.bias = parameters.bias(module);
  result.dtype = quantizer.dtype();
  in_module(text(graph.modules[module].name), [&] {
    quantizer.observe_weight(FloatInput(std::span<const float>(weight.values), Extents(weight.shape)));
    if (!result.bias.empty()) finite_range(result.bias);
    result.scales = quantizer.scales();
    const std::size_t channels = weight.shape[0];
    if (result.scales.size() == 1) result.scales.assign(channels, result.scales[0]);
    if (result.scales.size() != channels)
      throw Error(diagnosis::shape_mismatch, "needed a weight scale for each of " + std::to_string(channels) +
                                                 " output channels, given " + std::to_string(result.scales.size()));
  });
  return result;
}

/// The integer constants of a network: from its folded weights, and an activation scale of each module that has one.
inline IntegerConstants derive_constants(const IntegerProgram& program, const training::Parameters& parameters,
                                         ModuleQuantizers& quantizers, std::vector<float> activation_scales) {
  QuantizationState state{std::move(activation_scales), {}};
  state.weights.resize(index(program.graph->module_count));
  for (int m = 0; m < program.graph->module_count; ++m)
    if (quantizers.weight[index(m)])
      state.weights[index(m)] = layer_weights(*program.graph, parameters, m, *quantizers.weight[index(m)].operator->());
  return {*program.graph, program.dtypes, state};
}

/// The scales of the activations, by module; 0 where there is none.
inline std::vector<float> activation_scales(const Graph& graph, ModuleQuantizers& quantizers) {
  std::vector<float> scales(quantizers.activation.size());
  for (int m = 0; m < graph.module_count; ++m) {
    if (!quantizers.activation[index(m)]) continue;
    const std::vector<float> found =
        in_module(text(graph.modules[m].name), [&] { return quantizers.activation[index(m)]->scales(); });
    if (!found.empty()) scales[index(m)] = found[0];
  }
  return scales;
}

}  // namespace quench::detail
