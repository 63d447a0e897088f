// SPDX-License-Identifier: Apache-2.0
// Runs the integer steps of a network on the host, for a batch of samples.
//
// Layers with weights, matmuls and most other steps have vector kernels (host/). Every other step runs the device code
// (device/engine.hpp) sample by sample. Both give the same integers.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <quench/device/memory_plan.hpp>
#include <quench/execution/constants.hpp>
#include <quench/execution/tensor_plan.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/host/aligned.hpp>
#include <quench/host/workers.hpp>

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
      if (!device::has_tensor(graph, n)) continue;
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

/// A network of integers, ready to run. A run is const; the caller gives the buffers.
class IntegerNetwork {
 public:
  IntegerNetwork(const Graph& graph, StepFunction step_function, IntegerConstants constants);
  IntegerNetwork(IntegerNetwork&& other) noexcept;
  IntegerNetwork& operator=(IntegerNetwork&& other) noexcept;
  ~IntegerNetwork();

  const Graph& graph() const { return *graph_; }
  const IntegerConstants& constants() const { return constants_; }

  /// Replaces the constants; the dtypes are the same.
  void set_constants(IntegerConstants constants);

  /// Runs one step on some samples. Several threads may run different samples.
  void run_step(int n, IntegerTensors& tensors, Shard samples) const;

  /// The number of parts of a step that threads may share.
  int parts(int n) const;
  void run_part(int n, IntegerTensors& tensors, Shard samples, int part, int parts) const;

  /// True if `run_accumulators` supports the step.
  bool has_accumulators(int n) const;

  /// The int32 accumulators of a layer with weights, including the bias.
  void run_accumulators(int n, IntegerTensors& tensors, Shard samples, std::int32_t* accumulators) const;

  void run(IntegerTensors& tensors, Shard samples) const;

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  int operand(int n, int i = 0) const { return graph_->operand(graph_->nodes[n], i); }
  void pack(int n);
  template <class Y>
  void run_packed(int n, IntegerTensors& tensors, Shard samples) const;
  template <class Y>
  void multiply_matrices(int n, IntegerTensors& tensors, Shard samples) const;
  template <class T>
  bool run_vectors(int n, IntegerTensors& tensors, Shard samples) const;

  struct Packed;  // the layers that have vector kernels
  const Graph* graph_;
  StepFunction run_step_;
  IntegerConstants constants_;
  std::unique_ptr<Packed> packed_;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/execution/integer_network_impl.hpp>
#endif
