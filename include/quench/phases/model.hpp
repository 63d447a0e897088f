// SPDX-License-Identifier: Apache-2.0
// What the models of all phases offer. A phase adds what only it can do.
#pragma once

#include <utility>

#include <quench/phases/batch.hpp>
#include <quench/phases/core.hpp>

namespace quench {

/// A network with a core that computes it.
template <class Net, class TheCore>
class Model {
 public:
  using Network = Net;

  /// The outputs for a batch. Nothing is learned, and `backward` goes through the last `forward` as if nothing had been
  /// asked. Several threads may ask.
  /// Shapes   each input an ImageBatch of its colour, or a float tensor [N, ...] -> a tensor [N, ...], or a tuple
  /// Errors   shape-mismatch, empty-input, value-not-finite
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(const Given&... given) const {
    const phases::CheckedInputs inputs = phases::check_inputs(graph<Net>, given...);
    return phases::make_outputs<Net>(inputs.samples, [&](std::span<float* const> to) {
      core_.predict(inputs, [&](const phases::Pass& pass, Shard samples) { phases::copy_outputs(pass, samples, to); });
    });
  }

  /// All parameters by name, those that are trained with their gradients.
  std::vector<ParameterView> parameters() & { return core_.views(); }
  std::vector<ParameterView> parameters() && = delete;

  /// How many threads share a batch. The results are the same for any number.
  void set_workers(Workers workers) { core_.set_workers(workers); }

  TheCore& core() & { return core_; }
  const TheCore& core() const& { return core_; }
  const TheCore& core() const&& = delete;

 protected:
  explicit Model(TheCore core) : core_(std::move(core)) {}

  TheCore core_;
};

/// A model that is trained.
template <class Net, class TheCore>
class TrainedModel : public Model<Net, TheCore> {
 public:
  /// The outputs for a batch, as in training.
  /// Shapes   as predict
  /// Errors   those of predict and of the phase; nothing is changed
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto forward(const Given&... inputs) {
    this->core_.train(phases::check_inputs(graph<Net>, inputs...));
    return phases::make_outputs<Net>(this->core_.samples(),
                                     [this](std::span<float* const> to) { this->core_.copy_outputs(to); });
  }

  /// Adds to the gradients of the parameters those of the last `forward`.
  /// Shapes   as the outputs of `forward`
  /// Errors   backward-before-forward, shape-mismatch, value-not-finite; nothing is changed
  template <class Gradient>
  void backward(const Gradient& gradient) {
    if (!this->core_.is_trained()) throw Error(diagnosis::backward_before_forward, "");
    this->core_.backward(phases::check_gradients<Net>(this->core_.samples(), gradient));
  }

  void zero_gradients() { this->core_.zero_gradients(); }

 protected:
  using Model<Net, TheCore>::Model;
};

}  // namespace quench
