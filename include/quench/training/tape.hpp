// SPDX-License-Identifier: Apache-2.0
// A pass for training: it keeps the values of a batch at every node, and adds their gradients from the last node back.
//
// A batch is divided into a fixed number of parts (host/workers.hpp). Each node is computed part by part. Gradients of
// parameters are summed in each part and added in the order of the parts, so the number of workers changes no bit.
#pragma once

#include <quench/training/batch_norm.hpp>
#include <quench/training/operators.hpp>
#include <quench/training/parameters.hpp>
#include <quench/training/pass.hpp>

namespace quench::training {

class Tape : public Pass {
 public:
  Tape() = default;
  /// `dtypes` as in PassPlan. `wants_gradient` marks nodes that need a gradient although no parameter comes before them.
  Tape(const Graph& graph, Form form, std::vector<bool> wants_gradient = {}, std::span<const DType> dtypes = {})
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

  int root(int n) const { return plan().root(n); }
  bool wants_gradient(int n) const { return wants_gradient_[index(n)]; }

  std::size_t bytes() const {
    std::size_t floats = 0;
    for (const std::vector<float>& gradients : gradients_) floats += gradients.size();
    return Pass::bytes() + floats * sizeof(float);
  }

  /// The real values of a node, beginning with a sample.
  float* values(int n, int sample = 0) { return written_reals(n, sample); }
  std::span<float> all_values(int n) { return {values(n), sample_size(n) * index(samples())}; }
  std::span<float> gradients(int n) { return gradients_[index(root(n))]; }

  /// Checks that a batch of this many samples gives statistics for each batch norm.
  /// Errors   too-few-values, with the name of the batch norm
  void require_statistics(int samples) const {
    for (int n = 0; n < graph().node_count; ++n)
      if (is_batch_norm(n) && values_of_channel(n, samples) < 2)
        throw Error(diagnosis::too_few_values, "needed 2 values or more, given 1", execution::name_of(graph(), n));
  }

  /// Computes all nodes. Batch norms use and record the batch's statistics. Call `require_statistics` first.
  void train(Parameters& parameters, WorkerPool& pool) {
    const PassWeights weights{parameters, nullptr, &statistics_};
    for (int n = 0; n < graph().node_count; ++n) {
      if (root(n) != n) continue;
      if (is_batch_norm(n)) find_statistics(n, pool);
      pool.run(batch_shards, [&](int i) { run_node(n, weights, shard_of(samples(), i)); });
    }
    for (int n = 0; n < graph().node_count; ++n)  // after everything that can throw
      if (is_batch_norm(n)) update_running_statistics(n, parameters);
  }

  void clear_gradients(WorkerPool& pool) {
    pool.run(graph().node_count, [&](int n) {
      if (root(n) == n && wants_gradient(n)) gradients_[index(n)].assign(sample_size(n) * index(samples()), 0.0f);
    });
  }

  /// Where the gradients of a layer's parameters are added.
  struct Sums {
    std::span<float> weight, bias;
  };

  /// Adds the gradient of a node, but not a batch norm, to its operands, and those of its parameters to `sums`. `layer`
  /// has the parameters to compute with. `before` is called with each part of the batch before it is computed.
  /// `integers` is the network that computed the integers of the pass.
  template <class Before>
  void backward_node(int n, const LayerParameters& layer, Sums sums, WorkerPool& pool, Before before,
                     const IntegerNetwork* integers = nullptr) {
    if (root(n) != n || !wants_gradient(n)) return;
    const std::size_t weights = sums.weight.size(), size = weights + sums.bias.size();
    parts_.assign(size * batch_shards, 0.0f);
    pool.run(batch_shards, [&](int i) {
      const Shard shard = shard_of(samples(), i);
      if (shard.count() == 0) return;
      thread_local Operands operands;
      LayerParameters p = layer;
      float* part = parts_.data() + size * index(i);
      p.weight_gradient = sums.weight.empty() ? nullptr : part;
      p.bias_gradient = sums.bias.empty() ? nullptr : part + weights;
      before(shard);
      backward(call_with_gradients(n, shard, operands, integers), p);
    });
    for (int i = 0; i < batch_shards; ++i) {
      add(sums.weight, parts_.data() + size * index(i));
      add(sums.bias, parts_.data() + size * index(i) + weights);
    }
  }

  /// The sums of a node: the gradients of the parameters themselves.
  Sums sums_of(int n, Parameters& parameters) const {
    const Node& node = graph().nodes[n];
    if (node.module < 0 || !is_trained(node.op)) return {};
    const ParametersOfModule& p = parameters.of(node.module);
    return {parameters[p.weight].gradients,
            p.bias < 0 ? std::span<float>() : std::span<float>(parameters[p.bias].gradients)};
  }

  /// Backward through all nodes, from the last to the first.
  void backward_all(Parameters& parameters, WorkerPool& pool) {
    for (int n = graph().node_count - 1; n >= 0; --n)
      if (is_batch_norm(n))
        backward_batch_norm(n, parameters, pool);
      else
        backward_node(n, parameters.layer(graph().nodes[n].module), sums_of(n, parameters), pool, [](Shard) {});
  }

 private:
  bool is_batch_norm(int n) const { return graph().nodes[n].op == Operator::BatchNorm2d && root(n) == n; }
  float* gradient(int n, int sample) { return gradients(n).data() + sample_size(n) * index(sample); }

  Call call_with_gradients(int n, Shard shard, Operands& operands, const IntegerNetwork* integers) {
    Call result = call(n, shard, operands, integers);
    for (int i = 0; i < result.node->operand_count; ++i) {
      const int x = graph().operand(*result.node, i);
      if (wants_gradient(x)) operands.list[index(i)].gradient = gradient(x, shard.begin);
    }
    result.y.gradient = gradient(n, shard.begin);
    return result;
  }

  static void add(std::span<float> sums, const float* values) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
  }

  // Sums over the whole batch, in the order of its parts.
  template <class Sums>
  ChannelSums sums_of_batch(int n, WorkerPool& pool, bool with_gradients, Sums sums) {
    std::vector<ChannelSums> parts(batch_shards, ChannelSums(graph().nodes[n].shape.channels()));
    pool.run(batch_shards, [&](int i) {
      const Shard shard = shard_of(samples(), i);
      Operands operands;
      if (shard.count() > 0)
        parts[index(i)] =
            sums(with_gradients ? call_with_gradients(n, shard, operands, nullptr) : call(n, shard, operands, nullptr));
    });
    for (std::size_t i = 1; i < parts.size(); ++i) parts[0].add(parts[i]);
    return parts[0];
  }

  double values_of_channel(int n, int samples) const {
    return static_cast<double>(sample_size(n)) / graph().nodes[n].shape.channels() * samples;
  }

  void update_running_statistics(int n, Parameters& parameters) const {
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

  void find_statistics(int n, WorkerPool& pool) {
    const ChannelSums sums = sums_of_batch(n, pool, false, [](const Call& call) { return batch_norm_sums(call); });
    statistics_[index(n)] = in_module(execution::name_of(graph(), n), [&] {
      return BatchStatistics(sums, values_of_channel(n, samples()), graph().nodes[n].settings.epsilon);
    });
  }

  void backward_batch_norm(int n, Parameters& parameters, WorkerPool& pool) {
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

  std::vector<bool> wants_gradient_;
  std::vector<std::vector<float>> gradients_;
  std::vector<BatchStatistics> statistics_;
  std::vector<float> parts_;
};

}  // namespace quench::training
