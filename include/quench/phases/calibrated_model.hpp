// SPDX-License-Identifier: Apache-2.0
// `CalibratedModel`: every activation has a scale that data gave it. It can be converted, or trained on.
#pragma once

#include <quench/phases/prepared_model.hpp>

namespace quench {

/// A prepared network with the scales of its activations. It computes in float, as PreparedModel.
template <class Net, march::March M, Setter S>
class CalibratedModel {
 public:
  using Network = Net;
  using March = M;
  using QConfigSetter = S;

  /// Takes the scales that a prepared model has observed.
  /// Errors   nothing-observed, only-zeros-observed, scale-underflow, scale-out-of-range
  explicit CalibratedModel(PreparedModel<Net, M, S> prepared)
      : core_(std::move(prepared.core())),
        weight_quantizers_(std::move(prepared.quantizers())),
        scales_(detail::activation_scales(graph<Net>, weight_quantizers_)) {
    weight_quantizers_.activation.clear();
  }

  /// With scales that were found before: when loading.
  CalibratedModel(PreparedModel<Net, M, S> prepared, std::vector<float> scales)
      : core_(std::move(prepared.core())),
        weight_quantizers_(std::move(prepared.quantizers())),
        scales_(std::move(scales)) {
    weight_quantizers_.activation.clear();
  }

  /// The outputs for a batch, in float.
  /// Errors   shape-mismatch, empty-input, value-not-finite
  template <class... Given>
    requires detail::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) const {
    return detail::predict_outputs<Net>(core_, inputs...);
  }

  std::vector<ParameterView> parameters() & { return detail::views_of(core_.parameters()); }
  std::vector<ParameterView> parameters() && = delete;

  /// The scale of each module's output; 0 for those that have none.
  const std::vector<float>& activation_scales() const& { return scales_; }
  const std::vector<float>& activation_scales() const&& = delete;

  detail::FloatCore& core() & { return core_; }
  const detail::FloatCore& core() const& { return core_; }
  const detail::FloatCore& core() const&& = delete;
  const detail::ModuleQuantizers& weight_quantizers() const& { return weight_quantizers_; }
  const detail::ModuleQuantizers& weight_quantizers() const&& = delete;

 private:
  detail::FloatCore core_;
  detail::ModuleQuantizers weight_quantizers_;
  std::vector<float> scales_;
};

}  // namespace quench
