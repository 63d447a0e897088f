// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/pass_plan.hpp>

#include <algorithm>
#include <span>

namespace quench::training {

QUENCH_INLINE PassPlan::PassPlan(const Graph& graph, Form form, std::span<const DType> dtypes,
                                 const std::vector<int>& kept)
    : PassPlan(graph, form, dtypes, kept, false) {}

QUENCH_INLINE PassPlan PassPlan::of_training(const Graph& graph, Form form, std::span<const DType> dtypes) {
  return PassPlan(graph, form, dtypes, std::vector<int>(graph.outputs, graph.outputs + graph.output_count), true);
}

QUENCH_INLINE std::vector<std::size_t> PassPlan::bytes_of_integers() const {
  std::vector<std::size_t> bytes(integers_.size());
  for (std::size_t n = 0; n < bytes.size(); ++n)
    if (integers_[n] >= 0)
      bytes[n] = index(graph_->nodes[n].shape.elements()) * index(device::bytes_of(dtype(static_cast<int>(n))));
  return bytes;
}

QUENCH_INLINE int PassPlan::block(int samples, int threads) const {
  const std::size_t one = std::max(bytes(1), std::size_t{1});
  const int in_cache = static_cast<int>(std::clamp(block_bytes / one, std::size_t{1}, std::size_t{1} << 16));
  const int share = threads > 1 ? (samples + 4 * threads - 1) / (4 * threads) : samples;
  return std::max(1, std::min(in_cache, share));
}

QUENCH_INLINE PassPlan::PassPlan(const Graph& graph, Form form, std::span<const DType> dtypes,
                                 const std::vector<int>& kept, bool is_trained)
    : graph_(&graph),
      form_(form),
      dtypes_(dtypes.begin(), dtypes.end()),
      roots_(roots_of(graph, form)),
      inputs_(index(graph.node_count), -1),
      integers_(inputs_),
      reals_(inputs_),
      unrounded_(inputs_) {
  for (int i = 0; i < graph.input_count; ++i) inputs_[index(graph.inputs[i])] = i;
  std::vector<int> last_integers(inputs_.size(), -1), last_reals(inputs_.size(), -1);
  find_readers(last_integers, last_reals);
  for (const int n : kept) {
    const std::size_t root = index(roots_[index(n)]);
    if (is_integer(static_cast<int>(root))) last_integers[root] = graph.node_count;
    if (!is_integer(static_cast<int>(root)) || last_reals[root] >= 0) last_reals[root] = graph.node_count;
  }
  for (int n = 0; n < graph.node_count; ++n) {
    if (root(n) != n) continue;
    const std::size_t at = index(n), elements = index(graph.nodes[n].shape.elements());
    const auto add = [&](std::size_t bytes, int last) {
      return tensors_.add(elements * bytes, n, is_trained ? graph.node_count : std::max(n, last));
    };
    if (is_integer(n)) integers_[at] = add(index(device::bytes_of(dtype(n))), last_integers[at]);
    const bool is_input = graph.nodes[n].op == Operator::Input;
    const bool is_given = is_input && graph.nodes[n].color == ColorFormat::None && !is_trained;  // it is not copied
    if (!is_given && (last_reals[at] >= 0 || (!is_integer(n) && !is_input)))
      reals_[at] = add(sizeof(float), last_reals[at]);
    if (is_trained && is_integer(n) && execution::has_observed_scale(graph, n) && dtypes_[at] != DType::Int32)
      unrounded_[at] = add(sizeof(float), n);
  }
  tensors_.place();
}

QUENCH_INLINE void PassPlan::find_readers(std::vector<int>& last_integers, std::vector<int>& last_reals) const {
  for (int n = 0; n < graph_->node_count; ++n) {
    const Node& node = graph_->nodes[n];
    const bool is_alias = root(n) != n, reads_reals = !is_integer(n) || node.op == Operator::QuantStub;
    for (int i = 0; i < node.operand_count; ++i) {
      if (!is_alias && is_integer(n) && reads_reals && takes_input(n)) continue;
      const int x = root(graph_->operand(node, i));
      (reads_reals && !has_indices(x) ? last_reals : last_integers)[index(x)] = n;
    }
  }
}

QUENCH_INLINE std::vector<std::size_t> PassPlan::offsets(const std::vector<int>& tensors, int samples) const {
  std::vector<std::size_t> result(tensors.size());
  for (std::size_t n = 0; n < tensors.size(); ++n)
    if (tensors[n] >= 0) result[n] = tensors_.offset(tensors[n], samples);
  return result;
}

QUENCH_INLINE std::vector<int> output_nodes(const Graph& graph) {
  std::vector<int> nodes(graph.outputs, graph.outputs + graph.output_count);
  for (int n = 0; n < graph.node_count; ++n)
    if (graph.nodes[n].op == Operator::DeQuantStub) nodes.push_back(graph.operand(graph.nodes[n], 0));
  return nodes;
}

}  // namespace quench::training
