// SPDX-License-Identifier: Apache-2.0
// `start_qat(calibrated)`: starts quantization-aware training at the scales of calibration.
#pragma once

#include <quench/flow/broken_rule.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/phases/qat_model.hpp>

namespace quench {

namespace detail {

template <class Net, march::March M, Setter From, Setter To>
constexpr int first_changed_dtype() {
  using Before = SetterDecisions<Net, M, From>;
  using After = SetterDecisions<Net, M, To>;
  for (int m = 0; m < graph<Net>.module_count; ++m)
    if (Before::of(m) != After::of(m)) return m;
  return -1;
}

template <class Net, march::March M, Setter From, Setter To>
constexpr void check_dtypes() {
  constexpr int module = first_changed_dtype<Net, M, From, To>();
  if constexpr (module >= 0) {
    constexpr TextView name = graph<Net>.modules[module].name;
    misuse::qat_changes_dtype<misuse::cut<name.size>(name)>{};
  }
}

}  // namespace detail

/// A model in quantization-aware training. Without `To` it keeps the setter of `prepare`, whose qconfigs have a form
/// for training. The calibrated model stays unchanged.
/// Errors   march-has-no-integer-backend, qat-changes-dtype, and those of verified_setter (compile time)
template <Setter To, class Net, march::March M, Setter S>
auto start_qat(const CalibratedModel<Net, M, S>& calibrated) {
  if constexpr (!march::Nash<M>) {
    return detail::broken<misuse::march_has_no_integer_backend<M>, QatModel<Net, M, To>>();
  } else {
    detail::check_dtypes<Net, M, S, To>();
    phases::ModuleQuantizers quantizers = phases::make_quantizers<Net, M, To, phases::QatForm>();
    const training::Parameters& parameters = calibrated.core().parameters();
    for (int m = 0; m < graph<Net>.module_count; ++m) {
      const std::size_t at = index(m);
      in_module(tensors::text(graph<Net>.modules[m].name), [&] {
        if (quantizers.activation[at] && calibrated.activation_scales()[at] > 0)
          quantizers.activation[at]->start_at({calibrated.activation_scales()[at]});
      });
      if (quantizers.weight[at])
        static_cast<void>(phases::weight_scales(graph<Net>, parameters, m, *quantizers.weight[at].operator->()));
    }
    phases::observe_weights(graph<Net>, parameters, quantizers);
    return QatModel<Net, M, To>(
        phases::QatCore(phases::integer_program<Net, M, To>(), parameters, std::move(quantizers)));
  }
}
template <class Net, march::March M, Setter S>
auto start_qat(const CalibratedModel<Net, M, S>& calibrated) {
  return start_qat<S>(calibrated);
}

/// For a model that has not been calibrated: does not compile.
template <Setter... To, class Net, march::March M, Setter S>
auto start_qat(const PreparedModel<Net, M, S>&) {
  return detail::broken<misuse::convert_before_calibration<phase::PreparedModel>, QatModel<Net, M, S>>();
}
template <Setter... To, class Net>
auto start_qat(const FloatModel<Net>&) {
  return detail::broken<misuse::convert_before_calibration<phase::FloatModel>,
                        QatModel<Net, march::NashE, setter::DefaultQat>>();
}

}  // namespace quench
