// SPDX-License-Identifier: Apache-2.0
// Optimizers: they move the parameters of a model against their gradients, and set the gradients to 0.
//
//   quench::Sgd sgd{.learning_rate = 0.05f, .momentum = 0.9f};
//   sgd.step(model);                       // any model with parameters()
//
// A member may be changed between steps: a schedule sets `learning_rate`.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <quench/observers/observer.hpp>
#include <quench/training/parameters.hpp>

namespace quench {

namespace detail {

/// The trained parameters of a model.
/// Errors   value-not-finite, if a gradient is; nothing has been changed then
template <class Model>
std::vector<ParameterView> checked_parameters(Model& model) {
  std::vector<ParameterView> trained;
  for (ParameterView& parameter : model.parameters()) {
    if (parameter.gradients.empty()) continue;
    in_module("gradient of " + parameter.name, [&] { finite_range(parameter.gradients); });
    trained.push_back(std::move(parameter));
  }
  return trained;
}

inline void check_positive(float value, const char* name) {
  if (!(value > 0 && std::isfinite(value)))
    throw Error(diagnosis::value_out_of_range,
                std::string(name) + " is " + text(static_cast<double>(value)) + ", needed a finite number above 0");
}
inline void check_fraction(float value, const char* name) {
  if (!(value >= 0 && value < 1))
    throw Error(diagnosis::value_out_of_range,
                std::string(name) + " is " + text(static_cast<double>(value)) + ", needed one in [0, 1)");
}
inline void check_not_negative(float value, const char* name) {
  if (!(value >= 0 && std::isfinite(value)))
    throw Error(diagnosis::value_out_of_range,
                std::string(name) + " is " + text(static_cast<double>(value)) + ", needed 0 or more");
}

/// A number for each value of each parameter, kept between steps. Begins at 0, and anew with another model's shapes.
using OptimizerState = std::vector<std::vector<float>>;

/// Whether it fitted as it was.
inline bool fit(OptimizerState& state, const std::vector<ParameterView>& parameters) {
  bool fits = state.size() == parameters.size();
  for (std::size_t i = 0; i < state.size() && fits; ++i) fits = state[i].size() == parameters[i].values.size();
  if (fits) return true;
  state.clear();
  for (const ParameterView& parameter : parameters) state.emplace_back(parameter.values.size());
  return false;
}

}  // namespace detail

/// Stochastic gradient descent: v = momentum * v + g + weight_decay * p;  p -= learning_rate * v.
/// Errors   value-out-of-range (settings), value-not-finite (gradients); nothing is changed
/// Equals   torch.optim.SGD without Nesterov and dampening
struct Sgd {
  float learning_rate = 0.01f;
  float momentum = 0;
  float weight_decay = 0;
  detail::OptimizerState velocity{};

  template <class Model>
  void step(Model& model) {
    detail::check_positive(learning_rate, "learning_rate");
    detail::check_fraction(momentum, "momentum");
    detail::check_not_negative(weight_decay, "weight_decay");
    const std::vector<ParameterView> parameters = detail::checked_parameters(model);
    detail::fit(velocity, parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::span<float> values = parameters[i].values, gradients = parameters[i].gradients;
      for (std::size_t j = 0; j < values.size(); ++j) {
        velocity[i][j] = momentum * velocity[i][j] + (gradients[j] + weight_decay * values[j]);
        values[j] -= learning_rate * velocity[i][j];
      }
    }
    model.zero_gradients();
  }
};

/// Adam with decoupled weight decay: p shrinks by learning_rate * weight_decay, then moves by the bias-corrected mean of
/// the gradients over the root of that of their squares.
/// Errors   value-out-of-range (settings), value-not-finite (gradients); nothing is changed
/// Equals   torch.optim.AdamW; with weight_decay = 0 torch.optim.Adam
struct Adam {
  float learning_rate = 0.001f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0;
  detail::OptimizerState mean{}, square{};
  long steps = 0;

  template <class Model>
  void step(Model& model) {
    detail::check_positive(learning_rate, "learning_rate");
    detail::check_fraction(beta1, "beta1");
    detail::check_fraction(beta2, "beta2");
    detail::check_positive(epsilon, "epsilon");
    detail::check_not_negative(weight_decay, "weight_decay");
    const std::vector<ParameterView> parameters = detail::checked_parameters(model);
    if (!detail::fit(mean, parameters)) {  // another model: its first step
      square.clear();
      steps = 0;
    }
    detail::fit(square, parameters);
    ++steps;
    const double count = static_cast<double>(steps);
    const auto rate =
        static_cast<float>(static_cast<double>(learning_rate) / (1 - std::pow(static_cast<double>(beta1), count)));
    const auto correction = static_cast<float>(std::sqrt(1 - std::pow(static_cast<double>(beta2), count)));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::span<float> values = parameters[i].values, gradients = parameters[i].gradients;
      for (std::size_t j = 0; j < values.size(); ++j) {
        values[j] -= learning_rate * weight_decay * values[j];
        mean[i][j] = beta1 * mean[i][j] + (1 - beta1) * gradients[j];
        square[i][j] = beta2 * square[i][j] + (1 - beta2) * gradients[j] * gradients[j];
        values[j] -= rate * mean[i][j] / (std::sqrt(square[i][j]) / correction + epsilon);
      }
    }
    model.zero_gradients();
  }
};

}  // namespace quench
