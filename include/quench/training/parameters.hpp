// SPDX-License-Identifier: Apache-2.0
// The parameters of a network, with PyTorch's names: "stem.weight", "stem.bias", "stem_bn.running_mean".
//
// Weights are [out, kh, kw, in/groups] and [out, in]. Tied modules share one set, under the name of the first.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/observers/observer.hpp>
#include <quench/training/operand.hpp>

namespace quench {

/// The seed of random weights, inputs and orders. A seed gives the same bits on every machine.
struct Seed {
  std::uint64_t value = 0;
};

/// A parameter for optimizers and files.
struct ParameterView {
  std::string name;
  std::vector<std::size_t> shape;
  std::span<float> values;
  std::span<float> gradients;  // empty for running statistics, which are not trained
  bool is_scale = false;       // a learned scale or the clip of PACT: optimizers have separate settings for these
};

namespace training {

/// Random numbers in [0, 1), the same on every machine (the distributions of <random> are not).
class Random {
 public:
  explicit Random(Seed seed) : engine_(seed.value) {}
  float uniform() { return static_cast<float>(engine_() >> 40) * 0x1p-24f; }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(bound)); }
  std::uint64_t operator()() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

struct Parameter {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;
  std::vector<float> gradients;  // empty if it is not trained

  ParameterView view() { return {name, shape, values, gradients}; }
};

namespace detail {

/// Refuses a zero deviation: eps is 0 and all values of a channel are equal.
/// Errors   value-out-of-range
inline void check_deviation(double variance, float epsilon, std::size_t channel) {
  if (std::isinf(static_cast<float>(1 / std::sqrt(variance + static_cast<double>(epsilon)))))
    throw Error(diagnosis::value_out_of_range, "eps is " + tensors::text(static_cast<double>(epsilon)) +
                                                   " and the variance of channel " + std::to_string(channel) + " is " +
                                                   tensors::text(variance) +
                                                   ", needed a larger eps, 1e-5f for example");
}

}  // namespace detail

/// The parameters of one module: indices into the list, or -1.
struct ParametersOfModule {
  int weight = -1, bias = -1, running_mean = -1, running_variance = -1;
};

class Parameters {
 public:
  Parameters() = default;
  /// Random parameters as in PyTorch's layers: weights and biases uniform in ±1/sqrt(fan in), batch norms at identity.
  Parameters(const Graph& graph, Seed seed) : of_module_(static_cast<std::size_t>(graph.module_count)) {
    Random random(seed);
    for (int m = 0; m < graph.module_count; ++m) {
      const Module& module = graph.modules[m];
      if (module.node < 0 || !is_trained(module.op)) continue;
      if (module.parameters_from == m) add(graph, m, random);
    }
    for (int m = 0; m < graph.module_count; ++m)
      of_module_[index(m)] = of_module_[index(graph.modules[m].parameters_from)];
  }

  const ParametersOfModule& of(int module) const { return of_module_[index(module)]; }
  Parameter& operator[](int i) { return list_[index(i)]; }
  const Parameter& operator[](int i) const { return list_[index(i)]; }
  std::vector<Parameter>& list() { return list_; }
  const std::vector<Parameter>& list() const { return list_; }

  std::vector<ParameterView> views() {
    std::vector<ParameterView> views;
    for (Parameter& parameter : list_) views.push_back(parameter.view());
    return views;
  }

  /// The parameters of a module for its operators, without gradients.
  LayerParameters layer(int module) const {
    if (module < 0) return {};
    const ParametersOfModule& p = of(module);
    return {p.weight < 0 ? nullptr : (*this)[p.weight].values.data(),
            p.bias < 0 ? nullptr : (*this)[p.bias].values.data(), nullptr, nullptr};
  }

  std::span<const float> bias(int module) const {
    const int bias = of(module).bias;
    return bias < 0 ? std::span<const float>() : std::span<const float>((*this)[bias].values);
  }

  void zero_gradients() {
    for (Parameter& parameter : list_) std::fill(parameter.gradients.begin(), parameter.gradients.end(), 0.0f);
  }

