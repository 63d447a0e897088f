// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/tape.hpp>

#include <memory>

#include <quench/tensors/error.hpp>

namespace quench::training {

QUENCH_INLINE Tape::Tape(const Graph& graph, Form form, std::vector<bool> wants_gradient, std::span<const DType> dtypes)
    : Pass(std::make_shared<const PassPlan>(PassPlan::of_training(graph, form, dtypes))),
      wants_gradient_(std::move(wants_gradient)),
      gradients_(index(graph.node_count)),
      statistics_(index(graph.node_count)) {
  wants_gradient_.resize(gradients_.size());
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    bool wanted = is_trained(node.op) || wants_gradient_[index(n)];
    for (int i = 0; i < node.operand_count; ++i) wanted = wanted || wants_gradient_[index(graph.operand(node, i))];
    wants_gradient_[index(n)] = wanted;
  }
}

QUENCH_INLINE std::size_t Tape::bytes() const {
  std::size_t floats = 0;
  for (const std::vector<float>& gradients : gradients_) floats += gradients.size();
  return Pass::bytes() + floats * sizeof(float);
}

QUENCH_INLINE void Tape::require_statistics(int samples) const {
  for (int n = 0; n < graph().node_count; ++n)
    if (is_batch_norm(n) && values_of_channel(n, samples) < 2)
      throw Error(diagnosis::too_few_values, "needed 2 values or more, given 1", execution::name_of(graph(), n));
}

QUENCH_INLINE void Tape::train(Parameters& parameters, WorkerPool& pool) {
  const PassWeights weights{parameters, nullptr, &statistics_};
  for (int n = 0; n < graph().node_count; ++n) {
    if (root(n) != n) continue;
    if (is_batch_norm(n)) find_statistics(n, pool);
    pool.run(batch_shards, [&](int i) { run_node(n, weights, shard_of(samples(), i)); });
  }
  for (int n = 0; n < graph().node_count; ++n)  // after everything that can throw
    if (is_batch_norm(n)) update_running_statistics(n, parameters);
}

QUENCH_INLINE void Tape::clear_gradients(WorkerPool& pool) {
  pool.run(graph().node_count, [&](int n) {
    if (root(n) == n && wants_gradient(n)) gradients_[index(n)].assign(sample_size(n) * index(samples()), 0.0f);
  });
}

QUENCH_INLINE Tape::Sums Tape::sums_of(int n, Parameters& parameters) const {
  const Node& node = graph().nodes[n];
  if (node.module < 0 || !is_trained(node.op)) return {};
  const ParametersOfModule& p = parameters.of(node.module);
  return {p.weight < 0 ? std::span<float>() : std::span<float>(parameters[p.weight].gradients),
          p.bias < 0 ? std::span<float>() : std::span<float>(parameters[p.bias].gradients)};
}

QUENCH_INLINE void Tape::backward_all(Parameters& parameters, WorkerPool& pool) {
  for (int n = graph().node_count - 1; n >= 0; --n)
    if (is_batch_norm(n))
      backward_batch_norm(n, parameters, pool);
    else
      backward_node(n, parameters.layer(graph().nodes[n].module), sums_of(n, parameters), pool, [](Shard) {});
}

QUENCH_INLINE Call Tape::call_with_gradients(int n, Shard shard, Operands& operands, const IntegerNetwork* integers) {
  Call result = call(n, shard, operands, integers);
  for (int i = 0; i < result.node->operand_count; ++i) {
    const int x = graph().operand(*result.node, i);
    if (wants_gradient(x)) operands.list[index(i)].gradient = gradient(x, shard.begin);
  }
  result.y.gradient = gradient(n, shard.begin);
  return result;
}

QUENCH_INLINE void Tape::add(std::span<float> sums, const float* values) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
}

QUENCH_INLINE double Tape::values_of_channel(int n, int samples) const {
  return static_cast<double>(sample_size(n)) / graph().nodes[n].shape.channels() * samples;
}

QUENCH_INLINE void Tape::update_running_statistics(int n, Parameters& parameters) const {
  const Node& node = graph().nodes[n];
  const double count = values_of_channel(n, samples());
  const BatchStatistics& statistics = statistics_[index(n)];
  const ParametersOfModule& p = parameters.of(node.module);
  const double momentum = static_cast<double>(node.settings.momentum), unbiased = count / (count - 1);
  for (std::size_t c = 0; c < statistics.mean.size(); ++c) {
    const auto update = [&](float& running, double found) {
      running = static_cast<float>((1 - momentum) * static_cast<double>(running) + momentum * found);
    };
    update(parameters[p.running_mean].values[c], static_cast<double>(statistics.mean[c]));
    update(parameters[p.running_variance].values[c], statistics.variance[c] * unbiased);
  }
}

QUENCH_INLINE void Tape::find_statistics(int n, WorkerPool& pool) {
  const ChannelSums sums = sums_of_batch(n, pool, false, [](const Call& call) { return batch_norm_sums(call); });
  statistics_[index(n)] = in_module(execution::name_of(graph(), n), [&] {
    return BatchStatistics(sums, values_of_channel(n, samples()), graph().nodes[n].settings.epsilon);
  });
}

QUENCH_INLINE void Tape::backward_batch_norm(int n, Parameters& parameters, WorkerPool& pool) {
  const Node& node = graph().nodes[n];
  const BatchStatistics& statistics = statistics_[index(n)];
  const ChannelSums sums =
      sums_of_batch(n, pool, true, [&](const Call& call) { return batch_norm_gradient_sums(call, statistics); });
  const ParametersOfModule& p = parameters.of(node.module);
  for (std::size_t c = 0; c < sums.first.size(); ++c) {
    parameters[p.bias].gradients[c] += static_cast<float>(sums.first[c]);
    parameters[p.weight].gradients[c] += static_cast<float>(sums.second[c]);
  }
  if (!wants_gradient(graph().operand(node, 0))) return;
  pool.run(batch_shards, [&](int i) {
    const Shard shard = shard_of(samples(), i);
    Operands operands;
    if (shard.count() > 0)
      batch_norm_backward(call_with_gradients(n, shard, operands, nullptr), parameters.layer(node.module), statistics,
                          sums, values_of_channel(n, samples()));
  });
}

}  // namespace quench::training
