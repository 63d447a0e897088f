// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/float_model.hpp>

namespace quench::phases {

QUENCH_INLINE FloatTrainingCore::FloatTrainingCore(const Graph& graph, training::Parameters parameters)
    : FloatCore(graph, training::Form::Float, std::move(parameters)),
      TrainingPass(training::Tape(graph, training::Form::Float)) {}

QUENCH_INLINE void FloatTrainingCore::train(const CheckedInputs& inputs) {
  pool_.require();
  tape_.require_statistics(inputs.samples);
  is_trained_ = false;
  tape_.begin(inputs, {0, inputs.samples});
  tape_.train(parameters_, *pool_);
  tape_.forget_inputs();
  is_trained_ = true;
}

QUENCH_INLINE void FloatTrainingCore::backward(const std::vector<std::vector<float>>& gradients) {
  tape_.clear_gradients(*pool_);
  add_output_gradients(gradients);
  tape_.backward_all(parameters_, *pool_);
  is_trained_ = false;
}

}  // namespace quench::phases
