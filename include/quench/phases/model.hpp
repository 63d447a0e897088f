// SPDX-License-Identifier: Apache-2.0
// What the models of all phases offer.
#pragma once

#include <utility>

#include <quench/phases/batch.hpp>
#include <quench/phases/core.hpp>

namespace quench {

/// What the models of all phases offer.
template <class Net, class TheCore>
class Model {
 public:
  using Network = Net;

  /// The outputs for a batch. Changes nothing, not even for `backward`. Several threads may call it.
  /// Shapes   each input an ImageBatch of its colour, a float tensor [N, ...], or indices [N, ...] of std::int32_t -> a
  ///          tensor [N, ...], or a tuple
  /// Errors   shape-mismatch, empty-input, value-not-finite, value-out-of-range (floats for a centred image),
  ///          index-out-of-range; input-not-centered-yuv444 (compile time) for images of another colour
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(const Given&... given) const {
    const phases::CheckedInputs inputs = phases::inputs_of<Net>(given...);
    return phases::make_outputs<Net>(inputs.samples, [&](std::span<float* const> to) {
      core_.predict(inputs, [&](const phases::Pass& pass, Shard samples) { phases::copy_outputs(pass, samples, to); });
    });
  }

  /// All parameters by name. Trained ones have their gradients.
  std::vector<ParameterView> parameters() & { return core_.views(); }
  std::vector<ParameterView> parameters() && = delete;

  /// Sets how many threads share a batch. Results do not depend on the number.
  /// Errors   model-moved-from
  void set_workers(Workers workers) { core_.set_workers(workers); }

  TheCore& core() & { return core_; }
  const TheCore& core() const& { return core_; }
  const TheCore& core() const&& = delete;

 protected:
  explicit Model(TheCore core) : core_(std::move(core)) {}

  TheCore core_;
};

/// What FloatModel and QatModel also offer: training.
template <class Net, class TheCore>
class TrainedModel : public Model<Net, TheCore> {
 public:
  /// The outputs for a batch, as in training.
  /// Shapes   as predict
  /// Errors   those of predict and of the phase; no parameter and no scale is changed then, but the last `forward` may be
  ///          lost for `backward`
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto forward(const Given&... inputs) {
    this->core_.train(phases::inputs_of<Net>(inputs...));
    return phases::make_outputs<Net>(this->core_.samples(),
                                     [this](std::span<float* const> to) { this->core_.copy_outputs(to); });
  }

  /// Adds the gradients of the last `forward` to those of the parameters.
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
