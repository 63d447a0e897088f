// SPDX-License-Identifier: Apache-2.0
// What the models of all phases share: parameters, threads, and a plan for predictions.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/phases/pass.hpp>
#include <quench/phases/shared_pool.hpp>
#include <quench/training/tape.hpp>

namespace quench::phases {

class Core {
 public:
  const Graph& graph() const { return passes_.plan()->graph(); }
  /// Errors   model-moved-from
  WorkerPool& pool() const { return *pool_; }
  training::Parameters& parameters();
  const training::Parameters& parameters() const;
  /// Errors   model-moved-from: a new pool would hide that the model has nothing else
  void set_workers(Workers workers);

  const Passes& passes() const { return passes_; }
  /// A plan that keeps the values of these nodes.
  std::shared_ptr<const PassPlan> plan_for(const std::vector<int>& kept) const;

 protected:
  /// `dtypes` has the dtype of each node if the quantized region is computed on integers, and is empty if all is float.
  Core(const Graph& graph, training::Form form, std::span<const DType> dtypes, training::Parameters parameters);

  training::Parameters parameters_;
  Passes passes_;
  SharedPool pool_;
};

class FloatCore : public Core {
 public:
  FloatCore(const Graph& graph, training::Form form, training::Parameters parameters);

  std::vector<ParameterView> views() { return parameters().views(); }
  PassWeights weights() const { return {parameters()}; }

  /// Computes a batch in blocks: see Passes::run.
  template <class Done>
  void predict(const CheckedInputs& inputs, const Done& done) const {
    passes_.run(weights(), pool(), inputs, done);
  }
};

/// State of the last training pass.
class TrainingPass {
 public:
  /// True after a training pass until `backward` has used it.
  bool is_trained() const { return is_trained_; }
  int samples() const { return tape_.samples(); }
  void copy_outputs(std::span<float* const> to) const { phases::copy_outputs(tape_, {0, samples()}, to); }

 protected:
  explicit TrainingPass(training::Tape tape) : tape_(std::move(tape)) {}

  void add_output_gradients(const std::vector<std::vector<float>>& gradients);

  training::Tape tape_;
  bool is_trained_ = false;
};

}  // namespace quench::phases

#if QUENCH_HEADER_ONLY
#include <quench/phases/core_impl.hpp>
#endif
