// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/parameters.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>

namespace quench::training {

namespace detail {

QUENCH_INLINE void check_deviation(double variance, float epsilon, std::size_t channel) {
  if (std::isinf(static_cast<float>(1 / std::sqrt(variance + static_cast<double>(epsilon)))))
    throw Error(diagnosis::value_out_of_range, "eps is " + tensors::text(static_cast<double>(epsilon)) +
                                                   " and the variance of channel " + std::to_string(channel) + " is " +
                                                   tensors::text(variance) +
                                                   ", needed a larger eps, 1e-5f for example");
}

}  // namespace detail

struct Random::Engine {
  std::mt19937_64 next;
};
QUENCH_INLINE Random::Random(Seed seed) : engine_(new Engine{std::mt19937_64(seed.value)}) {}
QUENCH_INLINE Random::Random(const Random& other) : engine_(new Engine(*other.engine_)) {}
QUENCH_INLINE Random& Random::operator=(const Random& other) {
  *engine_ = *other.engine_;
  return *this;
}
QUENCH_INLINE Random::~Random() = default;
QUENCH_INLINE std::uint64_t Random::operator()() { return engine_->next(); }
QUENCH_INLINE float Random::normal() {
  float sum = -6;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum;
}

QUENCH_INLINE Parameters::Parameters(const Graph& graph, Seed seed)
    : of_module_(static_cast<std::size_t>(graph.module_count)) {
  Random random(seed);
  for (int m = 0; m < graph.module_count; ++m) {
    const Module& module = graph.modules[m];
    if (module.node < 0 || !is_trained(module.op)) continue;
    if (module.parameters_from == m) add(graph, m, random);
  }
  for (int m = 0; m < graph.module_count; ++m)
    of_module_[index(m)] = of_module_[index(graph.modules[m].parameters_from)];
}

QUENCH_INLINE std::vector<ParameterView> Parameters::views() {
  std::vector<ParameterView> views;
  for (Parameter& parameter : list_) views.push_back(parameter.view());
  return views;
}

QUENCH_INLINE LayerParameters Parameters::layer(int module) const {
  if (module < 0) return {};
  const ParametersOfModule& p = of(module);
  return {p.weight < 0 ? nullptr : (*this)[p.weight].values.data(),
          p.bias < 0 ? nullptr : (*this)[p.bias].values.data(), nullptr, nullptr};
}

QUENCH_INLINE std::span<const float> Parameters::bias(int module) const {
  const int bias = of(module).bias;
  return bias < 0 ? std::span<const float>() : std::span<const float>((*this)[bias].values);
}

QUENCH_INLINE void Parameters::zero_gradients() {
  for (Parameter& parameter : list_) std::fill(parameter.gradients.begin(), parameter.gradients.end(), 0.0f);
}

QUENCH_INLINE Parameters Parameters::folded(const Graph& graph) const {
  Parameters result;
  result.of_module_.resize(of_module_.size());
  for (int m = 0; m < graph.module_count; ++m) {
    const Module& module = graph.modules[m];
    if (module.node < 0 || is_folded(graph, graph.nodes[module.node]) || folded_parameters_from(graph, m) != m)
      continue;
    ParametersOfModule& to = result.of_module_[index(m)];
    const ParametersOfModule& from = of(m);
    if (from.weight < 0) continue;
    to.weight = result.take((*this)[from.weight]);
    result[to.weight].name = tensors::text(module.name) + ".weight";
    if (family_of(module.op) == Family::BatchNorm) {
      to.bias = result.add_zeros(tensors::text(module.name) + ".bias", (*this)[from.bias].shape, true);
      Parameter& weight = result[to.weight];
      std::fill(weight.values.begin(), weight.values.end(), 1.0f);
      fold(graph, graph.nodes[module.node], weight, result[to.bias]);
      continue;
    }
    const int norm = folded_batch_norm(graph, module.node);
    const std::string bias = tensors::text(module.name) + ".bias";
    if (from.bias >= 0) {
      to.bias = result.take((*this)[from.bias]);
      result[to.bias].name = bias;
    } else if (norm >= 0) {
      to.bias = result.add_zeros(bias, {(*this)[from.weight].shape[0]}, true);
    }
    if (norm >= 0) fold(graph, graph.nodes[norm], result[to.weight], result[to.bias]);
  }
  for (int m = 0; m < graph.module_count; ++m)
    result.of_module_[index(m)] = result.of_module_[index(folded_parameters_from(graph, m))];
  return result;
}

QUENCH_INLINE int Parameters::take(const Parameter& parameter) {
  list_.push_back(parameter);
  return static_cast<int>(list_.size()) - 1;
}

QUENCH_INLINE int Parameters::add_zeros(std::string name, std::vector<std::size_t> shape, bool is_trained) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  return take({std::move(name), std::move(shape), std::vector<float>(size), std::vector<float>(is_trained ? size : 0)});
}

