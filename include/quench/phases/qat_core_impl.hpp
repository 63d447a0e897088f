// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/qat_core.hpp>

#include <algorithm>
#include <cstring>

#include <quench/host/fake_quantize/straight_through.hpp>
#include <quench/host/float/elementwise.hpp>
#include <quench/observers/observer.hpp>

namespace quench::phases {

QUENCH_INLINE QatCore::QatCore(IntegerProgram program, training::Parameters parameters, ModuleQuantizers quantizers)
    : Core(*program.graph, training::Form::Quantized, program.dtypes, std::move(parameters)),
      TrainingPass(
          {*program.graph, training::Form::Quantized, learned_stubs(*program.graph, quantizers), program.dtypes}),
      program_(std::move(program)),
      quantizers_(std::move(quantizers)) {}

QUENCH_INLINE ModelScales QatCore::scales() const {
  return in_training([&] { return find_scales(false); });
}

QUENCH_INLINE std::shared_ptr<const IntegerNetwork> QatCore::integers() const {
  pool_.require();
  std::vector<float> changing = changing_scales();
  const auto derived =
      derived_.get([&](const Derived& last) { return same_bits(last.scales, changing) && has_weights(last.weights); },
                   [&] {
                     std::vector<std::vector<float>> weights;
                     for (const training::Parameter& parameter : parameters_.list())
                       weights.push_back(parameter.values);
                     return Derived{std::move(changing), std::move(weights), in_training([&] {
                                      return IntegerNetwork(graph(), program_.run_step,
                                                            derive_constants(program_, parameters_, scales()));
                                    })};
                   });
  return {derived, &derived->network};
}

QUENCH_INLINE void QatCore::train(const CheckedInputs& inputs) {
  pool_.require();
  const ModuleQuantizers before = quantizers_;
  try {
    run_training_pass(inputs);
  } catch (...) {
    quantizers_ = before;
    throw;
  }
}

QUENCH_INLINE void QatCore::backward(const std::vector<std::vector<float>>& gradients) {
  tape_.clear_gradients(*pool_);
  add_output_gradients(gradients);
  for (int n = graph().node_count - 1; n >= 0; --n) {
    if (tape_.root(n) != n || !tape_.wants_gradient(n)) continue;
    if (learns_scale(n)) backward_learned(n);
    backward_node(n);
  }
  is_trained_ = false;
}

QUENCH_INLINE std::vector<ParameterView> QatCore::views() {
  std::vector<ParameterView> views = parameters().views();
  const auto add = [&](int m, const FakeQuantizerHandle& quantizer, const char* name) {
    if (!quantizer || quantizer->parameters().empty()) return;
    const std::span<float> values = quantizer->parameters();
    views.push_back({tensors::text(graph().modules[m].name) + name + quantizer->parameter_name(),
                     {values.size()},
                     values,
                     quantizer->gradients(),
                     true});
  };
  for (int m = 0; m < graph().module_count; ++m) {
    add(m, quantizers_.activation[index(m)], ".activation_");
    add(m, quantizers_.weight[index(m)], ".weight_");
  }
  return views;
}

QUENCH_INLINE void QatCore::zero_gradients() {
  parameters().zero_gradients();
  for (int m = 0; m < graph().module_count; ++m) {
    if (quantizers_.activation[index(m)]) quantizers_.activation[index(m)]->zero_gradients();
    if (quantizers_.weight[index(m)]) quantizers_.weight[index(m)]->zero_gradients();
  }
}

QUENCH_INLINE void QatCore::run_training_pass(const CheckedInputs& inputs) {
  observe_weights(graph(), parameters_, quantizers_);
  for (int m = 0; m < graph().module_count; ++m)
    if (quantizers_.activation[index(m)])
      in_module(tensors::text(graph().modules[m].name), [&] { quantizers_.activation[index(m)]->begin(); });
  set_network(in_training([&] { return derive_constants(program_, parameters_, find_scales(true)); }));
  is_trained_ = false;
  tape_.begin(inputs, {0, inputs.samples});
  pool_->run(batch_shards, [&](int i) { tape_.run({parameters_, network_.get()}, shard_of(inputs.samples, i)); });
  tape_.forget_inputs();
  observe();
  is_trained_ = true;
}

QUENCH_INLINE bool QatCore::same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

QUENCH_INLINE bool QatCore::has_weights(const std::vector<std::vector<float>>& weights) const {
  return std::equal(weights.begin(), weights.end(), parameters_.list().begin(), parameters_.list().end(),
                    [](const auto& values, const auto& parameter) { return same_bits(values, parameter.values); });
}

QUENCH_INLINE ModelScales QatCore::find_scales(bool weights_are_observed) const {
  pool_.require();
  return phases::find_scales(graph(), parameters_, quantizers_, activation_scales(graph(), quantizers_),
                             weights_are_observed);
}

QUENCH_INLINE std::vector<float> QatCore::changing_scales() const {
  std::vector<float> scales = activation_scales(graph(), quantizers_);
  for (int m = 0; m < graph().module_count; ++m) {
    const FakeQuantizerHandle& quantizer = quantizers_.weight[index(m)];
    if (!quantizer || !quantizer->learns()) continue;
    const std::vector<float> learned = weight_scales(graph(), parameters_, m, *quantizer.operator->());
    scales.insert(scales.end(), learned.begin(), learned.end());
  }
  return scales;
}

QUENCH_INLINE std::vector<bool> QatCore::learned_stubs(const Graph& graph, const ModuleQuantizers& quantizers) {
  std::vector<bool> marks(index(graph.node_count));
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    if (node.op != Operator::QuantStub || node.domain != Domain::Quantized) continue;
    const FakeQuantizerHandle& quantizer = quantizers.activation[index(scale_owner(graph, node.module))];
    marks[index(n)] = quantizer && quantizer->learns();
  }
  return marks;
}

