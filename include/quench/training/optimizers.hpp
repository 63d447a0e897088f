// SPDX-License-Identifier: Apache-2.0
// Optimizers: they move the parameters of a model against their gradients, and set the gradients to 0.
//
//   quench::Sgd sgd{.learning_rate = 0.05f, .momentum = 0.9f};
//   sgd.step(model);                       // any model with parameters()
//   quench::Adam adam{.learning_rate = 0.01f, .scales = {.learning_rate = 0.001f}};   // learned scales more slowly
//
// Members may change between steps: a schedule sets `learning_rate`.
#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>
#include <quench/training/parameters.hpp>

namespace quench {

/// An optimizer's settings for learned scales and PACT's clips; PyTorch would use a parameter group. A scale is small
/// compared with Adam's step at a weight's rate. Decay would make scales smaller, so that more values saturate.
struct ScaleSettings {
  std::optional<float> learning_rate{};  // default: that of the other parameters; 0 keeps the scales
  float weight_decay = 0;
};

/// A number for each value of each parameter, kept between steps. It starts at 0, and again at 0 for other shapes.
using OptimizerState = std::vector<std::vector<float>>;

namespace detail {

/// The trained parameters of a model.
/// Errors   value-not-finite for a gradient; nothing has been changed then
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

void check_positive(float value, const char* name);
void check_fraction(float value, const char* name);

struct StepSettings {
  float learning_rate, weight_decay;
};

/// The settings of weights and those of scales.
/// Errors   value-out-of-range
class SettingsByParameter {
 public:
  SettingsByParameter(float learning_rate, float weight_decay, const ScaleSettings& scales);
  StepSettings of(const ParameterView& parameter) const { return parameter.is_scale ? scales_ : weights_; }

 private:
  StepSettings weights_, scales_;
};

/// Returns true if it already had the right shapes.
bool fit(OptimizerState& state, const std::vector<ParameterView>& parameters);

}  // namespace detail

/// Stochastic gradient descent: v = momentum * v + g + weight_decay * p;  p -= learning_rate * v. Learned scales and
/// PACT's clips do not decay unless `scales` says so.
/// Errors   value-out-of-range (settings), value-not-finite (gradients); nothing is changed
/// Equals   torch.optim.SGD without Nesterov and dampening
struct Sgd {
  float learning_rate = 0.01f;
  float momentum = 0;
  float weight_decay = 0;
  ScaleSettings scales{};
  OptimizerState velocity{};

  template <class Model>
  void step(Model& model) {
    const detail::SettingsByParameter settings(learning_rate, weight_decay, scales);
    detail::check_fraction(momentum, "momentum");
    const std::vector<ParameterView> parameters = detail::checked_parameters(model);
    detail::fit(velocity, parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::span<float> values = parameters[i].values, gradients = parameters[i].gradients;
      const auto [rate, decay] = settings.of(parameters[i]);
      for (std::size_t j = 0; j < values.size(); ++j) {
        velocity[i][j] = momentum * velocity[i][j] + (gradients[j] + decay * values[j]);
        values[j] -= rate * velocity[i][j];
      }
    }
    model.zero_gradients();
  }
};

/// Adam with decoupled weight decay. p shrinks by learning_rate * weight_decay. Then it moves by the bias-corrected
/// mean of gradients over the root of that of squares. Learned scales and PACT's clips do not decay unless `scales`
/// says so.
/// Errors   value-out-of-range (settings), value-not-finite (gradients); nothing is changed
/// Equals   torch.optim.AdamW; with weight_decay = 0 torch.optim.Adam
struct Adam {
  float learning_rate = 0.001f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0;
  ScaleSettings scales{};
  OptimizerState mean{}, square{};
  long steps = 0;

  template <class Model>
  void step(Model& model) {
    const detail::SettingsByParameter settings(learning_rate, weight_decay, scales);
    detail::check_fraction(beta1, "beta1");
    detail::check_fraction(beta2, "beta2");
    detail::check_positive(epsilon, "epsilon");
    const std::vector<ParameterView> parameters = detail::checked_parameters(model);
    if (!detail::fit(mean, parameters)) {  // another model: its first step
      square.clear();
      steps = 0;
    }
    detail::fit(square, parameters);
    ++steps;
    const double count = static_cast<double>(steps);
    const double first_correction = 1 - std::pow(static_cast<double>(beta1), count);
    const auto correction = static_cast<float>(std::sqrt(1 - std::pow(static_cast<double>(beta2), count)));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::span<float> values = parameters[i].values, gradients = parameters[i].gradients;
      const auto [learning, decay] = settings.of(parameters[i]);
      const auto rate = static_cast<float>(static_cast<double>(learning) / first_correction);
      for (std::size_t j = 0; j < values.size(); ++j) {
        values[j] -= learning * decay * values[j];
        mean[i][j] = beta1 * mean[i][j] + (1 - beta1) * gradients[j];
        square[i][j] = beta2 * square[i][j] + (1 - beta2) * gradients[j] * gradients[j];
        values[j] -= rate * mean[i][j] / (std::sqrt(square[i][j]) / correction + epsilon);
      }
    }
    model.zero_gradients();
  }
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/training/optimizers_impl.hpp>
#endif
