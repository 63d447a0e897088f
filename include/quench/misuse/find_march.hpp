// SPDX-License-Identifier: Apache-2.0
// Finds operator-not-supported-by-march and int16-not-supported. Freestanding.
#pragma once

#include <quench/misuse/find_arithmetic.hpp>
#include <quench/network/dtypes.hpp>
#include <quench/types/march.hpp>

namespace quench::misuse {

template <march::March March>
constexpr void find_operator_mistakes(const Graph& graph, Findings& findings) {
  const auto is_missing = [](const Node& node) {
    return node.domain == Domain::Quantized && !March::supports(node.op);
  };
  add_once_per_module(graph, findings, is_missing,
                      [&](const Node& node) { return Finding(Mistake::OperatorNotSupportedByMarch, graph, node); });
}

/// `dtypes` comes from `write_dtypes`.
template <march::March March>
constexpr void find_dtype_mistakes(const Graph& graph, const DType* dtypes, Findings& findings) {
  const auto is_refused = [&](const Node& node) {
    if (node.domain != Domain::Quantized || node.module < 0) return false;
    int int16_inputs = 0;
    for (int i = 0; i < node.operand_count; ++i) int16_inputs += dtypes[graph.operand(node, i)] == DType::Int16;
    if (dtypes[&node - graph.nodes] == DType::Int16 && !March::gives_int16_output(node.op)) return true;
    if (node.op == Operator::MatMul && int16_inputs > March::int16_matmul_operands) return true;
    return int16_inputs > 0 && !March::takes_int16_input(node.op);
  };
  add_once_per_module(graph, findings, is_refused,
                      [&](const Node& node) { return Finding(Mistake::Int16NotSupported, graph, node); });

  const auto overflows = [&](const Node& node) {
    return node.domain == Domain::Quantized && dtypes[graph.operand(node, 0)] == DType::Int16 &&
           !may_overflow(graph, node, DType::Int8) && may_overflow(graph, node, DType::Int16);
  };
  add_once_per_module(graph, findings, overflows, [&](const Node& node) {
    Finding finding(Mistake::AccumulatorMayOverflow, graph, node);
    finding.number = detail::accumulator_depth(graph, node);
    return finding;
  });
}

}  // namespace quench::misuse
