// SPDX-License-Identifier: Apache-2.0
// `QatModel`: trained exactly like FloatModel, but its forward pass is that of the integers that will ship.
#pragma once

#include <quench/phases/qat_core.hpp>

namespace quench {

/// A network in quantization-aware training. `start_qat` makes it.
template <class Net, march::March M, Setter S>
class QatModel {
  static_assert(verified_setter<Net, M, S>());

 public:
  using Network = Net;
  using March = M;
  using QConfigSetter = S;

  explicit QatModel(phases::QatCore core) : core_(std::move(core)) {}

  /// The outputs for a batch, bit for bit those of `convert(*this)` as it is before the pass. Observers look on, and set
  /// the scales of the next pass.
  /// Errors   shape-mismatch, empty-input, value-not-finite, accumulator-may-overflow, scales-too-far-apart; nothing is
  ///          changed
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto forward(const Given&... inputs) {
    core_.train(phases::check_inputs(graph<Net>, inputs...));
    return phases::make_outputs<Net>(core_.samples(), [this](std::span<float* const> to) { core_.copy_outputs(to); });
  }

  /// Adds to the gradients of the parameters those of the last `forward`: straight-through at each rounding.
  /// Errors   backward-before-forward, shape-mismatch, value-not-finite
  template <class Gradient>
  void backward(const Gradient& gradient) {
    if (!core_.is_trained()) throw Error(diagnosis::backward_before_forward, "");
    core_.backward(phases::check_gradients<Net>(core_.samples(), gradient));
  }

  /// The outputs for a batch, bit for bit those of `convert(*this)`. Nothing is learned, and `backward` goes through the
  /// last `forward` as if nothing had been asked. Several threads may ask.
  /// Errors   as forward
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) const {
    return phases::predict_outputs<Net>(core_, inputs...);
  }

  /// All parameters by name: weights and biases, batch norms folded into them, and what fake-quantizers learn:
  /// "conv.activation_scale", "conv.weight_scale", with PACT "conv.activation_clip".
  std::vector<ParameterView> parameters() & { return core_.views(); }
  std::vector<ParameterView> parameters() && = delete;
  void zero_gradients() { core_.zero_gradients(); }

  /// How many threads share a batch. The results are the same for any number.
  void set_workers(Workers workers) { core_.set_workers(workers); }

  phases::QatCore& core() & { return core_; }
  const phases::QatCore& core() const& { return core_; }
  const phases::QatCore& core() const&& = delete;

 private:
  phases::QatCore core_;
};

}  // namespace quench
