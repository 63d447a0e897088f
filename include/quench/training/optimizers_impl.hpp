// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/optimizers.hpp>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace quench {

namespace detail {

QUENCH_INLINE void check_positive(float value, const char* name) {
  if (!(value > 0 && std::isfinite(value)))
    throw Error(diagnosis::value_out_of_range, std::string(name) + " is " + tensors::text(static_cast<double>(value)) +
                                                   ", needed a finite number above 0");
}

QUENCH_INLINE void check_fraction(float value, const char* name) {
  if (!(value >= 0 && value < 1))
    throw Error(diagnosis::value_out_of_range,
                std::string(name) + " is " + tensors::text(static_cast<double>(value)) + ", needed one in [0, 1)");
}

inline void check_not_negative(float value, const char* name) {
  if (!(value >= 0 && std::isfinite(value)))
    throw Error(diagnosis::value_out_of_range,
                std::string(name) + " is " + tensors::text(static_cast<double>(value)) + ", needed 0 or more");
}

QUENCH_INLINE SettingsByParameter::SettingsByParameter(float learning_rate, float weight_decay,
                                                       const ScaleSettings& scales)
    : weights_{learning_rate, weight_decay},
      scales_{scales.learning_rate.value_or(learning_rate), scales.weight_decay} {
  check_positive(learning_rate, "learning_rate");
  check_not_negative(weight_decay, "weight_decay");
  check_not_negative(scales_.learning_rate, "scales.learning_rate");
  check_not_negative(scales_.weight_decay, "scales.weight_decay");
}

QUENCH_INLINE bool fit(OptimizerState& state, const std::vector<ParameterView>& parameters) {
  bool fits = state.size() == parameters.size();
  for (std::size_t i = 0; i < state.size() && fits; ++i) fits = state[i].size() == parameters[i].values.size();
  if (fits) return true;
  state.clear();
  for (const ParameterView& parameter : parameters) state.emplace_back(parameter.values.size());
  return false;
}

}  // namespace detail

}  // namespace quench
