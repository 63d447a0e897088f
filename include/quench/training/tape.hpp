// SPDX-License-Identifier: Apache-2.0
// The values and gradients of one batch at every node of a graph, and the walk over the nodes in float.
//
// A batch is divided into a fixed number of parts (host/workers.hpp). Each node is computed part by part. Gradients of
// parameters are summed in each part and added in the order of the parts, so the number of workers changes no bit.
#pragma once

#include <algorithm>

#include <quench/host/aligned.hpp>
#include <quench/training/batch_norm.hpp>
#include <quench/training/form.hpp>
#include <quench/training/operators.hpp>
#include <quench/training/parameters.hpp>

namespace quench::training {

class Tape {
 public:
  Tape() = default;
  /// `wants_gradient` marks nodes that need a gradient although no parameter comes before them.
  Tape(const Graph& graph, Form form, std::vector<bool> wants_gradient = {})
      : graph_(&graph),
        wants_gradient_(std::move(wants_gradient)),
        tensors_(index(graph.node_count)),
        statistics_(index(graph.node_count)) {
    wants_gradient_.resize(tensors_.size());
    const std::vector<int> roots = roots_of(graph, form);
    for (int n = 0; n < graph.node_count; ++n) {
      const Node& node = graph.nodes[n];
      tensors_[at(n)].root = roots[at(n)];
      bool wanted = is_trained(node.op) || wants_gradient_[at(n)];
      for (int i = 0; i < node.operand_count; ++i) wanted = wanted || wants_gradient_[at(graph.operand(node, i))];
      wants_gradient_[at(n)] = wanted;
    }
  }

  const Graph& graph() const { return *graph_; }
  int samples() const { return samples_; }
  int root(int n) const { return tensors_[at(n)].root; }
  bool wants_gradient(int n) const { return wants_gradient_[at(n)]; }
  std::size_t sample_size(int n) const { return static_cast<std::size_t>(graph_->nodes[n].shape.elements()); }

  /// Allocates for a batch: `values` of nodes with `has_values(n)`, `reals` of nodes with `has_reals(n)`.
  template <class HasValues, class HasReals>
  void resize(int samples, HasValues has_values, HasReals has_reals) {
    samples_ = samples;
    for (int n = 0; n < graph_->node_count; ++n) {
      Tensor& tensor = tensors_[at(n)];
      const std::size_t size = tensor.root == n ? sample_size(n) * static_cast<std::size_t>(samples) : 0;
      tensor.values.resize(has_values(n) ? size : 0);
      tensor.reals.resize(has_reals(n) ? size : 0);
    }
  }
  void resize(int samples) {
    resize(
        samples, [](int) { return true; }, [](int) { return false; });
  }

  std::size_t bytes() const {
    std::size_t floats = 0;
    for (const Tensor& tensor : tensors_)
      floats += tensor.values.size() + tensor.reals.size() + tensor.gradients.size();
    return floats * sizeof(float);
  }

  /// The values of a node, beginning with a sample.
  float* values(int n, int sample = 0) { return tensor(n).values.data() + offset(n, sample); }
  std::span<float> all_values(int n) { return tensor(n).values; }
  /// The values of a quantized step before rounding. backward uses them as the output.
  float* reals(int n, int sample = 0) { return tensor(n).reals.data() + offset(n, sample); }
  std::span<float> all_reals(int n) { return tensor(n).reals; }
  std::span<float> gradients(int n) { return tensor(n).gradients; }

  /// For a tape that has the values of all nodes.
  struct HoldsAll {
    void operator()(int, Shard, float*) const {}
  };

  /// The operands of a call, and the values that are not on the tape.
  struct Operands {
    std::vector<Operand> list;
    std::vector<host::AlignedVector<float>> found;
  };

  /// The values of a node's samples: the tape's, or what `find(root, samples, to)` writes into `found`.
  template <class Find>
  float* read(int n, Shard shard, host::AlignedVector<float>& found, const Find& find) {
    if (!tensor(n).values.empty()) return values(n, shard.begin);
    found.resize(std::max(found.size(), sample_size(n) * at(shard.count())));
    find(root(n), shard, found.data());
    return found.data();
  }

