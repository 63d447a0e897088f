// SPDX-License-Identifier: Apache-2.0
// A pass for training: it keeps the values of a batch at every node, and adds their gradients from the last node back.
//
// A batch is divided into a fixed number of parts (host/workers.hpp). Each node is computed part by part. Gradients of
// parameters are summed in each part and added in the order of the parts, so the number of workers changes no bit.
#pragma once

#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/training/batch_norm.hpp>
#include <quench/training/operators.hpp>
#include <quench/training/parameters.hpp>
#include <quench/training/pass.hpp>

namespace quench::training {

class Tape : public Pass {
 public:
  Tape() = default;
  /// `dtypes` as in PassPlan. `wants_gradient` marks nodes that need a gradient although no parameter comes before them.
  Tape(const Graph& graph, Form form, std::vector<bool> wants_gradient = {}, std::span<const DType> dtypes = {});

  int root(int n) const { return plan().root(n); }
  bool wants_gradient(int n) const { return wants_gradient_[index(n)]; }

  std::size_t bytes() const;

  /// The real values of a node, beginning with a sample.
  float* values(int n, int sample = 0) { return written_reals(n, sample); }
  std::span<float> all_values(int n) { return {values(n), sample_size(n) * index(samples())}; }
  std::span<float> gradients(int n) { return gradients_[index(root(n))]; }

  /// Checks that a batch of this many samples gives statistics for each batch norm.
  /// Errors   too-few-values, with the name of the batch norm
  void require_statistics(int samples) const;

  /// Computes all nodes. Batch norms use and record the batch's statistics. Call `require_statistics` first.
  void train(Parameters& parameters, WorkerPool& pool);

  void clear_gradients(WorkerPool& pool);

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
    const auto run_part = [&](int i, float* weight, float* bias) {
      const Shard shard = shard_of(samples(), i);
      if (shard.count() == 0) return;
      thread_local Operands operands;
      LayerParameters p = layer;
      p.weight_gradient = sums.weight.empty() ? nullptr : weight;
      p.bias_gradient = sums.bias.empty() ? nullptr : bias;
      before(shard);
      backward(call_with_gradients(n, shard, operands, integers), p);
    };
    if (row_of(graph().nodes[n].op).weight == Weight::Table) {  // a batch reaches few of its rows: no sum for each part
      for (int i = 0; i < batch_shards; ++i) run_part(i, sums.weight.data(), nullptr);
      return;
    }
    parts_.assign(size * batch_shards, 0.0f);
    pool.run(batch_shards, [&](int i) {
      float* const part = parts_.data() + size * index(i);
      run_part(i, part, part + weights);
    });
    for (int i = 0; i < batch_shards; ++i) {
      add(sums.weight, parts_.data() + size * index(i));
      add(sums.bias, parts_.data() + size * index(i) + weights);
    }
  }

  /// The sums of a node: the gradients of the parameters themselves.
  Sums sums_of(int n, Parameters& parameters) const;

  /// Backward through all nodes, from the last to the first.
  void backward_all(Parameters& parameters, WorkerPool& pool);

 private:
  bool is_batch_norm(int n) const { return family_of(graph().nodes[n].op) == Family::BatchNorm && root(n) == n; }
  float* gradient(int n, int sample) { return gradients(n).data() + sample_size(n) * index(sample); }

  Call call_with_gradients(int n, Shard shard, Operands& operands, const IntegerNetwork* integers);

  static void add(std::span<float> sums, const float* values);

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

  double values_of_channel(int n, int samples) const;

  void update_running_statistics(int n, Parameters& parameters) const;

  void find_statistics(int n, WorkerPool& pool);

  void backward_batch_norm(int n, Parameters& parameters, WorkerPool& pool);

  std::vector<bool> wants_gradient_;
  std::vector<std::vector<float>> gradients_;
  std::vector<BatchStatistics> statistics_;
  std::vector<float> parts_;
};

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/tape_impl.hpp>
#endif
