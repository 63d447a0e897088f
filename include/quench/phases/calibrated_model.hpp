// SPDX-License-Identifier: Apache-2.0
// `CalibratedModel`: calibration has found a scale for every activation. It can be converted or trained.
#pragma once

#include <quench/phases/prepared_model.hpp>

namespace quench {

/// A prepared network with the scales of its activations. It computes in float, like PreparedModel.
template <class Net, march::March M, Setter S>
class CalibratedModel : public Model<Net, phases::FloatCore> {
 public:
  using March = M;
  using QConfigSetter = S;

  /// Takes the scales that a prepared model has observed.
  /// Errors   nothing-observed, only-zeros-observed, scale-underflow, scale-out-of-range; model-moved-from
  explicit CalibratedModel(PreparedModel<Net, M, S> prepared)
      : Model<Net, phases::FloatCore>(std::move(prepared.core())),
        weight_quantizers_(std::move(prepared.quantizers())) {
    static_cast<void>(this->core_.pool());  // a model that was moved from has no quantizers to be asked
    scales_ = phases::activation_scales(graph<Net>, weight_quantizers_);
    weight_quantizers_.activation.clear();
  }

  /// With known scales, one for each module, for loading. Modules of one TiedScale take the scale of its first.
  /// Errors   state-not-valid: another number of scales
  CalibratedModel(PreparedModel<Net, M, S> prepared, std::vector<float> scales)
      : Model<Net, phases::FloatCore>(std::move(prepared.core())),
        weight_quantizers_(std::move(prepared.quantizers())),
        scales_(std::move(scales)) {
    if (scales_.size() != weight_quantizers_.activation.size())
      throw Error(diagnosis::state_not_valid, std::to_string(scales_.size()) + " scales of " +
                                                  std::to_string(weight_quantizers_.activation.size()) + " modules");
    phases::share_tied_scales(graph<Net>, scales_);
    weight_quantizers_.activation.clear();
  }

  /// The scale of each module's output; 0 if it has none.
  const std::vector<float>& activation_scales() const& { return scales_; }
  const std::vector<float>& activation_scales() const&& = delete;

  const phases::ModuleQuantizers& weight_quantizers() const& { return weight_quantizers_; }
  const phases::ModuleQuantizers& weight_quantizers() const&& = delete;

 private:
  phases::ModuleQuantizers weight_quantizers_;
  std::vector<float> scales_;
};

}  // namespace quench
