// SPDX-License-Identifier: Apache-2.0
// One pass over a network: its tensors, and the walk over its nodes. Every phase predicts and trains with it.
//
// The plan decides what the pass keeps. Most plans reuse the memory of a tensor after its last reader. A plan for
// training keeps every tensor for `backward`. The tensors belong to the pass, not to the model.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include <quench/host/aligned.hpp>
#include <quench/host/fake_quantize/requantize_pass.hpp>
#include <quench/execution/codes.hpp>
#include <quench/training/inputs.hpp>
#include <quench/training/operators.hpp>
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
  explicit Pass(std::shared_ptr<const PassPlan> plan) : plan_(std::move(plan)) {
    integers_.assign(plan_->roots(), plan_->bytes_of_integers());
  }

  const PassPlan& plan() const { return *plan_; }
  const Graph& graph() const { return plan_->graph(); }
  std::size_t bytes() const { return integers_.bytes(); }
  int samples() const { return samples_; }
  std::size_t sample_size(int n) const { return index(graph().nodes[n].shape.elements()); }

  /// Allocates for samples [shard.begin, shard.end) of these inputs, which must outlive the pass, or `forget_inputs`.
  void begin(const CheckedInputs& inputs, Shard shard) {
    inputs_ = &inputs;
    first_ = shard.begin;
    resize(shard.count());
  }
  void forget_inputs() { inputs_ = nullptr; }

  /// Allocates for this many samples.
  void resize(int samples) {
    samples_ = samples;
    if (samples_ <= room_) return;
    offsets_ = plan_->offsets_of_reals(samples_);
    offsets_of_unrounded_ = plan_->offsets_of_unrounded(samples_);
    integers_.place(plan_->offsets_of_integers(samples_), plan_->bytes(samples_));
    room_ = samples_;
  }

  /// The real values of a node, beginning with a sample of the pass.
  const float* reals(int n, int sample = 0) const {
    const int root = plan_->root(n);
    if (const std::span<const float> given = given_values(root); !given.empty())
      return given.data() + sample_size(root) * index(first_ + sample);
    return reinterpret_cast<const float*>(integers_.memory() + offsets_[index(root)]) +
           sample_size(root) * index(sample);
  }
  float* written_reals(int n, int sample) { return const_cast<float*>(reals(n, sample)); }
  std::span<const float> all_reals(int n) const { return {reals(n), sample_size(n) * index(samples_)}; }

  /// The real values that a step rounds to codes.
  float* unrounded(int n, int sample = 0) {
    return reinterpret_cast<float*>(integers_.memory() + offsets_of_unrounded_[index(n)]) +
           sample_size(n) * index(sample);
  }
  std::span<const float> all_unrounded(int n) { return {unrounded(n), sample_size(n) * index(samples_)}; }
  IntegerTensors& integers() { return integers_; }

  /// Computes a node for some samples of the pass. `integers_are_there`: the integers of its step are already computed.
  /// Threads may share the samples of one node. The next node may overwrite what this one reads. So it must wait for
  /// all threads, unless the plan keeps every node.
  void run_node(int n, const PassWeights& weights, Shard samples, bool integers_are_there = false) {
    const Node& node = graph().nodes[n];
    if (plan_->root(n) != n || samples.count() == 0) return;
    if (node.op == Operator::Input) return read_input(n, samples);
    if (!plan_->is_integer(n)) return forward(n, weights, samples);
    const IntegerConstants& constants = weights.integers->constants();
    if (node.op == Operator::QuantStub)
      quantize(n, constants, samples);
    else if (plan_->has_unrounded(n))
      run_unrounded_step(n, weights, samples);
    else if (!integers_are_there)
      weights.integers->run_step(n, integers_, samples);
    if (plan_->has_reals(n))
      execution::dequantize_codes(graph(), constants, n, integers_, samples, written_reals(n, samples.begin));
  }

  void run(const PassWeights& weights, Shard samples) {
    for (int n = 0; n < graph().node_count; ++n) run_node(n, weights, samples);
  }
  void run(const PassWeights& weights) { run(weights, {0, samples_}); }

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

  /// Computes a float operator for some samples of the pass, with these parameters. A batch norm as `affine_forward`.
  void forward(int n, const LayerParameters& layer, Shard samples, const IntegerNetwork* integers = nullptr) {
    thread_local Operands operands;
    training::forward(call(n, samples, operands, integers), layer);
  }

 protected:
  /// The operands of a call, and the real values that the pass does not keep.
  struct Operands {
    std::vector<Operand> list;
    std::vector<host::AlignedVector<float>> found;
  };

  /// The call of a node for some samples. The output of a step that rounds is its unrounded values.
  Call call(int n, Shard samples, Operands& operands, const IntegerNetwork* integers) {
    const Node& node = graph().nodes[n];
    operands.list.clear();
    operands.found.resize(std::max(operands.found.size(), index(node.operand_count) + 1));
    for (int i = 0; i < node.operand_count; ++i) {
      const int x = graph().operand(node, i);
      operands.list.push_back({read(x, samples, operands.found[index(i)], integers), nullptr, graph().nodes[x].shape});
    }
    float* const y =
        plan_->has_unrounded(n) ? unrounded(n, samples.begin) : read(n, samples, operands.found.back(), integers);
    return {&node, samples.count(), operands.list.data(), {y, nullptr, node.shape}};
  }

 private:
  // The real values of a node's samples: those of the pass, or the integers as real values in `found`.
  float* read(int n, Shard samples, host::AlignedVector<float>& found, const IntegerNetwork* integers) {
    const int root = plan_->root(n);
    if (!plan_->is_integer(root) || plan_->has_reals(root)) return written_reals(root, samples.begin);
    found.resize(std::max(found.size(), sample_size(root) * index(samples.count())));
    execution::dequantize_codes(graph(), integers->constants(), root, integers_, samples, found.data());
    return found.data();
  }

  // The values of an input that the pass does not copy.
  std::span<const float> given_values(int n) const {
    if (plan_->input(n) < 0 || plan_->has_reals(n) || inputs_ == nullptr) return {};
    return inputs_->of[index(plan_->input(n))].values;
  }

  void read_input(int n, Shard samples) {
    if (!plan_->has_reals(n) || inputs_ == nullptr) return;
    inputs_->of[index(plan_->input(n))].copy(sample_size(n) * index(first_ + samples.begin),
                                             sample_size(n) * index(samples.count()), written_reals(n, samples.begin));
  }

  // A batch norm that is not folded uses the statistics of the weights.
  void forward(int n, const PassWeights& weights, Shard samples) {
    const Node& node = graph().nodes[n];
    const LayerParameters layer = weights.parameters.layer(node.module);
    if (node.op != Operator::BatchNorm2d || plan_->form() != Form::Float)
      return forward(n, layer, samples, weights.integers);
    Operands operands;
    const Call batch_norm = call(n, samples, operands, nullptr);
    if (weights.statistics != nullptr) return batch_norm_forward(batch_norm, layer, (*weights.statistics)[index(n)]);
    const ParametersOfModule& p = weights.parameters.of(node.module);
    in_module(execution::name_of(graph(), n), [&] {
      batch_norm_forward(batch_norm, layer,
                         {weights.parameters[p.running_mean].values, weights.parameters[p.running_variance].values,
                          node.settings.epsilon});
    });
  }

  void quantize(int stub, const IntegerConstants& constants, Shard samples) {
    const int x = graph().operand(graph().nodes[stub], 0);
    const std::size_t count = sample_size(stub) * index(samples.count());
    if (plan_->takes_input(stub)) {
      const std::span<const std::int8_t> codes = inputs_->of[index(plan_->input(x))].codes;
      if (!codes.empty()) {  // an image
        const std::int8_t* const from = codes.data() + sample_size(stub) * index(first_ + samples.begin);
        if (constants.dtype(stub) == DType::Int16)
          std::copy_n(from, count, integers_.of<std::int16_t>(stub, samples.begin));
        else
          std::copy_n(from, count, integers_.of<std::int8_t>(stub, samples.begin));
        return;
      }
    }
    const float* const values = reals(x, samples.begin);
    if (plan_->has_unrounded(stub)) std::copy_n(values, count, unrounded(stub, samples.begin));
    in_module(execution::name_of(graph(), stub), [&] {
      execution::quantize_codes(constants, stub, {values, count}, integers_, samples.begin);
    });
  }

  // Computes the codes of a step, and the real values that are rounded to them: for layers their accumulators times
  // the scale, else the float operator on the real values of the operands.
  void run_unrounded_step(int n, const PassWeights& weights, Shard samples) {
    const IntegerNetwork& network = *weights.integers;
    float* const y = unrounded(n, samples.begin);
    const std::size_t size = sample_size(n) * index(samples.count());
    if (network.has_accumulators(n)) {
      thread_local std::vector<std::int32_t> accumulators;
      accumulators.resize(size);
      network.run_accumulators(n, integers_, samples, accumulators.data());
      const device::StepConstants& c = network.constants().step(n);
      const std::vector<float>& scales = network.constants().layer(n).accumulator_scales;
      const host::RequantizePass pass{size,         static_cast<int>(scales.size()), c.requantization, c.low, c.high,
                                      scales.data()};
      if (plan_->dtype(n) == DType::Int8)
        host::requantize_pass(pass, accumulators.data(), integers_.of<std::int8_t>(n, samples.begin), y);
      else
        host::requantize_pass(pass, accumulators.data(), integers_.of<std::int16_t>(n, samples.begin), y);
    } else {
      network.run_step(n, integers_, samples);
      forward(n, weights, samples);
    }
    const Operator fused = execution::fused_activation(graph(), n);
    if (fused != Operator::Input) host::float_clamp(y, y, size, execution::upper_bound(fused));
  }

  std::shared_ptr<const PassPlan> plan_;
  IntegerTensors integers_;  // the real values use its memory too
  std::vector<std::size_t> offsets_, offsets_of_unrounded_;
  const CheckedInputs* inputs_ = nullptr;
  int first_ = 0, samples_ = 0, room_ = 0;
};

}  // namespace quench::training
