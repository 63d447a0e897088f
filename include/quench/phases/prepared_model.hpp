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
        quantizers_(detail::make_quantizers<Net, M, S, detail::CalibrationForm>()) {}

  /// The outputs for a batch, in float.
  /// Errors   shape-mismatch, empty-input, value-not-finite
  template <class... Given>
    requires detail::InputsFor<Net, Given...>
  auto predict(const Given&... inputs) const {
    return detail::predict_outputs<Net>(core_, inputs...);
  }

  /// Shows a batch to the observers.
  /// Errors   shape-mismatch, empty-input, value-not-finite; nothing has been observed then
  template <class... Given>
    requires detail::InputsFor<Net, Given...>
  void observe(const Given&... inputs) {
    const auto plan = core_.plan_for({});
    const detail::CheckedInputs checked = detail::check_inputs(graph<Net>, inputs...);
    std::vector<detail::FakeQuantizerHandle> updated = quantizers_.activation;
    std::vector<int> module_at(index(graph<Net>.node_count), -1);  // whose values a node gives
    for (int m = 0; m < graph<Net>.module_count; ++m)
      if (updated[index(m)]) module_at[index(execution::end_of_step(graph<Net>, graph<Net>.modules[m].node))] = m;
    const auto look = [&](const detail::Pass& pass, int node) {
      const int m = module_at[index(node)];
      if (m < 0) return;
      in_module(text(graph<Net>.modules[m].name), [&] { updated[index(m)]->observe(pass.all_reals(node)); });
    };
    detail::run_node_by_node(plan, core_.weights(), core_.pool(), checked, look);
    quantizers_.activation = std::move(updated);
  }

  std::vector<ParameterView> parameters() & { return detail::views_of(core_.parameters()); }
  std::vector<ParameterView> parameters() && = delete;

  detail::FloatCore& core() & { return core_; }
  detail::ModuleQuantizers& quantizers() & { return quantizers_; }
  const detail::FloatCore& core() const& { return core_; }
  const detail::FloatCore& core() const&& = delete;
  const detail::ModuleQuantizers& quantizers() const& { return quantizers_; }
  const detail::ModuleQuantizers& quantizers() const&& = delete;

 private:
  detail::FloatCore core_;
  detail::ModuleQuantizers quantizers_;
};

}  // namespace quench
