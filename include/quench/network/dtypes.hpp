// SPDX-License-Identifier: Apache-2.0
// The dtypes of a network: a dtype table gives that of each module, `write_dtypes` that of each tensor. Freestanding.
#pragma once

#include <concepts>

#include <quench/network/graph.hpp>
#include <quench/types/dtype.hpp>

namespace quench {

/// A dtype table. `of(m)` is called for modules that take a qconfig, and returns the dtype of their output.
template <class T>
concept DTypeTable = requires(int module) {
  { T::of(module) } -> std::same_as<DType>;
};

/// The dtype table without a setter: int8 everywhere.
struct Int8Everywhere {
  static constexpr DType of(int) { return DType::Int8; }
};

/// The dtype of each node's output. Other operators keep that of their input. Indices are int32.
template <DTypeTable Table>
constexpr void write_dtypes(const Graph& graph, DType* dtypes) {
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    if (node.domain == Domain::Indices)
      dtypes[n] = DType::Int32;
    else if (node.domain != Domain::Quantized)
      dtypes[n] = DType::Float32;
    else if (takes_qconfig(node.op) && node.module >= 0)
      dtypes[n] = Table::of(node.module);
    else
      dtypes[n] = dtypes[graph.operand(node, 0)];
  }
}

}  // namespace quench
