// SPDX-License-Identifier: Apache-2.0
// Passes over a batch: in blocks of samples, or node by node. Every phase predicts with them.
//
// The tensors belong to the pass, not to the model. So `predict` is const, and several threads may call it. A batch is
// computed in blocks of samples whose tensors fit the cache. Each block reuses the memory of the one before.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/phases/batch.hpp>
#include <quench/training/pass.hpp>

namespace quench::phases {

using training::output_nodes;
using training::Pass;
using training::PassPlan;
using training::PassWeights;

/// The passes of one model: a plan, and passes that are reused from call to call. A copy of a model has its own passes.
class Passes {
 public:
  explicit Passes(PassPlan plan) : plan_(std::make_shared<const PassPlan>(std::move(plan))) {}
  Passes(const Passes& other) : plan_(other.plan_) {}
  Passes(Passes&& other) noexcept : plan_(std::move(other.plan_)), kept_(std::move(other.kept_)) {}
  Passes& operator=(Passes other) noexcept;

  const std::shared_ptr<const PassPlan>& plan() const { return plan_; }

  /// Computes a batch in blocks. Threads call `done(pass, samples)` after each block, in any order. Its values are
  /// valid only during the call.
  template <class Done>
  void run(const PassWeights& weights, WorkerPool& pool, const CheckedInputs& inputs, const Done& done) const {
    const bool shares_rows = weights.integers != nullptr && 2 * inputs.samples <= pool.count();
    const int block = plan_->block(inputs.samples, shares_rows ? 1 : pool.count());
    const auto run_block = [&](int i) {
      Lease lease(*this);
      const Shard samples{i * block, i * block + std::min(block, inputs.samples - i * block)};
      Pass& pass = lease.kept->pass;
      pass.begin(inputs, samples);
      if (shares_rows)
        pass.run_by_rows(weights, pool);
      else
        pass.run(weights);
      done(pass, samples);
    };
    const int blocks = 1 + (inputs.samples - 1) / block;
    if (!shares_rows) return pool.run(blocks, run_block);
    for (int i = 0; i < blocks; ++i) run_block(i);
  }

  /// The memory of the passes that are kept.
  std::size_t bytes() const;

 private:
  struct Kept {
    Pass pass;
    std::unique_ptr<Kept> next;
  };

  // A pass for one thread, returned at the end of its life.
  struct Lease {
    explicit Lease(const Passes& from);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();

    const Passes& passes;
    std::unique_ptr<Kept> kept;
  };

  std::shared_ptr<const PassPlan> plan_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Kept> kept_;
};

/// Calls run(samples) for parts of this size. The threads of a pool share the parts.
template <class Run>
void run_parts(WorkerPool& pool, int samples, const Run& run) {
  if (pool.count() == 1) return run(Shard{0, samples});
  pool.run(batch_shards, [&](int i) {
    if (const Shard part = shard_of(samples, i); part.count() > 0) run(part);
  });
}

template <class Run>
void for_each_block(int samples, int block, const Run& run) {
  for (int begin = 0; begin < samples;) {
    const Shard part{begin, begin + std::min(block, samples - begin)};
    run(part);
    begin = part.end;
  }
}

/// Computes a batch in blocks, several at a time with the threads of a pool. Calls compute(slot, samples) with a slot
/// below pool.count(), then done(slot, samples) in the order of the samples.
template <class Compute, class Done>
void run_in_order(const PassPlan& plan, WorkerPool& pool, int samples, const Compute& compute, const Done& done) {
  const int block = plan.block(samples, pool.count());
  for_each_block(samples, block * pool.count(), [&](Shard several) {  // at most 2^16 * 256
    const int slots = 1 + (several.count() - 1) / block;
    const auto samples_of = [&](int slot) {
      return Shard{several.begin + slot * block, std::min(several.begin + (slot + 1) * block, several.end)};
    };
    pool.run(slots, [&](int slot) { compute(slot, samples_of(slot)); });
    for (int slot = 0; slot < slots; ++slot) done(slot, samples_of(slot));
  });
}

/// Computes a batch node by node and calls `done(pass, node)` after each node: once for the whole batch, or from
/// several threads for blocks of samples that fit the cache. Reuses the memory of tensors after their last reader.
template <class Done>
void run_node_by_node(const std::shared_ptr<const PassPlan>& plan, const PassWeights& weights, WorkerPool& pool,
                      const CheckedInputs& inputs, bool in_blocks, const Done& done) {
  const int nodes = plan->graph().node_count;
  if (in_blocks) {
    const int block = plan->block(inputs.samples, pool.count());
    pool.run(1 + (inputs.samples - 1) / block, [&](int i) {
      Pass pass(plan);
      pass.begin(inputs, {i * block, std::min((i + 1) * block, inputs.samples)});
      for (int n = 0; n < nodes; ++n) {
        pass.run_node(n, weights, {0, pass.samples()});
        done(pass, n);
      }
    });
    return;
  }
  Pass pass(plan);
  pass.begin(inputs, {0, inputs.samples});
  for (int n = 0; n < nodes; ++n) {
    run_parts(pool, inputs.samples, [&](Shard part) { pass.run_node(n, weights, part); });
    done(pass, n);
  }
}

void copy_outputs(const Pass& pass, Shard samples, std::span<float* const> to);

}  // namespace quench::phases

#if QUENCH_HEADER_ONLY
#include <quench/phases/pass_impl.hpp>
#endif
