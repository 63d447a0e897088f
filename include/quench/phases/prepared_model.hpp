// SPDX-License-Identifier: Apache-2.0
// `PreparedModel`: batch norms folded, observers in place, nothing observed. `calibrate` makes a CalibratedModel of it.
#pragma once

#include <quench/phases/float_model.hpp>
#include <quench/phases/quantization.hpp>

namespace quench {

/// A network made ready for one march by one setter. It computes in float, without batch norms.
/// Errors   those of verified_setter (compile time)
template <class Net, march::March M, Setter S>
class PreparedModel {
  static_assert(verified_setter<Net, M, S>());

 public:
  using Network = Net;
  using March = M;
  using QConfigSetter = S;

  /// `prepare` makes it.
  explicit PreparedModel(training::Parameters folded)
      : core_(graph<Net>, training::Form::Folded, std::move(folded)),
        quantizers_(phases::make_quantizers<Net, M, S, phases::CalibrationForm>()) {}

  /// The outputs for a batch, in float.
  /// Errors   shape-mismatch, empty-input, value-not-finite
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) const {
    return phases::predict_outputs<Net>(core_, inputs...);
  }

  /// Shows a batch to the observers.
  /// Errors   shape-mismatch, empty-input, value-not-finite; nothing has been observed then
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  void observe(const Given&... inputs) {
    const auto plan = core_.plan_for({});
    const phases::CheckedInputs checked = phases::check_inputs(graph<Net>, inputs...);
    std::vector<phases::FakeQuantizerHandle> updated = quantizers_.activation;
    std::vector<int> module_at(index(graph<Net>.node_count), -1);  // whose values a node gives
    for (int m = 0; m < graph<Net>.module_count; ++m)
      if (updated[index(m)]) module_at[index(execution::end_of_step(graph<Net>, graph<Net>.modules[m].node))] = m;
    const auto look = [&](const phases::Pass& pass, int node) {
      const int m = module_at[index(node)];
      if (m < 0) return;
      in_module(tensors::text(graph<Net>.modules[m].name), [&] { updated[index(m)]->observe(pass.all_reals(node)); });
    };
    phases::run_node_by_node(plan, core_.weights(), core_.pool(), checked, look);
    quantizers_.activation = std::move(updated);
  }

  std::vector<ParameterView> parameters() & { return phases::views_of(core_.parameters()); }
  std::vector<ParameterView> parameters() && = delete;

  phases::FloatCore& core() & { return core_; }
  phases::ModuleQuantizers& quantizers() & { return quantizers_; }
  const phases::FloatCore& core() const& { return core_; }
  const phases::FloatCore& core() const&& = delete;
  const phases::ModuleQuantizers& quantizers() const& { return quantizers_; }
  const phases::ModuleQuantizers& quantizers() const&& = delete;

 private:
  phases::FloatCore core_;
  phases::ModuleQuantizers quantizers_;
};

}  // namespace quench
