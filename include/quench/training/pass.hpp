// SPDX-License-Identifier: Apache-2.0
// One pass over a network: its tensors, and the walk over its nodes. Every phase predicts and trains with it.
//
// The plan decides what the pass keeps. Most plans reuse the memory of a tensor after its last reader. A plan for
// training keeps every tensor for `backward`. The tensors belong to the pass, not to the model.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <quench/execution/codes.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/host/aligned.hpp>
#include <quench/training/batch_norm.hpp>
#include <quench/training/inputs.hpp>
#include <quench/training/pass_plan.hpp>

namespace quench::training {

/// The weights of a pass, and the network of integers if the plan has integers.
struct PassWeights {
  const Parameters& parameters;
  const IntegerNetwork* integers = nullptr;
  const std::vector<BatchStatistics>* statistics = nullptr;  // of batch norms, by node; null: the running ones
};

class Pass {
 public:
  Pass() = default;
  explicit Pass(std::shared_ptr<const PassPlan> plan);

  const PassPlan& plan() const { return *plan_; }
  const Graph& graph() const { return plan_->graph(); }
  std::size_t bytes() const { return integers_.bytes(); }
  int samples() const { return samples_; }
  std::size_t sample_size(int n) const { return index(graph().nodes[n].shape.elements()); }

  /// Allocates for samples [shard.begin, shard.end) of these inputs, which must outlive the pass, or `forget_inputs`.
  void begin(const CheckedInputs& inputs, Shard shard);
  void forget_inputs() { inputs_ = nullptr; }

  /// Allocates for this many samples.
  void resize(int samples);

  /// The real values of a node, beginning with a sample of the pass.
  const float* reals(int n, int sample = 0) const;
  float* written_reals(int n, int sample) { return const_cast<float*>(reals(n, sample)); }
  std::span<const float> all_reals(int n) const { return {reals(n), sample_size(n) * index(samples_)}; }

  /// The real values that a step rounds to codes.
  float* unrounded(int n, int sample = 0);
  std::span<const float> all_unrounded(int n) { return {unrounded(n), sample_size(n) * index(samples_)}; }
  IntegerTensors& integers() { return integers_; }

  /// Computes a node for some samples of the pass. `integers_are_there`: the integers of its step are already computed.
  /// Threads may share the samples of one node. The next node may overwrite what this one reads. So it must wait for
  /// all threads, unless the plan keeps every node.
  void run_node(int n, const PassWeights& weights, Shard samples, bool integers_are_there = false);

  void run(const PassWeights& weights, Shard samples);
  void run(const PassWeights& weights) { run(weights, {0, samples_}); }

  /// Computes all nodes for all samples; threads share the rows of large layers.
  void run_by_rows(const PassWeights& weights, WorkerPool& pool);

  /// Computes a float operator for some samples of the pass, with these parameters. A batch norm as `affine_forward`.
  void forward(int n, const LayerParameters& layer, Shard samples, const IntegerNetwork* integers = nullptr);

 protected:
  /// The operands of a call, and the real values that the pass does not keep.
  struct Operands {
    std::vector<Operand> list;
    std::vector<host::AlignedVector<float>> found;
  };

  /// The call of a node for some samples. The output of a step that rounds is its unrounded values.
  Call call(int n, Shard samples, Operands& operands, const IntegerNetwork* integers);

 private:
  // The real values of a node's samples: those of the pass, or the integers as real values in `found`.
  float* read(int n, Shard samples, host::AlignedVector<float>& found, const IntegerNetwork* integers);

  // The values of an input that the pass does not copy.
  std::span<const float> given_values(int n) const;

  void read_input(int n, Shard samples);

  // A batch norm that is not folded uses the statistics of the weights.
  void forward(int n, const PassWeights& weights, Shard samples);

  void quantize(int stub, const IntegerConstants& constants, Shard samples);

  // Computes the codes of a step, and the real values that are rounded to them: for layers their accumulators times
  // the scale, else the float operator on the real values of the operands.
  void run_unrounded_step(int n, const PassWeights& weights, Shard samples);

  std::shared_ptr<const PassPlan> plan_;
  IntegerTensors integers_;  // the real values use its memory too
  std::vector<std::size_t> offsets_, offsets_of_unrounded_;
  const CheckedInputs* inputs_ = nullptr;
  int first_ = 0, samples_ = 0, room_ = 0;
};

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/pass_impl.hpp>
#endif