  /// The call of a node for some samples. `find` writes the values that are not on the tape.
  template <class Find>
  Call call(int n, Shard shard, Operands& operands, bool with_gradients, const Find& find) {
    const Node& node = graph_->nodes[n];
    operands.list.clear();
    operands.found.resize(std::max(operands.found.size(), at(node.operand_count) + 1));
    for (int i = 0; i < node.operand_count; ++i) {
      const int x = graph_->operand(node, i);
      float* gradient =
          with_gradients && wants_gradient(x) ? tensor(x).gradients.data() + offset(x, shard.begin) : nullptr;
      operands.list.push_back({read(x, shard, operands.found[at(i)], find), gradient, graph_->nodes[x].shape});
    }
    float* const y = tensor(n).reals.empty() ? read(n, shard, operands.found.back(), find) : reals(n, shard.begin);
    return {&node,
            shard.count(),
            operands.list.data(),
            {y, with_gradients ? tensor(n).gradients.data() + offset(n, shard.begin) : nullptr, node.shape}};
  }

  /// Computes a node for some samples, a batch norm as `affine_forward`. Writes to `reals` if the tape has them.
  template <class Find = HoldsAll>
  void forward_node(int n, const LayerParameters& layer, Shard shard, const Find& find = {}) {
    if (root(n) != n || shard.count() == 0) return;
    thread_local Operands operands;
    forward(call(n, shard, operands, false, find), layer);
  }

  /// Checks that a batch of this many samples gives statistics for each batch norm.
  /// Errors   too-few-values, with the name of the batch norm
  void require_statistics(int samples) const {
    for (int n = 0; n < graph_->node_count; ++n)
      if (graph_->nodes[n].op == Operator::BatchNorm2d && root(n) == n && values_of_channel(n, samples) < 2)
        throw Error(diagnosis::too_few_values, "needed 2 values or more, given 1", execution::name_of(*graph_, n));
  }

  /// Computes all nodes. Batch norms use and record the batch's statistics. Call `require_statistics` first.
  void train(Parameters& parameters, WorkerPool& pool) {
    for (int n = 0; n < graph_->node_count; ++n) {
      if (root(n) != n) continue;
      if (graph_->nodes[n].op == Operator::BatchNorm2d)
        train_batch_norm(n, parameters, pool);
      else
        pool.run(batch_shards,
                 [&](int i) { forward_node(n, parameters.layer(graph_->nodes[n].module), shard_of(samples_, i)); });
    }
    for (int n = 0; n < graph_->node_count; ++n)  // after everything that can throw
      if (root(n) == n && graph_->nodes[n].op == Operator::BatchNorm2d) update_running_statistics(n, parameters);
  }

  void clear_gradients(WorkerPool& pool) {
    pool.run(graph_->node_count, [&](int n) {
      if (root(n) == n && wants_gradient(n))
        tensors_[at(n)].gradients.assign(sample_size(n) * static_cast<std::size_t>(samples_), 0.0f);
    });
  }

  /// Where the gradients of a layer's parameters are added.
  struct Sums {
    std::span<float> weight, bias;
  };

  /// Adds the gradient of a node, but not a batch norm, to its operands, and those of its parameters to `sums`. `layer`
  /// has the parameters to compute with. `before` is called with each part of the batch before it is computed.
  template <class Before, class Find = HoldsAll>
  void backward_node(int n, const LayerParameters& layer, Sums sums, WorkerPool& pool, Before before,
                     const Find& find = {}) {
    if (root(n) != n || !wants_gradient(n)) return;
    const std::size_t weights = sums.weight.size(), size = weights + sums.bias.size();
    parts_.assign(size * batch_shards, 0.0f);
    pool.run(batch_shards, [&](int i) {
      const Shard shard = shard_of(samples_, i);
      if (shard.count() == 0) return;
      thread_local Operands operands;
      LayerParameters p = layer;
      float* part = parts_.data() + size * at(i);
      p.weight_gradient = sums.weight.empty() ? nullptr : part;
      p.bias_gradient = sums.bias.empty() ? nullptr : part + weights;
      before(shard);
      backward(call(n, shard, operands, true, find), p);
    });
    for (int i = 0; i < batch_shards; ++i) {
      add(sums.weight, parts_.data() + size * at(i));
      add(sums.bias, parts_.data() + size * at(i) + weights);
    }
  }

