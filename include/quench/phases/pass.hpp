// SPDX-License-Identifier: Apache-2.0
// One pass over a network: its tensors, and the walk over its nodes. Every phase uses it to predict.
//
// The tensors belong to the pass, not to the model. So `predict` is const, and several threads may call it. A batch is
// computed in blocks of samples whose tensors fit the cache. Each block reuses the memory of the one before.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>

#include <quench/execution/codes.hpp>
#include <quench/phases/batch.hpp>
#include <quench/phases/pass_plan.hpp>
#include <quench/training/operators.hpp>

namespace quench::phases {

/// The weights of a pass, and the network of integers if the plan has integers.
struct PassWeights {
  const training::Parameters& parameters;
  const IntegerNetwork* integers = nullptr;
};

class Pass {
 public:
  explicit Pass(std::shared_ptr<const PassPlan> plan) : plan_(std::move(plan)) {
    integers_.assign(plan_->roots(), plan_->bytes_of_integers());
  }

  const PassPlan& plan() const { return *plan_; }
  std::size_t bytes() const { return integers_.bytes(); }
  int samples() const { return samples_; }

  /// Allocates for samples [shard.begin, shard.end) of these inputs, which must outlive the pass.
  void begin(const CheckedInputs& inputs, Shard shard) {
    inputs_ = &inputs;
    first_ = shard.begin;
    samples_ = shard.count();
    if (samples_ <= room_) return;
    room_ = samples_;
    offsets_ = plan_->offsets_of_reals(room_);
    integers_.place(plan_->offsets_of_integers(room_), plan_->bytes(room_));
  }

  /// The real values of a node, beginning with a sample of the pass.
  const float* reals(int n, int sample = 0) const {
    const int root = plan_->root(n);
    if (const std::span<const float> given = given_values(root); !given.empty())
      return given.data() + size(root) * index(first_ + sample);
    return reinterpret_cast<const float*>(integers_.memory() + offsets_[index(root)]) + size(root) * index(sample);
  }
  std::span<const float> all_reals(int n) const { return {reals(n), size(n) * index(samples_)}; }
  IntegerTensors& integers() { return integers_; }

  /// Computes a node for some samples of the pass. `integers_are_there`: the integers of its step are already computed.
  /// Threads may share the samples of one node. The next node may overwrite what this one reads. So it must wait for
  /// all threads, unless the plan keeps every node.
  void run_node(int n, const PassWeights& weights, Shard samples, bool integers_are_there = false) {
    const Node& node = graph().nodes[n];
    if (plan_->root(n) != n || samples.count() == 0) return;
    if (node.op == Operator::Input) return read_input(n, samples);
    if (!plan_->is_integer(n)) return forward(n, weights.parameters, samples);
    const IntegerConstants& constants = weights.integers->constants();
    if (node.op == Operator::QuantStub)
      quantize(n, constants, samples);
    else if (!integers_are_there)
      weights.integers->run_step(n, integers_, samples);
    if (plan_->has_reals(n))
      execution::dequantize_codes(graph(), constants, n, integers_, samples, written_reals(n, samples.begin));
  }

  void run(const PassWeights& weights) {
    for (int n = 0; n < graph().node_count; ++n) run_node(n, weights, {0, samples_});
  }

  /// Computes all nodes for all samples; threads share the rows of large layers.
  void run_by_rows(const PassWeights& weights, WorkerPool& pool) {
    const Shard all{0, samples_};
    for (int n = 0; n < graph().node_count; ++n) {
      const bool is_step = plan_->root(n) == n && plan_->is_integer(n);
      const int parts = is_step ? std::min(weights.integers->parts(n), 2 * pool.count()) : 1;
      if (parts > 1) pool.run(parts, [&](int part) { weights.integers->run_part(n, integers_, all, part, parts); });
      run_node(n, weights, all, parts > 1);
    }
  }

  /// Computes a float operator for some samples of the pass, with these parameters.
  void forward(int n, const training::LayerParameters& layer, Shard samples) {
    thread_local std::vector<training::Operand> operands;
    training::forward(call(n, samples, operands), layer);
  }
  float* written_reals(int n, int sample) { return const_cast<float*>(reals(n, sample)); }

 private:
  const Graph& graph() const { return plan_->graph(); }
  std::size_t size(int n) const { return index(graph().nodes[n].shape.elements()); }

  // The values of an input that the pass does not copy.
  std::span<const float> given_values(int n) const {
    return plan_->input(n) < 0 ? std::span<const float>() : inputs_->of[index(plan_->input(n))].values;
  }

  void read_input(int n, Shard samples) {
    if (!plan_->has_reals(n) || !given_values(n).empty()) return;
    inputs_->of[index(plan_->input(n))].copy(size(n) * index(first_ + samples.begin), size(n) * index(samples.count()),
                                             written_reals(n, samples.begin));
  }

