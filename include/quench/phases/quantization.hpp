// SPDX-License-Identifier: Apache-2.0 What the models after `prepare` share: folded weights, fake-quantizers, and the
// integer constants from them.
#pragma once

#include <functional>

#include <quench/execution/integer_network.hpp>
#include <quench/phases/fake_quantizers.hpp>
#include <quench/training/parameters.hpp>

namespace quench::phases {

/// What a network and a setter determine: the graph, the dtype of each node, and how to run a step.
struct IntegerProgram {
  const Graph* graph = nullptr;
  std::vector<DType> dtypes;
  StepFunction run_step = nullptr;
};

template <class Net, march::March March, Setter S>
IntegerProgram integer_program() {
  using Decisions = SetterDecisions<Net, March, S>;
  const auto& dtypes = device::node_dtypes<Net, Decisions>.of;
  IntegerProgram program{&graph<Net>, {std::begin(dtypes), std::end(dtypes)}, nullptr};
  program.run_step = [](unsigned char* const* tensors, const device::StepConstants& constants, int node) {
    device::run_step<Net, Decisions>(tensors, constants, node);
  };
  return program;
}

/// The scales of a network by module; 0 or empty if a module has none.
struct ModelScales {
  std::vector<float> activation;
  std::vector<std::vector<float>> weight;  // for each output channel
  std::vector<DType> weight_dtype;
};

inline FloatInput weight_of(const training::Parameters& parameters, int module) {
  const training::Parameter& weight = parameters[parameters.of(module).weight];
  return {std::span<const float>(weight.values), Extents(weight.shape)};
}

/// The scales of a weight, one for each output channel. `is_observed`: its fake-quantizer has observed it.
inline std::vector<float> weight_scales(const Graph& graph, const training::Parameters& parameters, int module,
                                        const AnyFakeQuantizer& quantizer, bool is_observed = false) {
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

/// Shows each weight to its fake-quantizer. Starts the learning of learned scales.
inline void observe_weights(const Graph& graph, const training::Parameters& parameters, ModuleQuantizers& quantizers) {
  for (int m = 0; m < graph.module_count; ++m) {
    if (!quantizers.weight[index(m)]) continue;
    in_module(tensors::text(graph.modules[m].name), [&] {
      quantizers.weight[index(m)]->observe_weight(weight_of(parameters, m));
      quantizers.weight[index(m)]->begin();
    });
  }
}

/// The scales of the activations by module; 0 if there is none.
/// Errors   those of the fake-quantizers; shape-mismatch if one of a user's own has more than one scale
inline std::vector<float> activation_scales(const Graph& graph, const ModuleQuantizers& quantizers) {
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
  return scales;
}

/// The scales of a model: the activations' as given, the weights' from their fake-quantizers.
inline ModelScales find_scales(const Graph& graph, const training::Parameters& parameters,
                               const ModuleQuantizers& quantizers, std::vector<float> activation,
                               bool are_observed = false) {
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

/// The integer constants of a network, from its folded weights and its scales.
inline IntegerConstants derive_constants(const IntegerProgram& program, const training::Parameters& parameters,
                                         const ModelScales& scales) {
  const Graph& graph = *program.graph;
  QuantizationState state{scales.activation, std::vector<LayerWeights>(index(graph.module_count))};
  for (int m = 0; m < graph.module_count; ++m) {
    if (scales.weight[index(m)].empty()) continue;
    const std::span<const float> bias = parameters.bias(m);
    in_module(tensors::text(graph.modules[m].name), [&] {
      if (!bias.empty()) finite_range(bias);
    });
    state.weights[index(m)] = {parameters[parameters.of(m).weight].values, bias, scales.weight[index(m)],
                               scales.weight_dtype[index(m)]};
  }
  return {graph, program.dtypes, state};
}

}  // namespace quench::phases
