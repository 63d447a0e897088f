// SPDX-License-Identifier: Apache-2.0
// Runs the integer steps of a network on the host, for a batch of samples.
//
// Layers with weights, matmuls and most other steps have vector kernels (host/). Every other step runs the device code
// (device/engine.hpp) sample by sample. Both give the same integers.
#pragma once

#include <algorithm>
#include <optional>

#include <quench/host/workers.hpp>
#include <quench/execution/constants.hpp>
#include <quench/execution/packed_layer.hpp>
#include <quench/execution/tabled_step.hpp>
#include <quench/execution/tensor_plan.hpp>
#include <quench/execution/vector_steps.hpp>
#include <quench/device/memory_plan.hpp>

namespace quench {

/// Runs a step of a network on one sample: device::run_step for its network.
using StepFunction = void (*)(unsigned char* const* tensors, const device::StepConstants& constants, int node);

/// The integers of each node for some samples. Nodes that only rename others have none.
class IntegerTensors {
 public:
  /// Allocates `samples` at every step. Contents may be lost.
  void resize(const Graph& graph, const std::vector<DType>& dtypes, int samples) {
    const auto count = static_cast<std::size_t>(graph.node_count);
    std::vector<int> steps(count);
    std::vector<std::size_t> bytes_of_sample(count), offsets(count);
    std::size_t bytes = 0;
    for (int n = 0; n < graph.node_count; ++n) {
      const auto at = static_cast<std::size_t>(n);
      steps[at] = graph.nodes[n].domain == Domain::Quantized ? device::step_of(graph, n) : n;
      if (!device::is_step(graph, n)) continue;
      bytes_of_sample[at] = static_cast<std::size_t>(graph.nodes[n].shape.elements()) *
                            static_cast<std::size_t>(device::bytes_of(dtypes[at]));
      offsets[at] = bytes;
      bytes += (bytes_of_sample[at] * static_cast<std::size_t>(samples) + TensorPlan::line - 1) / TensorPlan::line *
               TensorPlan::line;
    }
    assign(std::move(steps), std::move(bytes_of_sample));
    place(std::move(offsets), bytes);
  }

  void assign(std::vector<int> steps, std::vector<std::size_t> bytes_of_sample) {
    steps_ = std::move(steps);
    bytes_of_sample_ = std::move(bytes_of_sample);
  }
  /// Sets where the integers of each step begin, in a memory of this many bytes. Contents may be lost.
  void place(std::vector<std::size_t> offsets, std::size_t bytes) {
    offsets_ = std::move(offsets);
    if (bytes > memory_.capacity()) memory_ = host::AlignedVector<unsigned char>();  // before more is allocated
    memory_.resize(bytes);
  }

  /// The integers of a node, beginning with a sample.
  template <class T = unsigned char>
  T* of(int node, int sample = 0) {
    const auto step = static_cast<std::size_t>(steps_[static_cast<std::size_t>(node)]);
    return reinterpret_cast<T*>(memory_.data() + offsets_[step] +
                                bytes_of_sample_[step] * static_cast<std::size_t>(sample));
  }

  unsigned char* memory() { return memory_.data(); }
  const unsigned char* memory() const { return memory_.data(); }
  std::size_t bytes() const { return memory_.size(); }

 private:
  host::AlignedVector<unsigned char> memory_;
  std::vector<std::size_t> offsets_, bytes_of_sample_;
  std::vector<int> steps_;
};

class IntegerNetwork {
 public:
  IntegerNetwork(const Graph& graph, StepFunction step_function, IntegerConstants constants)
      : graph_(&graph),
        run_step_(step_function),
        constants_(std::move(constants)),
        packed_(at(graph.node_count)),
        tabled_(at(graph.node_count)) {
    for (int n = 0; n < graph.node_count; ++n) pack(n);
  }

  const Graph& graph() const { return *graph_; }
  const IntegerConstants& constants() const { return constants_; }

  /// Replaces the constants; the dtypes are the same.
  void set_constants(IntegerConstants constants) {
    constants_ = std::move(constants);
    for (int n = 0; n < graph_->node_count; ++n) pack(n);
  }

