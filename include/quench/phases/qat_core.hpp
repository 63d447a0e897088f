// SPDX-License-Identifier: Apache-2.0
// Quantization-aware training: forward is that of the integer network, backward uses the straight-through estimator.
//
// A training pass first derives the integers from the current weights and scales. Every step then gives its codes and
// the real values that were rounded to them. For convs and linears these are accumulators times their scale; for others
// the float operator on dequantized inputs. The gradient passes a rounding where the real value lies in the range of
// the codes. Observers see the real values after the pass and set the scales of the next one.
#pragma once

#include <memory>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/phases/core.hpp>
#include <quench/phases/quantization.hpp>

namespace quench::phases {

class QatCore : public Core, public TrainingPass {
 public:
  QatCore(IntegerProgram program, training::Parameters parameters, ModuleQuantizers quantizers);

  ModuleQuantizers& quantizers() { return quantizers_; }
  const ModuleQuantizers& quantizers() const { return quantizers_; }
  const IntegerProgram& program() const { return program_; }

  ModelScales scales() const;

  /// The network of integers of the current weights and scales. It is derived again after a change.
  std::shared_ptr<const IntegerNetwork> integers() const;

  /// Computes a batch in blocks like the integer network: see Passes::run. Changes nothing.
  template <class Done>
  void predict(const CheckedInputs& inputs, const Done& done) const {
    const std::shared_ptr<const IntegerNetwork> network = integers();
    passes_.run({parameters_, network.get()}, *pool_, inputs, done);
  }

  /// The outputs of the integer network. Keeps what backward needs, and shows the values to the observers.
  /// An error leaves the fake-quantizers as they were.
  void train(const CheckedInputs& inputs);

  void backward(const std::vector<std::vector<float>>& gradients);

  std::vector<ParameterView> views();

  void zero_gradients();

  std::size_t bytes_of_training() const { return tape_.bytes(); }

  const IntegerNetwork& network() const { return *network_; }

 private:
  // The network for predictions, and what it was derived from.
  struct Derived {
    std::vector<float> scales;
    std::vector<std::vector<float>> weights;
    IntegerNetwork network;
  };

  void run_training_pass(const CheckedInputs& inputs);

  static bool same_bits(const std::vector<float>& a, const std::vector<float>& b);
  bool has_weights(const std::vector<std::vector<float>>& weights) const;
  ModelScales find_scales(bool weights_are_observed) const;
  // The scales that do not follow from the weights.
  std::vector<float> changing_scales() const;
  // QuantStubs with a learned scale, which need the gradient.
  static std::vector<bool> learned_stubs(const Graph& graph, const ModuleQuantizers& quantizers);

  void set_network(IntegerConstants constants);
  const IntegerConstants& current() const { return network_->constants(); }

  // Shows the values of the pass to the observers.
  void observe();

  // True if a node is a step that rounds values to codes with its own scale.
  bool rounds(int n) const { return tape_.plan().has_unrounded(n); }
  bool learns_scale(int n) const;
  // The fake-quantizer of a node's output, which modules of one scale share.
  const FakeQuantizerHandle& output_quantizer(int n) const;
  float used_scale(int n) const { return current().scales(n)[0]; }

  // Backward through a rounding whose fake-quantizer needs the whole batch for its own gradient.
  void backward_learned(int n);

  // Backward straight through a rounding, and through the ReLU fused into the step.
  void backward_rounding(int n, Shard shard);

  // Layers compute with the real values of their codes, as forward did.
  void backward_node(int n);

  IntegerProgram program_;
  ModuleQuantizers quantizers_;
  std::shared_ptr<IntegerNetwork> network_;  // of training
  Remembered<Derived> derived_;
  std::vector<float> weight_, weight_gradient_;  // of the layer that backward computes
};

}  // namespace quench::phases

#if QUENCH_HEADER_ONLY
#include <quench/phases/qat_core_impl.hpp>
#endif
