// SPDX-License-Identifier: Apache-2.0
// `FloatModel`: a network with float weights, to be trained.
//
//   quench::FloatModel<FashionNet> model{quench::Seed{7}};      // FashionNet is checked here
//   auto logits = model.forward(batch.images);                  // as in training: batch norms use the batch
//   auto loss   = quench::cross_entropy(logits, batch.labels);
//   model.backward(loss.gradient);                              // adds to the gradients of the parameters
//   sgd.step(model);                                            // moves them, and sets the gradients to 0
#pragma once

#include <algorithm>
#include <memory>

#include <quench/misuse/verify.hpp>
#include <quench/phases/pass.hpp>
#include <quench/phases/shared_pool.hpp>
#include <quench/training/tape.hpp>

namespace quench {

namespace phases {

/// What all models that compute in float share, whatever their network: parameters, a tape for training, threads.
class FloatCore {
 public:
  FloatCore(const Graph& graph, training::Form form, training::Parameters parameters)
      : parameters_(std::move(parameters)),
        tape_(graph, form),
        passes_(PassPlan(graph, form, {}, output_nodes(graph))) {}

  const Graph& graph() const& { return tape_.graph(); }
  const Graph& graph() const&& = delete;

  training::Parameters& parameters() & {
    pool_.require();
    return parameters_;
  }
  const training::Parameters& parameters() const& {
    pool_.require();
    return parameters_;
  }
  const training::Parameters& parameters() const&& = delete;
  WorkerPool& pool() const& { return *pool_; }
  WorkerPool& pool() const&& = delete;
  void set_workers(Workers workers) { pool_ = SharedPool(workers); }

  void train(const CheckedInputs& inputs) {
    pool_.require();
    tape_.require_statistics(inputs.samples);
    is_trained_ = false;
    tape_.resize(inputs.samples);
    copy_inputs(inputs, tape_);
    tape_.train(parameters_, *pool_);
    is_trained_ = true;
  }

  /// Computes a batch in blocks: see Passes::run.
  template <class Done>
  void predict(const CheckedInputs& inputs, const Done& done) const {
    pool_.require();
    passes_.run({parameters_}, *pool_, inputs, done);
  }
  /// A plan that keeps the values of these nodes.
  std::shared_ptr<const PassPlan> plan_for(const std::vector<int>& kept) const {
    pool_.require();
    return std::make_shared<const PassPlan>(graph(), passes_.plan()->form(), std::span<const DType>(), kept);
  }
  PassWeights weights() const { return {parameters()}; }
  const Passes& passes() const& { return passes_; }
  const Passes& passes() const&& = delete;

  void backward(const std::vector<std::vector<float>>& gradients) {
    tape_.clear_gradients(*pool_);
    add_output_gradients(tape_, gradients);
    tape_.backward_all(parameters_, *pool_);
    is_trained_ = false;
  }

  /// Whether there has been a pass of training that nothing has gone backward through.
  bool is_trained() const { return is_trained_; }
  int samples() const { return tape_.samples(); }

  static void copy_inputs(const CheckedInputs& inputs, training::Tape& tape) {
    for (int i = 0; i < tape.graph().input_count; ++i) {
      const InputValues& input = inputs.of[index(i)];
      input.copy(0, input.size(), tape.values(tape.graph().inputs[i]));
    }
  }
  static void copy_outputs(training::Tape& tape, std::span<float* const> to) {
    for (int i = 0; i < tape.graph().output_count; ++i) {
      const std::span<const float> values = tape.all_values(tape.graph().outputs[i]);
      std::copy(values.begin(), values.end(), to[index(i)]);
    }
  }
  void copy_outputs(std::span<float* const> to) { copy_outputs(tape_, to); }
  static void add_output_gradients(training::Tape& tape, const std::vector<std::vector<float>>& gradients) {
    for (int i = 0; i < tape.graph().output_count; ++i) {
      const std::span<float> to = tape.gradients(tape.graph().outputs[i]);
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += gradients[index(i)][j];
    }
  }

 private:
  training::Parameters parameters_;
  training::Tape tape_;
  Passes passes_;
  SharedPool pool_;
  bool is_trained_ = false;
};

/// The outputs of a core of any phase for a batch.
template <class Net, class Core, class... Given>
auto predict_outputs(const Core& core, const Given&... given) {
  const CheckedInputs inputs = check_inputs(graph<Net>, given...);
  return make_outputs<Net>(inputs.samples, [&](std::span<float* const> to) {
    core.predict(inputs, [&](const Pass& pass, Shard samples) { copy_outputs(pass, samples, to); });
  });
}

inline std::vector<ParameterView> views_of(training::Parameters& parameters) {
  std::vector<ParameterView> views;
  for (training::Parameter& parameter : parameters.list()) views.push_back(parameter.view());
  return views;
}

}  // namespace phases

/// A network with float weights.
/// Errors   all rules of the description (compile time)
template <class Net>
class FloatModel {
  static_assert(verified<Net>());

 public:
  using Network = Net;

  /// Random weights, as PyTorch's layers begin with.
  explicit FloatModel(Seed seed = {})
      : core_(graph<Net>, training::Form::Float, training::Parameters(graph<Net>, seed)) {}

  /// The outputs for a batch, as in training: batch norms use, and learn, the statistics of the batch.
  /// Shapes   each input an ImageBatch of its colour, or a float tensor [N, ...] -> a tensor [N, ...], or a tuple
  /// Errors   shape-mismatch, empty-input, value-not-finite; with the name of a batch norm, too-few-values, if it is given
  ///          one value for each channel, and value-out-of-range, if its eps is 0 and a channel does not vary; nothing is
  ///          changed
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto forward(const Given&... inputs) {
    core_.train(phases::check_inputs(graph<Net>, inputs...));
    return phases::make_outputs<Net>(core_.samples(), [this](std::span<float* const> to) { core_.copy_outputs(to); });
  }

  /// Adds to the gradients of the parameters those of the last `forward`.
  /// Shapes   as the outputs of `forward`
  /// Errors   backward-before-forward, shape-mismatch, value-not-finite; nothing is changed
  template <class Gradient>
  void backward(const Gradient& gradient) {
    if (!core_.is_trained()) throw Error(diagnosis::backward_before_forward, "");
    core_.backward(phases::check_gradients<Net>(core_.samples(), gradient));
  }

  /// The outputs for a batch, batch norms by their running statistics. Nothing is learned, and `backward` goes through the
  /// last `forward` as if nothing had been asked. Several threads may ask.
  /// Errors   shape-mismatch, empty-input, value-not-finite
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) const {
    return phases::predict_outputs<Net>(core_, inputs...);
  }

  /// All parameters by name, those that are trained with their gradients.
  std::vector<ParameterView> parameters() & { return phases::views_of(core_.parameters()); }
  std::vector<ParameterView> parameters() && = delete;
  void zero_gradients() { core_.parameters().zero_gradients(); }

  /// How many threads share a batch. The results are the same for any number.
  void set_workers(Workers workers) { core_.set_workers(workers); }

  phases::FloatCore& core() & { return core_; }
  const phases::FloatCore& core() const& { return core_; }
  const phases::FloatCore& core() const&& = delete;

 private:
  phases::FloatCore core_;
};

}  // namespace quench
