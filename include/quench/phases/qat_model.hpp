// SPDX-License-Identifier: Apache-2.0
// `QatModel`: trained like FloatModel, but its forward pass computes the integers that will ship.
#pragma once

#include <quench/phases/model.hpp>
#include <quench/phases/qat_core.hpp>

namespace quench {

/// A network in quantization-aware training. `start_qat` makes it. The outputs of `forward` equal, bit for bit, those
/// of `convert` of the model before the pass. The outputs of `predict` equal those of `convert` of the current model.
/// Observers see the values of `forward` and set the scales of the next pass. `backward` uses the straight-through
/// estimator.
/// `parameters`: weights and biases with batch norms folded in, and what fake-quantizers learn:
/// "conv.activation_scale", "conv.weight_scale", with PACT "conv.activation_clip".
/// Errors   of forward and predict: accumulator-may-overflow, scales-too-far-apart
template <class Net, march::March M, Setter S>
class QatModel : public TrainedModel<Net, phases::QatCore> {
  static_assert(verified_setter<Net, M, S>());

 public:
  using March = M;
  using QConfigSetter = S;

  explicit QatModel(phases::QatCore core) : TrainedModel<Net, phases::QatCore>(std::move(core)) {}
};

}  // namespace quench
