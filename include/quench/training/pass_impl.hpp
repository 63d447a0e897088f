// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/pass.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include <quench/host/fake_quantize/requantize_pass.hpp>
#include <quench/host/float/elementwise.hpp>
#include <quench/tensors/error.hpp>
#include <quench/training/operators.hpp>

namespace quench::training {

QUENCH_INLINE Pass::Pass(std::shared_ptr<const PassPlan> plan) : plan_(std::move(plan)) {
  integers_.assign(plan_->roots(), plan_->bytes_of_integers());
}

QUENCH_INLINE void Pass::begin(const CheckedInputs& inputs, Shard shard) {
  inputs_ = &inputs;
  first_ = shard.begin;
  resize(shard.count());
}

QUENCH_INLINE void Pass::resize(int samples) {
  samples_ = samples;
  if (samples_ <= room_) return;
  room_ = 0;  // until there is memory: an allocation may fail
  offsets_ = plan_->offsets_of_reals(samples_);
  offsets_of_unrounded_ = plan_->offsets_of_unrounded(samples_);
  integers_.place(plan_->offsets_of_integers(samples_), plan_->bytes(samples_));
  room_ = samples_;
}

QUENCH_INLINE const float* Pass::reals(int n, int sample) const {
  const int root = plan_->root(n);
  if (const std::span<const float> given = given_values(root); !given.empty())
    return given.data() + sample_size(root) * index(first_ + sample);
  return reinterpret_cast<const float*>(integers_.memory() + offsets_[index(root)]) + sample_size(root) * index(sample);
}

QUENCH_INLINE float* Pass::unrounded(int n, int sample) {
  return reinterpret_cast<float*>(integers_.memory() + offsets_of_unrounded_[index(n)]) +
         sample_size(n) * index(sample);
}

QUENCH_INLINE void Pass::run_node(int n, const PassWeights& weights, Shard samples, bool integers_are_there) {
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

QUENCH_INLINE void Pass::run(const PassWeights& weights, Shard samples) {
  for (int n = 0; n < graph().node_count; ++n) run_node(n, weights, samples);
}

QUENCH_INLINE void Pass::run_by_rows(const PassWeights& weights, WorkerPool& pool) {
  const Shard all{0, samples_};
  for (int n = 0; n < graph().node_count; ++n) {
    const bool is_step = plan_->root(n) == n && plan_->is_integer(n);
    const int parts = is_step ? std::min(weights.integers->parts(n), 2 * pool.count()) : 1;
    if (parts > 1) pool.run(parts, [&](int part) { weights.integers->run_part(n, integers_, all, part, parts); });
    run_node(n, weights, all, parts > 1);
  }
}

QUENCH_INLINE void Pass::forward(int n, const LayerParameters& layer, Shard samples, const IntegerNetwork* integers) {
  thread_local Operands operands;
  training::forward(call(n, samples, operands, integers), layer);
}

QUENCH_INLINE Call Pass::call(int n, Shard samples, Operands& operands, const IntegerNetwork* integers) {
  const Node& node = graph().nodes[n];
  operands.list.clear();
  operands.found.resize(std::max(operands.found.size(), index(node.operand_count) + 1));
  for (int i = 0; i < node.operand_count; ++i) {
    const int x = graph().operand(node, i);
    if (plan_->has_indices(x))
      operands.list.push_back({nullptr, nullptr, graph().nodes[x].shape, integers_.of<std::int32_t>(x, samples.begin)});
    else
      operands.list.push_back({read(x, samples, operands.found[index(i)], integers), nullptr, graph().nodes[x].shape});
  }
  float* const y =
      plan_->has_unrounded(n) ? unrounded(n, samples.begin) : read(n, samples, operands.found.back(), integers);
  return {&node, samples.count(), operands.list.data(), {y, nullptr, node.shape}};
}

QUENCH_INLINE float* Pass::read(int n, Shard samples, host::AlignedVector<float>& found,
                                const IntegerNetwork* integers) {
  const int root = plan_->root(n);
  if (!plan_->is_integer(root) || plan_->has_reals(root)) return written_reals(root, samples.begin);
  found.resize(std::max(found.size(), sample_size(root) * index(samples.count())));
  execution::dequantize_codes(graph(), integers->constants(), root, integers_, samples, found.data());
  return found.data();
}

QUENCH_INLINE std::span<const float> Pass::given_values(int n) const {
  if (plan_->input(n) < 0 || plan_->has_reals(n) || inputs_ == nullptr) return {};
  return inputs_->of[index(plan_->input(n))].values;
}

QUENCH_INLINE void Pass::read_input(int n, Shard samples) {
  if (plan_->has_indices(n) && inputs_ != nullptr) {
    const std::span<const std::int32_t> indices = inputs_->of[index(plan_->input(n))].indices;
    std::copy_n(indices.begin() + static_cast<std::ptrdiff_t>(sample_size(n)) * (first_ + samples.begin),
                sample_size(n) * index(samples.count()), integers_.of<std::int32_t>(n, samples.begin));
    return;
  }
  if (!plan_->has_reals(n) || inputs_ == nullptr) return;
  inputs_->of[index(plan_->input(n))].copy(sample_size(n) * index(first_ + samples.begin),
                                           sample_size(n) * index(samples.count()), written_reals(n, samples.begin));
}

QUENCH_INLINE void Pass::forward(int n, const PassWeights& weights, Shard samples) {
  const Node& node = graph().nodes[n];
  const LayerParameters layer = weights.parameters.layer(node.module);
  if (family_of(node.op) != Family::BatchNorm || plan_->form() != Form::Float)
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

QUENCH_INLINE void Pass::quantize(int stub, const IntegerConstants& constants, Shard samples) {
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

QUENCH_INLINE void Pass::run_unrounded_step(int n, const PassWeights& weights, Shard samples) {
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

}  // namespace quench::training
