// SPDX-License-Identifier: Apache-2.0
// Which tensors a pass has, real values and integers, and their places in memory.
//
// A tensor lives from the node that computes it to the last node that reads it; kept tensors live to the end of the
// pass. In float every node has real values. With integers, only DeQuantStubs and nodes outside the stubs do. In
// training every tensor lives to the end, because `backward` reads it.
#pragma once

#include <span>
#include <vector>

#include <quench/execution/tensor_plan.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/training/form.hpp>

namespace quench::training {

class PassPlan {
 public:
  /// About half of the second-level cache of common CPUs. The tensors of a block of samples should fit in it.
  static constexpr std::size_t block_bytes = std::size_t{1} << 19;

  /// `dtypes` has the dtype of each node if the quantized region is computed on integers, and is empty if all is float.
  /// `kept`: nodes whose values remain valid after the pass.
  PassPlan(const Graph& graph, Form form, std::span<const DType> dtypes, const std::vector<int>& kept);

  /// A plan for training: keeps every tensor, copies the inputs that float operators read or `forward` returns, and has
  /// the values that steps round to codes.
  static PassPlan of_training(const Graph& graph, Form form, std::span<const DType> dtypes);

  PassPlan keeping(const std::vector<int>& kept) const { return PassPlan(*graph_, form_, dtypes_, kept); }

  const Graph& graph() const { return *graph_; }
  Form form() const { return form_; }
  int root(int n) const { return roots_[index(n)]; }
  const std::vector<int>& roots() const { return roots_; }
  /// The number of the input that a node is, or -1.
  int input(int n) const { return inputs_[index(n)]; }

  /// True if a tensor is integers. Indices are, also where all else is float.
  bool is_integer(int n) const {
    return has_indices(n) || (!dtypes_.empty() && graph_->nodes[n].domain == Domain::Quantized);
  }
  bool has_indices(int n) const { return graph_->nodes[n].domain == Domain::Indices; }
  bool has_reals(int n) const { return reals_[index(root(n))] >= 0; }
  /// True if a step rounds values to codes with its own scale, and the plan keeps these values.
  bool has_unrounded(int n) const { return unrounded_[index(n)] >= 0; }
  /// True if a QuantStub reads an input directly, so that it can take the codes of an image.
  bool takes_input(int stub) const { return input(graph_->operand(graph_->nodes[stub], 0)) >= 0; }
  DType dtype(int n) const { return has_indices(n) ? DType::Int32 : dtypes_[index(n)]; }

  /// The offsets of each node's tensors for this number of samples. Valid at roots only.
  std::vector<std::size_t> offsets_of_integers(int samples) const { return offsets(integers_, samples); }
  std::vector<std::size_t> offsets_of_reals(int samples) const { return offsets(reals_, samples); }
  std::vector<std::size_t> offsets_of_unrounded(int samples) const { return offsets(unrounded_, samples); }
  std::vector<std::size_t> bytes_of_integers() const;
  std::size_t bytes(int samples) const { return tensors_.bytes(samples); }

  /// The block size for a batch and a number of threads. Each thread should get several blocks.
  int block(int samples, int threads) const;

 private:
  PassPlan(const Graph& graph, Form form, std::span<const DType> dtypes, const std::vector<int>& kept, bool is_trained);

  // The last reader of each tensor. An alias of a node is a reader.
  void find_readers(std::vector<int>& last_integers, std::vector<int>& last_reals) const;

  std::vector<std::size_t> offsets(const std::vector<int>& tensors, int samples) const;

  const Graph* graph_;
  Form form_;
  std::vector<DType> dtypes_;
  std::vector<int> roots_, inputs_, integers_, reals_, unrounded_;
  TensorPlan tensors_;
};

/// The nodes that a caller of a whole network needs: its outputs, and the integers before its DeQuantStubs.
std::vector<int> output_nodes(const Graph& graph);

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/pass_plan_impl.hpp>
#endif