  /// The sums of a node: the gradients of the parameters themselves.
  Sums sums_of(int n, Parameters& parameters) const {
    const Node& node = graph_->nodes[n];
    if (node.module < 0 || !is_trained(node.op)) return {};
    const ParametersOfModule& p = parameters.of(node.module);
    return {parameters[p.weight].gradients,
            p.bias < 0 ? std::span<float>() : std::span<float>(parameters[p.bias].gradients)};
  }

  /// Backward through all nodes, from the last to the first.
  void backward_all(Parameters& parameters, WorkerPool& pool) {
    for (int n = graph_->node_count - 1; n >= 0; --n)
      if (graph_->nodes[n].op == Operator::BatchNorm2d && root(n) == n)
        backward_batch_norm(n, parameters, pool);
      else
        backward_node(n, parameters.layer(graph_->nodes[n].module), sums_of(n, parameters), pool, [](Shard) {});
  }

 private:
  struct Tensor {
    int root = 0;
    std::vector<float> values, reals, gradients;
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  Tensor& tensor(int n) { return tensors_[at(root(n))]; }
  std::size_t offset(int n, int sample) const { return sample_size(n) * static_cast<std::size_t>(sample); }

  static void add(std::span<float> sums, const float* values) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
  }

  // Sums over the whole batch, in the order of its parts.
  template <class Sums>
  ChannelSums sums_of_batch(int n, WorkerPool& pool, bool with_gradients, Sums sums) {
    std::vector<ChannelSums> parts(batch_shards, ChannelSums(graph_->nodes[n].shape.channels()));
    pool.run(batch_shards, [&](int i) {
      const Shard shard = shard_of(samples_, i);
      Operands operands;
      if (shard.count() > 0) parts[at(i)] = sums(call(n, shard, operands, with_gradients, HoldsAll{}));
    });
    for (std::size_t i = 1; i < parts.size(); ++i) parts[0].add(parts[i]);
    return parts[0];
  }

  double values_of_channel(int n, int samples) const {
    return static_cast<double>(sample_size(n)) / graph_->nodes[n].shape.channels() * samples;
  }

  void update_running_statistics(int n, Parameters& parameters) const {
    const Node& node = graph_->nodes[n];
    const double count = values_of_channel(n, samples_);
    const BatchStatistics& statistics = statistics_[at(n)];
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

  void train_batch_norm(int n, const Parameters& parameters, WorkerPool& pool) {
    const Node& node = graph_->nodes[n];
    const double count = values_of_channel(n, samples_);
    const ChannelSums sums = sums_of_batch(n, pool, false, [](const Call& call) { return batch_norm_sums(call); });
    BatchStatistics& statistics = statistics_[at(n)];
    statistics =
        in_module(execution::name_of(*graph_, n), [&] { return BatchStatistics(sums, count, node.settings.epsilon); });
    pool.run(batch_shards, [&](int i) {
      const Shard shard = shard_of(samples_, i);
      Operands operands;
      if (shard.count() > 0)
        batch_norm_forward(call(n, shard, operands, false, HoldsAll{}), parameters.layer(node.module), statistics);
    });
  }

  void backward_batch_norm(int n, Parameters& parameters, WorkerPool& pool) {
    const Node& node = graph_->nodes[n];
    const BatchStatistics& statistics = statistics_[at(n)];
    const ChannelSums sums =
        sums_of_batch(n, pool, true, [&](const Call& call) { return batch_norm_gradient_sums(call, statistics); });
    const ParametersOfModule& p = parameters.of(node.module);
    for (std::size_t c = 0; c < sums.first.size(); ++c) {
      parameters[p.bias].gradients[c] += static_cast<float>(sums.first[c]);
      parameters[p.weight].gradients[c] += static_cast<float>(sums.second[c]);
    }
    if (!wants_gradient(graph_->operand(node, 0))) return;
    pool.run(batch_shards, [&](int i) {
      const Shard shard = shard_of(samples_, i);
      Operands operands;
      if (shard.count() > 0)
        batch_norm_backward(call(n, shard, operands, true, HoldsAll{}), parameters.layer(node.module), statistics, sums,
                            values_of_channel(n, samples_));
    });
  }

  const Graph* graph_ = nullptr;
  std::vector<bool> wants_gradient_;
  std::vector<Tensor> tensors_;
  std::vector<BatchStatistics> statistics_;
  std::vector<float> parts_;
  int samples_ = 0;
};

}  // namespace quench::training
