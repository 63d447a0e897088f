// SPDX-License-Identifier: Apache-2.0
// `PreparedModel`: batch norms are folded, observers have seen nothing yet. `calibrate` makes a CalibratedModel of it.
#pragma once

#include <algorithm>
#include <mutex>

#include <quench/observers/observer.hpp>
#include <quench/phases/float_model.hpp>
#include <quench/phases/quantization.hpp>

namespace quench {

/// A network prepared for one march with one setter. It computes in float, without batch norms.
/// Errors   those of verified_setter (compile time)
template <class Net, march::March M, Setter S>
class PreparedModel : public Model<Net, phases::FloatCore> {
  static_assert(verified_setter<Net, M, S>());

 public:
  using March = M;
  using QConfigSetter = S;

  /// `prepare` makes it.
  explicit PreparedModel(training::Parameters folded)
      : Model<Net, phases::FloatCore>({graph<Net>, training::Form::Folded, std::move(folded)}),
        quantizers_(phases::make_quantizers<Net, M, S, phases::CalibrationForm>()) {}

  /// Shows a batch to the observers: in blocks of samples if all of them are MergeableObservers, else as a whole.
  /// Errors   shape-mismatch, empty-input, value-not-finite, index-out-of-range, input-outside-domain; nothing has been
  ///          observed then
  template <class... Given>
    requires phases::InputsFor<Net, Given...>
  void observe(const Given&... inputs) {
    const auto plan = this->core_.plan_for({});
    const phases::CheckedInputs checked = phases::inputs_of<Net>(inputs...);
    std::vector<phases::FakeQuantizerHandle> updated = quantizers_.activation;
    const bool in_blocks = std::ranges::all_of(
        updated, [](const phases::FakeQuantizerHandle& each) { return !each || each->observes_in_blocks(); });
    std::vector<std::mutex> looking(updated.size());
    std::vector<std::vector<float>> tied(updated.size());          // what modules of one scale give, for one observer
    std::vector<int> module_at(index(graph<Net>.node_count), -1);  // the module whose output a node is
    for (int m = 0; m < graph<Net>.module_count; ++m)
      if (updated[index(scale_owner(graph<Net>, m))])
        module_at[index(execution::end_of_step(graph<Net>, graph<Net>.modules[m].node))] = m;
    const auto look = [&](const phases::Pass& pass, int node) {
      const int m = module_at[index(node)];
      if (m < 0) return;
      const int owner = scale_owner(graph<Net>, m);
      const std::lock_guard lock(looking[index(owner)]);
      in_module(tensors::text(graph<Net>.modules[m].name), [&] {
        const std::span<const float> values = pass.all_reals(node);
        phases::check_domain(graph<Net>.nodes[graph<Net>.modules[m].node].op, values);
        if (in_blocks || graph<Net>.modules[m].tied_scale < 0) return updated[index(owner)]->observe(values);
        finite_range(values);  // so that an error names this module
        tied[index(owner)].insert(tied[index(owner)].end(), values.begin(), values.end());
      });
    };
    phases::run_node_by_node(plan, this->core_.weights(), this->core_.pool(), checked, in_blocks, look);
    for (int m = 0; m < graph<Net>.module_count; ++m)
      if (!tied[index(m)].empty())
        in_module(tensors::text(graph<Net>.modules[m].name), [&] { updated[index(m)]->observe(tied[index(m)]); });
    quantizers_.activation = std::move(updated);
  }

  phases::ModuleQuantizers& quantizers() & { return quantizers_; }
  const phases::ModuleQuantizers& quantizers() const& { return quantizers_; }
  const phases::ModuleQuantizers& quantizers() const&& = delete;

 private:
  phases::ModuleQuantizers quantizers_;
};

}  // namespace quench
