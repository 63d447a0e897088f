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
#include <quench/phases/batch.hpp>
#include <quench/phases/shared_pool.hpp>
#include <quench/training/tape.hpp>

namespace quench {

namespace detail {

/// What all models that compute in float share, whatever their network: parameters, a tape, threads.
class FloatCore {
 public:
  FloatCore(const Graph& graph, training::Form form, training::Parameters parameters)
      : parameters_(std::move(parameters)), tape_(graph, form) {}

  training::Parameters& parameters() & {
    pool_.require();
    return parameters_;
  }
  const training::Parameters& parameters() const& {
    pool_.require();
    return parameters_;
  }
  const training::Parameters& parameters() const&& = delete;
  training::Tape& tape() & { return tape_; }
  training::Tape& tape() && = delete;
  WorkerPool& pool() const& { return *pool_; }
  WorkerPool& pool() const&& = delete;
  void set_workers(Workers workers) { pool_ = SharedPool(workers); }

  void set_inputs(const CheckedInputs& inputs) {
    pool_.require();
    is_trained_ = false;
    tape_.resize(inputs.samples);
    const Graph& graph = tape_.graph();
    for (int i = 0; i < graph.input_count; ++i)
      std::copy(inputs.values[index(i)].begin(), inputs.values[index(i)].end(), tape_.values(graph.inputs[i]));
  }

  void train(const CheckedInputs& inputs) {
    pool_.require();
    tape_.require_statistics(inputs.samples);
    set_inputs(inputs);
    tape_.train(parameters_, *pool_);
    is_trained_ = true;
  }
  void predict(const CheckedInputs& inputs) {
    set_inputs(inputs);
    tape_.predict(parameters_, *pool_);
  }
  void backward(const std::vector<std::vector<float>>& gradients) {
    tape_.clear_gradients(*pool_);
    add_output_gradients(tape_, gradients);
    tape_.backward_all(parameters_, *pool_);
    is_trained_ = false;
  }

  /// Whether the last pass was one of training, so that there is something to go backward through.
  bool is_trained() const { return is_trained_; }
  int samples() const { return tape_.samples(); }
  std::span<const float> output(int i) & { return tape_.all_values(tape_.graph().outputs[i]); }
  std::span<const float> output(int i) && = delete;

  static void add_output_gradients(training::Tape& tape, const std::vector<std::vector<float>>& gradients) {
    for (int i = 0; i < tape.graph().output_count; ++i) {
      const std::span<float> to = tape.gradients(tape.graph().outputs[i]);
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += gradients[index(i)][j];
    }
  }

 private:
  training::Parameters parameters_;
  training::Tape tape_;
  SharedPool pool_;
  bool is_trained_ = false;
};

inline std::vector<ParameterView> views_of(training::Parameters& parameters) {
  std::vector<ParameterView> views;
  for (training::Parameter& parameter : parameters.list()) views.push_back(parameter.view());
  return views;
}

}  // namespace detail

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
    requires detail::InputsFor<Net, Given...>
  auto forward(const Given&... inputs) {
    core_.train(detail::check_inputs(graph<Net>, inputs...));
    return outputs();
  }

  /// Adds to the gradients of the parameters those of the last `forward`.
  /// Shapes   as the outputs of `forward`
  /// Errors   backward-before-forward, shape-mismatch, value-not-finite; nothing is changed
  template <class Gradient>
  void backward(const Gradient& gradient) {
    if (!core_.is_trained()) throw Error(diagnosis::backward_before_forward, "");
    core_.backward(detail::check_gradients<Net>(core_.samples(), gradient));
  }

  /// The outputs for a batch, batch norms by their running statistics. Nothing is learned.
  /// Errors   shape-mismatch, empty-input, value-not-finite
  template <class... Given>
    requires detail::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) {
    core_.predict(detail::check_inputs(graph<Net>, inputs...));
    return outputs();
  }

  /// All parameters by name, those that are trained with their gradients.
  std::vector<ParameterView> parameters() & { return detail::views_of(core_.parameters()); }
  std::vector<ParameterView> parameters() && = delete;
  void zero_gradients() { core_.parameters().zero_gradients(); }

  /// How many threads share a batch. The results are the same for any number.
  void set_workers(Workers workers) { core_.set_workers(workers); }

  detail::FloatCore& core() & { return core_; }
  const detail::FloatCore& core() const& { return core_; }
  const detail::FloatCore& core() const&& = delete;

 private:
  auto outputs() {
    return detail::make_outputs<Net>(core_.samples(), [this](int i) { return core_.output(i); });
  }

  detail::FloatCore core_;
};

}  // namespace quench
