// SPDX-License-Identifier: Apache-2.0
// `convert(model)`: turns a calibrated or trained model into integers.
#pragma once

#include <quench/flow/broken_rule.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/phases/qat_model.hpp>
#include <quench/phases/quantized_model.hpp>

namespace quench {

/// The integers of a model. Proves for each channel of each layer that its accumulator cannot overflow.
/// Errors   march-has-no-integer-backend (compile time); accumulator-may-overflow, scales-too-far-apart,
///          scale-out-of-range, value-not-finite, nothing-observed, each with its module
template <class Net, march::March M, Setter S>
auto convert(const QatModel<Net, M, S>& qat) {
  const phases::QatCore& core = qat.core();
  return QuantizedModel<Net, M, S>(
      in_training([&] { return phases::QuantizedCore(core.program(), core.parameters(), core.scales()); }));
}
template <class Net, march::March M, Setter S>
auto convert(const CalibratedModel<Net, M, S>& calibrated) {
  if constexpr (!march::Nash<M>) {
    return detail::broken<misuse::march_has_no_integer_backend<M>, QuantizedModel<Net, M, S>>();
  } else {
    const training::Parameters& parameters = calibrated.core().parameters();
    return QuantizedModel<Net, M, S>(phases::QuantizedCore(
        phases::integer_program<Net, M, S>(), parameters,
        phases::find_scales(graph<Net>, parameters, calibrated.weight_quantizers(), calibrated.activation_scales())));
  }
}

/// For a model that has not been calibrated: does not compile.
template <class Net, march::March M, Setter S>
auto convert(const PreparedModel<Net, M, S>&) {
  return detail::broken<misuse::convert_before_calibration<phase::PreparedModel>, QuantizedModel<Net, M, S>>();
}
template <class Net>
auto convert(const FloatModel<Net>&) {
  return detail::broken<misuse::convert_before_calibration<phase::FloatModel>,
                        QuantizedModel<Net, march::NashE, setter::DefaultQat>>();
}

}  // namespace quench