  /// Batch norms become part of the layers before them. A batch norm without such a layer (in float, before a QuantStub
  /// for example) keeps a weight and a bias that include its statistics.
  /// Errors   value-out-of-range if a variance and eps are 0; value-not-finite if a resulting weight or bias is; each
  ///          with the name of the batch norm
  /// Equals   weight * (gamma / deviation), (bias - mean) * (gamma / deviation) + beta, in double
  Parameters folded(const Graph& graph) const {
    Parameters result;
    result.of_module_.resize(of_module_.size());
    for (int m = 0; m < graph.module_count; ++m) {
      const Module& module = graph.modules[m];
      if (module.node < 0 || is_folded(graph, graph.nodes[module.node]) || module.parameters_from != m) continue;
      ParametersOfModule& to = result.of_module_[index(m)];
      const ParametersOfModule& from = of(m);
      if (from.weight < 0) continue;
      to.weight = result.take((*this)[from.weight]);
      if (module.op == Operator::BatchNorm2d) {
        to.bias = result.add_zeros(tensors::text(module.name) + ".bias", (*this)[from.bias].shape, true);
        Parameter& weight = result[to.weight];
        std::fill(weight.values.begin(), weight.values.end(), 1.0f);
        fold(graph, graph.nodes[module.node], weight, result[to.bias]);
        continue;
      }
      const int norm = folded_batch_norm(graph, module.node);
      if (from.bias >= 0)
        to.bias = result.take((*this)[from.bias]);
      else if (norm >= 0)
        to.bias = result.add_zeros(tensors::text(module.name) + ".bias", {(*this)[from.weight].shape[0]}, true);
      if (norm >= 0) fold(graph, graph.nodes[norm], result[to.weight], result[to.bias]);
    }
    for (int m = 0; m < graph.module_count; ++m)
      result.of_module_[index(m)] = result.of_module_[index(graph.modules[m].parameters_from)];
    return result;
  }

 private:
  int take(const Parameter& parameter) {
    list_.push_back(parameter);
    return static_cast<int>(list_.size()) - 1;
  }

  int add_zeros(std::string name, std::vector<std::size_t> shape, bool is_trained) {
    std::size_t size = 1;
    for (const std::size_t extent : shape) size *= extent;
    return take(
        {std::move(name), std::move(shape), std::vector<float>(size), std::vector<float>(is_trained ? size : 0)});
  }

  void add(const Graph& graph, int m, Random& random) {
    const Node& node = graph.nodes[graph.modules[m].node];
    const std::string name = tensors::text(graph.modules[m].name);
    const Shape shape = weight_shape(node);
    std::vector<std::size_t> extents;
    for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
    const std::vector<std::size_t> channels{extents[0]};
    ParametersOfModule& of_module = of_module_[index(m)];
    of_module.weight = add_zeros(name + ".weight", extents, true);
    if (node.op == Operator::BatchNorm2d) {
      of_module.bias = add_zeros(name + ".bias", channels, true);
      of_module.running_mean = add_zeros(name + ".running_mean", channels, false);
      of_module.running_variance = add_zeros(name + ".running_var", channels, false);
      fill((*this)[of_module.weight], 1);
      fill((*this)[of_module.running_variance], 1);
      return;
    }
    // PyTorch computes the fan in of a transposed convolution from its output channels.
    const Settings& s = node.settings;
    const int taps = s.kernel_size.height * s.kernel_size.width;
    const int fan_in = node.op == Operator::Linear            ? s.in_channels
                       : node.op == Operator::ConvTranspose2d ? s.out_channels / s.groups * taps
                                                              : s.in_channels / s.groups * taps;
    const float bound = 1 / std::sqrt(static_cast<float>(fan_in));
    for (float& value : (*this)[of_module.weight].values) value = random.uniform(-bound, bound);
    if (!s.bias) return;
    of_module.bias = add_zeros(name + ".bias", channels, true);
    for (float& value : (*this)[of_module.bias].values) value = random.uniform(-bound, bound);
  }

  static void fill(Parameter& parameter, float value) {
    std::fill(parameter.values.begin(), parameter.values.end(), value);
  }

  void fold(const Graph& graph, const Node& norm, Parameter& weight, Parameter& bias) const {
    in_module(tensors::text(graph.modules[norm.module].name), [&] {
      fold(norm, weight, bias);
      finite_range(weight.values);
      finite_range(bias.values);
    });
  }
  void fold(const Node& norm, Parameter& weight, Parameter& bias) const {
    const ParametersOfModule& p = of(norm.module);
    const std::size_t channels = bias.values.size(), size = weight.values.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const auto value = [&](int parameter) { return static_cast<double>((*this)[parameter].values[c]); };
      detail::check_deviation(value(p.running_variance), norm.settings.epsilon, c);
      const double factor =
          value(p.weight) / std::sqrt(value(p.running_variance) + static_cast<double>(norm.settings.epsilon));
      for (std::size_t i = c * size; i < (c + 1) * size; ++i)
        weight.values[i] = static_cast<float>(static_cast<double>(weight.values[i]) * factor);
      bias.values[c] =
          static_cast<float>((static_cast<double>(bias.values[c]) - value(p.running_mean)) * factor + value(p.bias));
    }
  }

  std::vector<Parameter> list_;
  std::vector<ParametersOfModule> of_module_;
};

}  // namespace training
}  // namespace quench
