// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/instruction_estimate.hpp>

#include <cstring>

#include <quench/report/summary.hpp>
#include <quench/report/table.hpp>

namespace quench {

namespace detail {

/// What a step executes for each product, for each value that it reads, and for each output.
struct InstructionCost {
  double of_product = 0, of_value = 0, of_output = 0;
};
struct InstructionCosts {
  InstructionCost cortex_m4, cortex_m55;
};

// From the counts of `tests/benchmark/kernels` and `tests/benchmark/kernels cortex-m55` at -O2, int8: tests/benchmark/
// README.md, "A Cortex-M4". Convs and depthwise convs have two costs, with the least relative errors over the eight and
// the six shapes of that page. Each other row is the count of its one shape, divided.
inline constexpr InstructionCosts conv_costs{{1.28, 0, 57.3}, {0.149, 0, 27.8}};
inline constexpr InstructionCosts depthwise_costs{{3.07, 0, 32.4}, {1.10, 0, 9.76}};
inline constexpr InstructionCosts linear_costs{{1.87, 0, 0}, {0.264, 0, 0}};
inline constexpr InstructionCosts addition_costs{{0, 0, 15.3}, {0, 0, 4.26}};
inline constexpr InstructionCosts affine_costs{{0, 0, 44.5}, {0, 0, 45.5}};
inline constexpr InstructionCosts prelu_costs{{0, 0, 30.3}, {0, 0, 31.2}};
inline constexpr InstructionCosts comparison_costs{{0, 0, 24.3}, {0, 0, 7.51}};  // of two scales
inline constexpr InstructionCosts product_costs{{0, 0, 14.3}, {0, 0, 4.01}};
inline constexpr InstructionCosts average_costs{{0, 4.16, 0}, {0, 3.00, 0}};
inline constexpr InstructionCosts maximum_costs{{0, 3.59, 0}, {0, 0.88, 0}};
inline constexpr InstructionCosts nearest_costs{{0, 0, 7.18}, {0, 0, 7.18}};
inline constexpr InstructionCosts bilinear_costs{{0, 0, 18.1}, {0, 0, 18.2}};
inline constexpr InstructionCosts permute_costs{{0, 0, 10.2}, {0, 0, 8.17}};
inline constexpr InstructionCosts row_norm_costs{{0, 0, 68.9}, {0, 0, 61.7}};  // an RMSNorm takes 3 % less

/// The costs of a step of int8; null if they were not measured.
inline const InstructionCosts* costs_of(const Graph& graph, const Node& node) {
  const Settings& s = node.settings;
  switch (family_of(node.op)) {
    case Family::Convolution:
      if (s.groups == 1) return &conv_costs;
      return s.groups == s.in_channels && s.groups == s.out_channels ? &depthwise_costs : nullptr;
    case Family::Linear: return &linear_costs;
    case Family::Addition:
      return graph.operand_node(node, 0).shape == graph.operand_node(node, 1).shape ? &addition_costs : nullptr;
    case Family::Product:
      return graph.operand_node(node, 0).shape == graph.operand_node(node, 1).shape ? &product_costs : nullptr;
    case Family::Comparison:
      return graph.operand_node(node, 0).shape == graph.operand_node(node, 1).shape ? &comparison_costs : nullptr;
    case Family::ChannelAffine: return &affine_costs;
    case Family::PReLU: return &prelu_costs;
    case Family::AveragePool: return &average_costs;
    case Family::MaxPool: return &maximum_costs;
    case Family::Upsample: return s.mode == InterpolationMode::Nearest ? &nearest_costs : &bilinear_costs;
    case Family::Move: return node.op == Operator::Permute ? &permute_costs : nullptr;
    case Family::RowNorm: return &row_norm_costs;
    case Family::TransposedConvolution:
    case Family::Clamp:
    case Family::Function:
    case Family::Softmax:
    case Family::ScalarAddition:
    case Family::ScalarProduct:
    case Family::Cat:
    case Family::MatMul:
    case Family::Reduction:
    case Family::Lookup:
    case Family::Input:
    case Family::QuantStub:
    case Family::DeQuantStub:
    case Family::BatchNorm:
    case Family::View:
    case Family::Handle: return nullptr;
  }
  return nullptr;
}

/// The values that a pool reads. Windows that share a map count it once.
inline double values_read(const Graph& graph, const Node& node) {
  const auto& kernel = node.settings.kernel_size;
  if (row_of(node.op).windows != Windows::Sliding) return graph.operand_node(node, 0).shape.elements();
  return static_cast<double>(node.shape.elements()) * kernel.height * kernel.width;
}

QUENCH_INLINE std::vector<InstructionEstimate> instruction_estimates(const Graph& graph,
                                                                     const IntegerConstants& constants) {
  std::vector<InstructionEstimate> estimates;
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    if (!device::is_step(graph, n) || device::is_given(node)) continue;
    bool is_int8 = true;
    for (int i = 0; i < node.operand_count; ++i)
      is_int8 &= constants.dtype(device::step_of(graph, graph.operand(node, i))) == DType::Int8;
    InstructionEstimate estimate{execution::name_of(graph, n), node.op, {}, {}};
    if (const InstructionCosts* costs = is_int8 ? costs_of(graph, node) : nullptr) {
      const auto instructions = [&](const InstructionCost& cost) {
        return cost.of_product * static_cast<double>(mac_count(graph, node)) +
               (cost.of_value > 0 ? cost.of_value * values_read(graph, node) : 0) +
               cost.of_output * node.shape.elements();
      };
      estimate.cortex_m4 = instructions(costs->cortex_m4);
      estimate.cortex_m55 = instructions(costs->cortex_m55);
    }
    estimates.push_back(estimate);
  }
  return estimates;
}

QUENCH_INLINE std::string text_of(const std::vector<InstructionEstimate>& estimates) {
  const auto thousands = [](const std::optional<double>& count) { return count ? fixed(*count / 1000, 1) : "?"; };
  Table table(2, {"module", "operator", "Cortex-M4", "Cortex-M55"});
  double m4 = 0, m55 = 0;
  bool is_complete = true;
  for (const InstructionEstimate& estimate : estimates) {
    table.add({estimate.module, tensors::text(name_of(estimate.op)), thousands(estimate.cortex_m4),
               thousands(estimate.cortex_m55)});
    m4 += estimate.cortex_m4.value_or(0), m55 += estimate.cortex_m55.value_or(0);
    is_complete &= estimate.cortex_m4.has_value();
  }
  table.add({is_complete ? "total" : "total without ?", "", thousands(m4), thousands(m55)});
  return "\ninstructions in thousands: an estimate from counts of kernels at -O2; these are not cycles\n" +
         table.text();
}

}  // namespace detail

}  // namespace quench