  /// Runs one step on some samples. Several threads may run different samples.
  void run_step(int n, IntegerTensors& tensors, Shard samples) const {
    if (graph_->nodes[n].op == Operator::QuantStub) return;
    switch (constants_.dtype(n)) {
      case DType::Int8: return run_packed<std::int8_t>(n, tensors, samples);
      case DType::Int16: return run_packed<std::int16_t>(n, tensors, samples);
      default: return run_packed<std::int32_t>(n, tensors, samples);
    }
  }

  /// The number of parts of a step that threads may share.
  int parts(int n) const { return packed_[at(n)] ? packed_[at(n)]->parts() : 1; }

  void run_part(int n, IntegerTensors& tensors, Shard samples, int part, int parts) const {
    const auto run = [&]<class Y>(Y* y) {
      packed_[at(n)]->run_part(samples.count(), part, parts, tensors.of(operand(n), samples.begin), y);
    };
    switch (constants_.dtype(n)) {
      case DType::Int8: return run(tensors.of<std::int8_t>(n, samples.begin));
      case DType::Int16: return run(tensors.of<std::int16_t>(n, samples.begin));
      default: return run(tensors.of<std::int32_t>(n, samples.begin));
    }
  }

  /// True if `run_accumulators` supports the step.
  bool has_accumulators(int n) const { return packed_[at(n)].has_value(); }

  /// The int32 accumulators of a layer with weights, including the bias.
  void run_accumulators(int n, IntegerTensors& tensors, Shard samples, std::int32_t* accumulators) const {
    packed_[at(n)]->run_sums(samples.count(), tensors.of(operand(n), samples.begin), accumulators);
  }

  void run(IntegerTensors& tensors, Shard samples) const {
    for (int n = 0; n < graph_->node_count; ++n)
      if (device::is_step(*graph_, n)) run_step(n, tensors, samples);
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  int operand(int n, int i = 0) const { return graph_->operand(graph_->nodes[n], i); }

  void pack(int n) {
    const Node& node = graph_->nodes[n];
    if (!device::is_step(*graph_, n) || node.op == Operator::QuantStub) return;
    const device::StepConstants& c = constants_.step(n);
    const DType x_dtype = constants_.dtype(operand(n));
    if (TabledStep::serves(node, x_dtype)) {
      tabled_[at(n)] ? tabled_[at(n)]->set(c) : static_cast<void>(tabled_[at(n)].emplace(node, x_dtype, c));
      return;
    }
    if (!PackedLayer::serves(node)) return;
    std::optional<PackedLayer>& packed = packed_[at(n)];
    if (packed && packed->fits(c))
      packed->repack(c);
    else
      packed.emplace(*graph_, n, x_dtype, c);
  }

  template <class Y>
  void run_packed(int n, IntegerTensors& tensors, Shard samples) const {
    const device::StepConstants& c = constants_.step(n);
    if (has_accumulators(n))
      return packed_[at(n)]->run(samples.count(), tensors.of(operand(n), samples.begin),
                                 tensors.of<Y>(n, samples.begin));
    if constexpr (!std::is_same_v<Y, std::int32_t>)
      if (tabled_[at(n)])
        return tabled_[at(n)]->run(samples.count(), tensors.of(operand(n), samples.begin),
                                   tensors.of<Y>(n, samples.begin));
    if (graph_->nodes[n].op == Operator::MatMul) return multiply_matrices<Y>(n, tensors, samples);
    if constexpr (!std::is_same_v<Y, std::int32_t>)
      if (run_vectors<Y>(n, tensors, samples)) return;
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
  void multiply_matrices(int n, IntegerTensors& tensors, Shard samples) const {
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
  bool run_vectors(int n, IntegerTensors& tensors, Shard samples) const {
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

  const Graph* graph_;
  StepFunction run_step_;
  IntegerConstants constants_;
  std::vector<std::optional<PackedLayer>> packed_;
  std::vector<std::optional<TabledStep>> tabled_;
};

}  // namespace quench
