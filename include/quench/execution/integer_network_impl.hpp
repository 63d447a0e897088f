// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/execution/integer_network.hpp>

#include <algorithm>
#include <optional>

#include <quench/execution/packed_layer.hpp>
#include <quench/execution/tabled_step.hpp>
#include <quench/execution/vector_steps.hpp>

namespace quench {

struct IntegerNetwork::Packed {
  std::vector<std::optional<PackedLayer>> layers;
  std::vector<std::optional<TabledStep>> functions;
};

QUENCH_INLINE IntegerNetwork::IntegerNetwork(const Graph& graph, StepFunction step_function, IntegerConstants constants)
    : graph_(&graph), run_step_(step_function), constants_(std::move(constants)), packed_(std::make_unique<Packed>()) {
  packed_->layers.resize(at(graph.node_count));
  packed_->functions.resize(at(graph.node_count));
  for (int n = 0; n < graph.node_count; ++n) pack(n);
}
QUENCH_INLINE IntegerNetwork::IntegerNetwork(IntegerNetwork&& other) noexcept = default;
QUENCH_INLINE IntegerNetwork& IntegerNetwork::operator=(IntegerNetwork&& other) noexcept = default;
QUENCH_INLINE IntegerNetwork::~IntegerNetwork() = default;

QUENCH_INLINE void IntegerNetwork::set_constants(IntegerConstants constants) {
  constants_ = std::move(constants);
  for (int n = 0; n < graph_->node_count; ++n) pack(n);
}

template <class Y>
void IntegerNetwork::run_packed(int n, IntegerTensors& tensors, Shard samples) const {
  const device::StepConstants& c = constants_.step(n);
  if (has_accumulators(n))
    return packed_->layers[at(n)]->run(samples.count(), tensors.of(operand(n), samples.begin),
                                       tensors.of<Y>(n, samples.begin));
  if constexpr (!std::is_same_v<Y, std::int32_t>)
    if (packed_->functions[at(n)])
      return packed_->functions[at(n)]->run(samples.count(), tensors.of(operand(n), samples.begin),
                                            tensors.of<Y>(n, samples.begin));
  if (graph_->nodes[n].op == Operator::MatMul) return multiply_matrices<Y>(n, tensors, samples);
  if (family_of(graph_->nodes[n].op) == Family::Move)
    return execution::move_values(*graph_, n, samples.count(), tensors.of<Y>(operand(n), samples.begin),
                                  tensors.of<Y>(n, samples.begin));
  if constexpr (!std::is_same_v<Y, std::int32_t>) {
    if (family_of(graph_->nodes[n].op) == Family::Lookup)
      return execution::look_rows_up(*graph_, n, c, samples.count(),
                                     tensors.of<std::int32_t>(operand(n), samples.begin),
                                     tensors.of<Y>(n, samples.begin));
    if (run_vectors<Y>(n, tensors, samples)) return;
  }
  const Node& node = graph_->nodes[n];
  thread_local std::vector<unsigned char*> addresses;
  addresses.resize(at(graph_->node_count));
  for (int sample = samples.begin; sample < samples.end; ++sample) {
    for (int i = 0; i < node.operand_count; ++i)
      addresses[at(graph_->operand(node, i))] = tensors.of(graph_->operand(node, i), sample);
    addresses[at(n)] = tensors.of(n, sample);
    run_step_(addresses.data(), c, n);
  }
}

template <class Y>
void IntegerNetwork::multiply_matrices(int n, IntegerTensors& tensors, Shard samples) const {
  const auto with = [&]<class A, class B>(const A* a, const B* b) {
    execution::multiply_matrices(*graph_, n, constants_.step(n), samples.count(), a, b,
                                 tensors.of<Y>(n, samples.begin));
  };
  const auto with_left = [&]<class A>(const A* a) {
    if (constants_.dtype(operand(n, 1)) == DType::Int16)
      with(a, tensors.of<std::int16_t>(operand(n, 1), samples.begin));
    else
      with(a, tensors.of<std::int8_t>(operand(n, 1), samples.begin));
  };
  if (constants_.dtype(operand(n)) == DType::Int16)
    with_left(tensors.of<std::int16_t>(operand(n), samples.begin));
  else
    with_left(tensors.of<std::int8_t>(operand(n), samples.begin));
}

// Steps without weights. Operands of a narrower type are widened first.
template <class T>
bool IntegerNetwork::run_vectors(int n, IntegerTensors& tensors, Shard samples) const {
  const Node& node = graph_->nodes[n];
  if (!execution::VectorStep<T>::serves(node)) return false;
  for (int i = 0; i < node.operand_count; ++i)
    if (device::bytes_of(constants_.dtype(operand(n, i))) > static_cast<int>(sizeof(T))) return false;
  thread_local std::vector<const T*> operands;
  thread_local std::vector<host::AlignedVector<T>> widened;
  operands.clear();
  widened.resize(std::max(widened.size(), at(node.operand_count)));
  for (int i = 0; i < node.operand_count; ++i) {
    const int x = operand(n, i);
    operands.push_back(tensors.of<T>(x, samples.begin));
    if (constants_.dtype(x) == constants_.dtype(n)) continue;
    host::AlignedVector<T>& to = widened[at(i)];
    const std::size_t size = at(graph_->nodes[x].shape.elements()) * at(samples.count());
    to.resize(std::max(to.size(), size));
    host::clamp(tensors.of<std::int8_t>(x, samples.begin), to.data(), size, INT32_MIN, INT32_MAX);
    operands.back() = to.data();
  }
  execution::VectorStep<T>(*graph_, n, constants_.step(n), operands.data(), tensors.of<T>(n, samples.begin),
                           samples.count())
      .run();
  return true;
}

QUENCH_INLINE void IntegerNetwork::run_step(int n, IntegerTensors& tensors, Shard samples) const {
  if (graph_->nodes[n].op == Operator::QuantStub) return;
  switch (constants_.dtype(n)) {
    case DType::Int8: return run_packed<std::int8_t>(n, tensors, samples);
    case DType::Int16: return run_packed<std::int16_t>(n, tensors, samples);
    default: return run_packed<std::int32_t>(n, tensors, samples);
  }
}

QUENCH_INLINE int IntegerNetwork::parts(int n) const {
  return has_accumulators(n) ? packed_->layers[at(n)]->parts() : 1;
}

QUENCH_INLINE void IntegerNetwork::run_part(int n, IntegerTensors& tensors, Shard samples, int part, int parts) const {
  const auto run = [&]<class Y>(Y* y) {
    packed_->layers[at(n)]->run_part(samples.count(), part, parts, tensors.of(operand(n), samples.begin), y);
  };
  switch (constants_.dtype(n)) {
    case DType::Int8: return run(tensors.of<std::int8_t>(n, samples.begin));
    case DType::Int16: return run(tensors.of<std::int16_t>(n, samples.begin));
    default: return run(tensors.of<std::int32_t>(n, samples.begin));
  }
}

QUENCH_INLINE bool IntegerNetwork::has_accumulators(int n) const { return packed_->layers[at(n)].has_value(); }

QUENCH_INLINE void IntegerNetwork::run_accumulators(int n, IntegerTensors& tensors, Shard samples,
                                                    std::int32_t* accumulators) const {
  packed_->layers[at(n)]->run_sums(samples.count(), tensors.of(operand(n), samples.begin), accumulators);
}

QUENCH_INLINE void IntegerNetwork::run(IntegerTensors& tensors, Shard samples) const {
  for (int n = 0; n < graph_->node_count; ++n)
    if (device::is_step(*graph_, n)) run_step(n, tensors, samples);
}

QUENCH_INLINE void IntegerNetwork::pack(int n) {
  const Node& node = graph_->nodes[n];
  if (!device::is_step(*graph_, n) || node.op == Operator::QuantStub) return;
  const device::StepConstants& c = constants_.step(n);
  const DType x_dtype = constants_.dtype(operand(n));
  if (TabledStep::serves(node, x_dtype)) {
    std::optional<TabledStep>& tabled = packed_->functions[at(n)];
    tabled ? tabled->set(c) : static_cast<void>(tabled.emplace(node, x_dtype, c));
    return;
  }
  if (!PackedLayer::serves(node)) return;
  std::optional<PackedLayer>& packed = packed_->layers[at(n)];
  if (packed && packed->fits(c))
    packed->repack(c);
  else
    packed.emplace(*graph_, n, x_dtype, c);
}

}  // namespace quench