QUENCH_INLINE void Parameters::add(const Graph& graph, int m, Random& random) {
  const Node& node = graph.nodes[graph.modules[m].node];
  const std::string name = tensors::text(graph.modules[m].name);
  const Shape shape = weight_shape(node);
  if (shape.rank == 0) return;  // a norm without a weight
  std::vector<std::size_t> extents;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
  const std::vector<std::size_t> channels{extents[0]};
  ParametersOfModule& of_module = of_module_[index(m)];
  of_module.weight = add_zeros(name + ".weight", extents, true);
  if (family_of(node.op) == Family::BatchNorm) {
    of_module.bias = add_zeros(name + ".bias", channels, true);
    of_module.running_mean = add_zeros(name + ".running_mean", channels, false);
    of_module.running_variance = add_zeros(name + ".running_var", channels, false);
    fill((*this)[of_module.weight], 1);
    fill((*this)[of_module.running_variance], 1);
    return;
  }
  if (node.op == Operator::ChannelAffine) {
    of_module.bias = add_zeros(name + ".bias", channels, true);
    fill((*this)[of_module.weight], 1);
    return;
  }
  if (node.op == Operator::PReLU) return fill((*this)[of_module.weight], node.settings.parameters[0]);
  if (row_of(node.op).weight == Weight::Rows) {
    fill((*this)[of_module.weight], 1);
    if (node.settings.bias) of_module.bias = add_zeros(name + ".bias", extents, true);
    return;
  }
  if (row_of(node.op).weight == Weight::Table) {
    for (float& value : (*this)[of_module.weight].values) value = random.normal();
    if (node.settings.axis_count > 0)
      std::fill_n(&(*this)[of_module.weight].values[index(node.settings.axes[0]) * extents[1]], extents[1], 0.0f);
    return;
  }
  // PyTorch computes the fan in of a transposed convolution from its output channels.
  const Settings& s = node.settings;
  const int taps = s.kernel_size.height * s.kernel_size.width;
  const bool is_transposed = family_of(node.op) == Family::TransposedConvolution;
  const int fan_in = (is_transposed ? s.out_channels : s.in_channels) / s.groups * taps;
  const float bound = 1 / std::sqrt(static_cast<float>(fan_in));
  for (float& value : (*this)[of_module.weight].values) value = random.uniform(-bound, bound);
  if (!s.bias) return;
  of_module.bias = add_zeros(name + ".bias", channels, true);
  for (float& value : (*this)[of_module.bias].values) value = random.uniform(-bound, bound);
}

QUENCH_INLINE void Parameters::fill(Parameter& parameter, float value) {
  std::fill(parameter.values.begin(), parameter.values.end(), value);
}

QUENCH_INLINE void Parameters::fold(const Graph& graph, const Node& norm, Parameter& weight, Parameter& bias) const {
  in_module(tensors::text(graph.modules[norm.module].name), [&] {
    fold(norm, weight, bias);
    finite_range(weight.values);
    finite_range(bias.values);
  });
}

QUENCH_INLINE void Parameters::fold(const Node& norm, Parameter& weight, Parameter& bias) const {
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

}  // namespace quench::training
