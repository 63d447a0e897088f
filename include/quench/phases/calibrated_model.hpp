// SPDX-License-Identifier: Apache-2.0
// `CalibratedModel`: every activation has a scale that data gave it. It can be converted, or trained on.
#pragma once

#include <quench/phases/prepared_model.hpp>

namespace quench {

/// A prepared network with the scales of its activations. It computes in float, as PreparedModel.
template <class Net, march::March M, Setter S>
class CalibratedModel : public Model<Net, phases::FloatCore> {
 public:
  using March = M;
  using QConfigSetter = S;

  /// Takes the scales that a prepared model has observed.
  /// Errors   nothing-observed, only-zeros-observed, scale-underflow, scale-out-of-range
  explicit CalibratedModel(PreparedModel<Net, M, S> prepared)
      : Model<Net, phases::FloatCore>(std::move(prepared.core())),
        weight_quantizers_(std::move(prepared.quantizers())),
        scales_(phases::activation_scales(graph<Net>, weight_quantizers_)) {
    weight_quantizers_.activation.clear();
  }

  /// With scales that were found before: when loading.
  CalibratedModel(PreparedModel<Net, M, S> prepared, std::vector<float> scales)
      : Model<Net, phases::FloatCore>(std::move(prepared.core())),
        weight_quantizers_(std::move(prepared.quantizers())),
        scales_(std::move(scales)) {
    weight_quantizers_.activation.clear();
  }

  /// The scale of each module's output; 0 for those that have none.
  const std::vector<float>& activation_scales() const& { return scales_; }
  const std::vector<float>& activation_scales() const&& = delete;

  const phases::ModuleQuantizers& weight_quantizers() const& { return weight_quantizers_; }
  const phases::ModuleQuantizers& weight_quantizers() const&& = delete;

 private:
  phases::ModuleQuantizers weight_quantizers_;
  std::vector<float> scales_;
};

}  // namespace quench