QUENCH_INLINE void QatCore::set_network(IntegerConstants constants) {
  if (network_ && network_.use_count() == 1)
    network_->set_constants(std::move(constants));
  else  // the first pass, or that of a copied model
    network_ = std::make_shared<IntegerNetwork>(graph(), program_.run_step, std::move(constants));
}

QUENCH_INLINE void QatCore::observe() {
  pool_->run(graph().module_count, [&](int m) {
    if (!quantizers_.activation[index(m)]) return;
    const int n = graph().modules[m].node;
    if (!rounds(n)) return;
    std::vector<float> tied;
    for (int other = m; other < graph().module_count; ++other) {
      if (graph().modules[other].tied_scale != m) continue;
      const std::span<const float> values = tape_.all_unrounded(graph().modules[other].node);
      in_module(tensors::text(graph().modules[other].name), [&] { finite_range(values); });
      tied.insert(tied.end(), values.begin(), values.end());
    }
    in_module(tensors::text(graph().modules[m].name),
              [&] { quantizers_.activation[index(m)]->observe(tied.empty() ? tape_.all_unrounded(n) : tied); });
  });
}

QUENCH_INLINE bool QatCore::learns_scale(int n) const {
  return rounds(n) && !output_quantizer(n)->is_straight_through();
}

QUENCH_INLINE const FakeQuantizerHandle& QatCore::output_quantizer(int n) const {
  return quantizers_.activation[index(scale_owner(graph(), graph().nodes[n].module))];
}

QUENCH_INLINE void QatCore::backward_learned(int n) {
  const std::span<float> gradient = tape_.gradients(n);
  const std::span<const float> reals = tape_.all_unrounded(n);
  const int module = graph().nodes[n].module;
  const QParams used{program_.dtypes[index(n)], {used_scale(n)}, std::nullopt};
  in_module(tensors::text(graph().modules[module].name),
            [&] { output_quantizer(n)->backward(reals, used, gradient, gradient); });
  const Operator fused = execution::fused_activation(graph(), n);
  if (fused == Operator::Input) return;
  host::float_clamp_mask(reals.data(), gradient.data(), gradient.size(), execution::upper_bound(fused));
}

QUENCH_INLINE void QatCore::backward_rounding(int n, Shard shard) {
  if (!rounds(n) || learns_scale(n)) return;
  const CodeRange codes = code_range(program_.dtypes[index(n)]);
  const host::CodeLimits limits{static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
  const float* x = tape_.unrounded(n, shard.begin);
  float* gradient = tape_.gradients(n).data() + tape_.sample_size(n) * index(shard.begin);
  const std::size_t size = tape_.sample_size(n) * index(shard.count());
  const Operator fused = execution::fused_activation(graph(), n);
  if (fused == Operator::Input)
    host::straight_through(x, gradient, size, used_scale(n), limits);
  else
    host::straight_through(x, gradient, size, used_scale(n), limits, 0, execution::upper_bound(fused));
}

QUENCH_INLINE void QatCore::backward_node(int n) {
  const Node& node = graph().nodes[n];
  training::LayerParameters layer = parameters_.layer(node.module);
  const training::Tape::Sums sums = tape_.sums_of(n, parameters_);
  const auto before = [&](Shard shard) { backward_rounding(n, shard); };
  if (node.domain != Domain::Quantized || !has_integer_weights(node.op))
    return tape_.backward_node(n, layer, sums, *pool_, before, network_.get());
  const IntegerLayer& codes = current().layer(n);
  const std::size_t size = codes.weight.size(), channels = codes.weight_scales.size();
  weight_.resize(size);
  host::dequantize(ChannelLayout{1, channels, size / channels}, codes.weight_scales, codes.weight.data(),
                   weight_.data());
  layer.weight = weight_.data();
  weight_gradient_.assign(size, 0.0f);
  tape_.backward_node(n, layer, {weight_gradient_, sums.bias}, *pool_, before, network_.get());
  const training::Parameter& weight = parameters_[parameters_.of(node.module).weight];
  const FakeQuantizerHandle& quantizer = quantizers_.weight[index(node.module)];
  if (quantizer) {
    const QParams used{quantizer->dtype(), codes.weight_scales, 0};
    const FloatInput values(std::span<const float>(weight.values), Extents(weight.shape));
    in_module(tensors::text(graph().modules[node.module].name),
              [&] { quantizer->backward(values, used, weight_gradient_, weight_gradient_); });
  }
  for (std::size_t i = 0; i < size; ++i) sums.weight[i] += weight_gradient_[i];
}

}  // namespace quench::phases
