// SPDX-License-Identifier: Apache-2.0
// What the models after `prepare` share: folded weights, fake-quantizers, and the integer constants from them.
#pragma once

#include <span>
#include <vector>

#include <quench/execution/integer_network.hpp>
#include <quench/ground/compiled.hpp>
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

/// Checks the float outputs of a function that has a domain.
/// Errors   input-outside-domain if one is NaN or infinite
void check_domain(Operator op, std::span<const float> outputs);

FloatInput weight_of(const training::Parameters& parameters, int module);

/// The scales of a weight, one for each output channel. `is_observed`: its fake-quantizer has observed it.
std::vector<float> weight_scales(const Graph& graph, const training::Parameters& parameters, int module,
                                 const AnyFakeQuantizer& quantizer, bool is_observed = false);

/// Shows each weight to its fake-quantizer. Starts the learning of learned scales.
void observe_weights(const Graph& graph, const training::Parameters& parameters, ModuleQuantizers& quantizers);

/// The scales of the activations by module; 0 if there is none.
/// Errors   those of the fake-quantizers; shape-mismatch if one of a user's own has more than one scale
std::vector<float> activation_scales(const Graph& graph, const ModuleQuantizers& quantizers);

/// Gives each module of a TiedScale the scale of the first of them.
void share_tied_scales(const Graph& graph, std::vector<float>& scales);

/// The scales of a model: the activations' as given, the weights' from their fake-quantizers.
ModelScales find_scales(const Graph& graph, const training::Parameters& parameters, const ModuleQuantizers& quantizers,
                        std::vector<float> activation, bool are_observed = false);

/// The integer constants of a network, from its folded weights and its scales.
IntegerConstants derive_constants(const IntegerProgram& program, const training::Parameters& parameters,
                                  const ModelScales& scales);

}  // namespace quench::phases

#if QUENCH_HEADER_ONLY
#include <quench/phases/quantization_impl.hpp>
#endif
