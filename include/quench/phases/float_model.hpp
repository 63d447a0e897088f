// SPDX-License-Identifier: Apache-2.0
// `FloatModel`: a network with float weights, for training.
//
//   quench::FloatModel<FashionNet> model{quench::Seed{7}};      // FashionNet is checked here
//   auto logits = model.forward(batch.images);                  // as in training: batch norms use the batch
//   auto loss   = quench::cross_entropy(logits, batch.labels);
//   model.backward(loss.gradient);                              // adds to the gradients of the parameters
//   sgd.step(model);                                            // moves them, and sets the gradients to 0
#pragma once

#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/misuse/verify.hpp>
#include <quench/phases/model.hpp>

namespace quench {

namespace phases {

class FloatTrainingCore : public FloatCore, public TrainingPass {
 public:
  FloatTrainingCore(const Graph& graph, training::Parameters parameters);

  void train(const CheckedInputs& inputs);
  void backward(const std::vector<std::vector<float>>& gradients);
  void zero_gradients() { parameters().zero_gradients(); }
};

}  // namespace phases

/// A network with float weights. In `forward`, batch norms use the statistics of the batch and update the running ones.
/// In `predict` they use the running ones.
/// Errors   all rules of the description (compile time); of forward, with the name of a batch norm: too-few-values, if
///          it has one value for each channel, value-out-of-range, if its eps is 0 and a channel does not vary, and
///          value-not-finite, if the statistics of the batch overflow. No parameter changes then
template <class Net>
class FloatModel : public TrainedModel<Net, phases::FloatTrainingCore> {
  static_assert(verified<Net>());

 public:
  /// Random weights, with the initialization of PyTorch's layers.
  explicit FloatModel(Seed seed = {})
      : TrainedModel<Net, phases::FloatTrainingCore>({graph<Net>, training::Parameters(graph<Net>, seed)}) {}
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/phases/float_model_impl.hpp>
#endif
