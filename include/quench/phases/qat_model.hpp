// SPDX-License-Identifier: Apache-2.0
// `QatModel`: trained exactly like FloatModel, but its forward pass is that of the integers that will ship.
#pragma once

#include <quench/phases/model.hpp>
#include <quench/phases/qat_core.hpp>

namespace quench {

/// A network in quantization-aware training. `start_qat` makes it. The outputs of `forward` equal, bit for bit, those of
/// `convert` of the model as it is before the pass; the outputs of `predict` those of `convert` of the model as it is.
/// Observers look on in `forward`, and set the scales of the next pass. `backward` goes straight through each rounding.
/// `parameters`: weights and biases, batch norms folded into them, and what fake-quantizers learn:
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