  training::Call call(int n, Shard samples, std::vector<training::Operand>& operands) {
    const Node& node = graph().nodes[n];
    operands.clear();
    for (int i = 0; i < node.operand_count; ++i) {
      const int x = graph().operand(node, i);
      operands.push_back({reals(x, samples.begin), nullptr, graph().nodes[x].shape});
    }
    return {&node, samples.count(), operands.data(), {written_reals(n, samples.begin), nullptr, node.shape}};
  }

  // A batch norm that is not folded uses its running statistics.
  void forward(int n, const training::Parameters& parameters, Shard samples) {
    const Node& node = graph().nodes[n];
    if (node.op != Operator::BatchNorm2d || plan_->form() != training::Form::Float)
      return forward(n, parameters.layer(node.module), samples);
    std::vector<training::Operand> operands;
    const training::ParametersOfModule& p = parameters.of(node.module);
    in_module(execution::name_of(graph(), n), [&] {
      batch_norm_forward(
          call(n, samples, operands), parameters.layer(node.module),
          {parameters[p.running_mean].values, parameters[p.running_variance].values, node.settings.epsilon});
    });
  }

  void quantize(int stub, const IntegerConstants& constants, Shard samples) {
    const int x = graph().operand(graph().nodes[stub], 0);
    const std::size_t count = size(stub) * index(samples.count());
    if (plan_->takes_input(stub)) {
      const std::span<const std::int8_t> codes = inputs_->of[index(plan_->input(x))].codes;
      if (!codes.empty()) {  // an image
        const std::int8_t* const from = codes.data() + size(stub) * index(first_ + samples.begin);
        if (constants.dtype(stub) == DType::Int16)
          std::copy_n(from, count, integers_.of<std::int16_t>(stub, samples.begin));
        else
          std::copy_n(from, count, integers_.of<std::int8_t>(stub, samples.begin));
        return;
      }
    }
    in_module(execution::name_of(graph(), stub), [&] {
      execution::quantize_codes(constants, stub, {reals(x, samples.begin), count}, integers_, samples.begin);
    });
  }

  std::shared_ptr<const PassPlan> plan_;
  IntegerTensors integers_;  // the real values use its memory too
  std::vector<std::size_t> offsets_;
  const CheckedInputs* inputs_ = nullptr;
  int first_ = 0, samples_ = 0, room_ = 0;

  friend class Passes;
  std::unique_ptr<Pass> next_;
};

/// The passes of one model: a plan, and passes that are reused from call to call. A copy of a model has its own passes.
class Passes {
 public:
  explicit Passes(PassPlan plan) : plan_(std::make_shared<const PassPlan>(std::move(plan))) {}
  Passes(const Passes& other) : plan_(other.plan_) {}
  Passes(Passes&& other) noexcept : plan_(std::move(other.plan_)), kept_(std::move(other.kept_)) {}
  Passes& operator=(Passes other) noexcept {
    plan_ = std::move(other.plan_);
    kept_ = std::move(other.kept_);
    return *this;
  }

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
      lease.pass->begin(inputs, samples);
      if (shares_rows)
        lease.pass->run_by_rows(weights, pool);
      else
        lease.pass->run(weights);
      done(*lease.pass, samples);
    };
    const int blocks = 1 + (inputs.samples - 1) / block;
    if (!shares_rows) return pool.run(blocks, run_block);
    for (int i = 0; i < blocks; ++i) run_block(i);
  }

  /// The memory of the passes that are kept.
  std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    for (const Pass* pass = kept_.get(); pass != nullptr; pass = pass->next_.get()) bytes += pass->bytes();
    return bytes;
  }

 private:
  // A pass for one thread, returned at the end of its life.
  struct Lease {
    explicit Lease(const Passes& from) : passes(from) {
      {
        const std::lock_guard lock(passes.mutex_);
        pass = std::move(passes.kept_);
        if (pass) passes.kept_ = std::move(pass->next_);
      }
      if (!pass) pass = std::make_unique<Pass>(passes.plan_);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      const std::lock_guard lock(passes.mutex_);
      pass->next_ = std::move(passes.kept_);
      passes.kept_ = std::move(pass);
    }

    const Passes& passes;
    std::unique_ptr<Pass> pass;
  };

  std::shared_ptr<const PassPlan> plan_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Pass> kept_;
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

inline void copy_outputs(const Pass& pass, Shard samples, std::span<float* const> to) {
  const Graph& graph = pass.plan().graph();
  for (int i = 0; i < graph.output_count; ++i) {
    const std::span<const float> values = pass.all_reals(graph.outputs[i]);
    std::copy(values.begin(), values.end(),
              to[index(i)] + index(graph.nodes[graph.outputs[i]].shape.elements()) * index(samples.begin));
  }
}

}  // namespace quench::phases
