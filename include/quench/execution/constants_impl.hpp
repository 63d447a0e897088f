// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/execution/constants.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <quench/execution/functions.hpp>
#include <quench/execution/steps.hpp>
#include <quench/host/fake_quantize/fake_quantize.hpp>
#include <quench/host/fake_quantize/layout.hpp>
#include <quench/network/setter_rules.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/tables.hpp>

namespace quench {

QUENCH_INLINE IntegerConstants::IntegerConstants(const Graph& graph, std::vector<DType> dtypes,
                                                 const QuantizationState& state)
    : graph_(&graph), dtypes_(std::move(dtypes)), steps_(at(graph.node_count)), scales_(at(graph.node_count)) {
  for (int n = 0; n < graph.node_count; ++n) {
    if (graph.nodes[n].domain != Domain::Quantized) continue;
    if (device::is_absorbed(graph, graph.nodes[n]))
      scales_[at(n)] = scales_[at(graph.operand(graph.nodes[n], 0))];
    else
      in_module(execution::name_of(graph, n), [&] { derive(n, state); });
  }
}

QUENCH_INLINE void IntegerConstants::derive(int n, const QuantizationState& state) {
  const Node& node = graph_->nodes[n];
  Step& step = steps_[at(n)];
  float scale = 1;
  if (execution::has_observed_scale(*graph_, n) && dtypes_[at(n)] != DType::Int32)
    scale = checked_scale(state.activation_scales[at(node.module)]);
  scales_[at(n)] = {scale};
  switch (family_of(node.op)) {
    case Family::QuantStub:
      if (is_image_stub(*graph_, node)) scales_[at(n)] = {execution::image_scale};
      break;
    case Family::Convolution:
    case Family::TransposedConvolution:
    case Family::Linear:
    case Family::ChannelAffine: derive_layer(n, state.weights[at(node.module)], scale); break;
    case Family::PReLU:
      step.records = slope_records(scaled(operand(n)), state.weights[at(node.module)].weight, scaled(n));
      break;
    case Family::MatMul: derive_matmul(n); break;
    case Family::Addition:
      step.addition =
          std::make_unique<kernels::Addition>(addition(scaled(operand(n)), scaled(operand(n, 1)), scaled(n)));
      break;
    case Family::ScalarAddition:
      step.scalar_addition = std::make_unique<kernels::ScalarAddition>(
          scalar_addition(scaled(operand(n)), static_cast<double>(node.settings.parameters[0]), scaled(n)));
      break;
    case Family::ScalarProduct:
      scales_[at(n)] = {checked_scale(scales_[at(operand(n))][0] * std::abs(node.settings.parameters[0]))};
      step.constants.is_negative = node.settings.parameters[0] < 0;
      break;
    case Family::Product:
      derive_record(n, scaled(operand(n)).scale * scaled(operand(n, 1)).scale / scaled(n).scale);
      break;
    case Family::Comparison:
      // Codes of int16 do not fit int8 at their scale.
      if (scaled(operand(n)).scale == scaled(operand(n, 1)).scale &&
          !(dtypes_[at(n)] == DType::Int8 &&
            (dtypes_[at(operand(n))] == DType::Int16 || dtypes_[at(operand(n, 1))] == DType::Int16)))
        scales_[at(n)] = scales_[at(operand(n))];
      derive_rescaling(n);
      break;
    case Family::Cat: derive_rescaling(n); break;
    case Family::AveragePool: derive_means(n); break;
    case Family::Reduction:
      derive_record(n, mean_ratio(n, node.op == Operator::Sum ? 1 : x_shape(n).elements() / node.shape.elements()));
      break;
    case Family::Function: derive_lookup(n); break;
    case Family::Softmax:
      step.softmax = std::make_unique<kernels::SoftmaxTables>(
          softmax_tables(scaled(operand(n)).scale,
                         dtypes_[at(operand(n))] == DType::Int8 ? RequantizeFrom::Codes : RequantizeFrom::Accumulators,
                         scaled(n).scale, bits_of(dtypes_[at(n)]), node.shape.channels()));
      break;
    case Family::RowNorm: derive_row_norm(n, state); break;
    case Family::Lookup: derive_rows(n, state.weights[at(node.module)].weight); break;
    case Family::Clamp:
    case Family::MaxPool:
    case Family::Upsample:
    case Family::Move: scales_[at(n)] = scales_[at(operand(n))]; break;  // at the scale of its input
    case Family::Input:
    case Family::DeQuantStub:
    case Family::BatchNorm:
    case Family::View:
    case Family::Handle: break;  // no steps
  }
  derive_clamp(n);
  connect(n);
}

QUENCH_INLINE void IntegerConstants::derive_layer(int n, const LayerWeights& weights, float y_scale) {
  Step& step = steps_[at(n)];
  step.layer = std::make_unique<IntegerLayer>(weights, scales_[at(operand(n))][0], dtypes_[at(operand(n))], y_scale,
                                              dtypes_[at(n)]);
  step.constants.x_shift = step.layer->x_shift;
  if (dtypes_[at(n)] == DType::Int32) scales_[at(n)] = step.layer->accumulator_scales;
}

QUENCH_INLINE void IntegerConstants::derive_matmul(int n) {
  const DType a = dtypes_[at(operand(n))], b = dtypes_[at(operand(n, 1))];
  const int depth = x_shape(n).channels();
  const bool wide_a = a == DType::Int16, wide_b = b == DType::Int16;
  const int shift = wide_a && wide_b   ? 2 * kernels::matmul_shift<std::int16_t, std::int16_t>(depth)
                    : wide_a || wide_b ? kernels::matmul_shift<std::int16_t, std::int8_t>(depth)
                                       : 0;
  const double scale = std::ldexp(scaled(operand(n)).scale * scaled(operand(n, 1)).scale, shift);
  if (dtypes_[at(n)] == DType::Int32)
    scales_[at(n)] = {checked_accumulator_scale(scale)};
  else
    derive_record(n, scale / scaled(n).scale);
}

QUENCH_INLINE void IntegerConstants::derive_row_norm(int n, const QuantizationState& state) {
  const Node& node = graph_->nodes[n];
  const LayerWeights& weights = state.weights[at(node.module)];
  steps_[at(n)].layer_norm =
      std::make_unique<IntegerLayerNorm>(extents_of(node.settings).elements(), weights.weight, weights.bias,
                                         node.settings.epsilon, scales_[at(operand(n))][0], scales_[at(n)][0]);
}

QUENCH_INLINE void IntegerConstants::derive_rows(int n, std::span<const float> table) {
  const auto round = [&]<class Code>(std::vector<Code>& rows) {
    const CodeRange range = code_range(dtypes_[at(n)]);
    rows.resize(table.size());
    host::quantize(host::ChannelLayout{1, 1, table.size()}, scales_[at(n)],
                   host::CodeLimits{static_cast<float>(range.qmin), static_cast<float>(range.qmax)}, table.data(),
                   rows.data());
  };
  if (dtypes_[at(n)] == DType::Int16)
    round(steps_[at(n)].int16_rows);
  else
    round(steps_[at(n)].int8_rows);
}

QUENCH_INLINE void IntegerConstants::derive_record(int n, double ratio) {
  steps_[at(n)].records = {requantization(ratio, bits_of(dtypes_[at(n)]), RequantizeFrom::Accumulators)};
}

QUENCH_INLINE void IntegerConstants::derive_means(int n) {
  const kernels::Pool pool = kernels::pool_of(graph_->nodes[n], x_shape(n));
  const auto counts_of = [](const kernels::PoolAxis& axis) {
    std::set<int> counts;
    for (int output = 0; output < axis.outputs; ++output) counts.insert(axis.count(output));
    return counts;
  };
  std::set<int> counts;
  for (const int rows : counts_of(pool.rows()))
    for (const int columns : counts_of(pool.columns())) counts.insert(rows * columns);
  Step& step = steps_[at(n)];
  for (const int count : counts)
    step.records.push_back(requantization(mean_ratio(n, count), bits_of(dtypes_[at(n)]), RequantizeFrom::Accumulators));
  if (counts.size() > 1) step.counts.assign(counts.begin(), counts.end());
}

QUENCH_INLINE void IntegerConstants::derive_rescaling(int n) {
  for (int i = 0; i < graph_->nodes[n].operand_count; ++i)
    steps_[at(n)].records.push_back(rescaling(scaled(operand(n, i)), scaled(n)));
}

QUENCH_INLINE void IntegerConstants::derive_lookup(int n) {
  Step& step = steps_[at(n)];
  const auto function = [&node = graph_->nodes[n]](double x) { return execution::function_value_of_code(node, x); };
  const double x_scale = scaled(operand(n)).scale, y_scale = scaled(n).scale;
  if (dtypes_[at(operand(n))] == DType::Int16)
    step.piecewise = std::make_unique<kernels::PiecewiseTable>(piecewise_table(function, x_scale, y_scale));
  else if (dtypes_[at(n)] == DType::Int16)
    step.int16_table =
        std::make_unique<std::array<std::int16_t, 256>>(lookup_table<std::int16_t>(function, x_scale, y_scale));
  else
    step.int8_table =
        std::make_unique<std::array<std::int8_t, 256>>(lookup_table<std::int8_t>(function, x_scale, y_scale));
}

QUENCH_INLINE void IntegerConstants::derive_clamp(int n) {
  Operator op = graph_->nodes[n].op;
  if (family_of(op) != Family::Clamp) op = execution::fused_activation(*graph_, n);
  if (family_of(op) != Family::Clamp) return;
  device::StepConstants& constants = steps_[at(n)].constants;
  constants.low = 0;
  if (const int bound = row_of(op).upper_bound; bound > 0)
    constants.high = to_code(static_cast<float>(bound), 1 / scales_[at(n)][0], code_range(dtypes_[at(n)]));
  if (steps_[at(n)].addition) {
    steps_[at(n)].addition->low = constants.low;
    steps_[at(n)].addition->high = constants.high;
  }
}

QUENCH_INLINE void IntegerConstants::derive_multipliers(int n) {
  const std::vector<float>& scales = scales_[at(n)];
  if (scales.size() < 2) return;
  const double largest = static_cast<double>(*std::max_element(scales.begin(), scales.end()));
  for (const float scale : scales)
    steps_[at(n)].multipliers.push_back(
        static_cast<std::uint16_t>(std::floor(static_cast<double>(scale) / largest * 32768 + 0.5)));
}

QUENCH_INLINE void IntegerConstants::connect(int n) {
  derive_multipliers(n);
  Step& step = steps_[at(n)];
  device::StepConstants& constants = step.constants;
  if (step.layer) {
    constants.weight = step.layer->weight.data();
    constants.bias = step.layer->bias.empty() ? nullptr : step.layer->bias.data();
    constants.requantization = step.layer->requantization.empty() ? nullptr : step.layer->requantization.data();
  } else if (!step.records.empty()) {
    constants.requantization = step.records.data();
  }
  constants.counts = step.counts.empty() ? nullptr : step.counts.data();
  constants.addition = step.addition.get();
  constants.scalar_addition = step.scalar_addition.get();
  if (family_of(graph_->nodes[n].op) == Family::Lookup) {
    constants.int8_table = step.int8_rows.empty() ? nullptr : step.int8_rows.data();
    constants.int16_table = step.int16_rows.empty() ? nullptr : step.int16_rows.data();
  } else {
    constants.int8_table = step.int8_table ? step.int8_table->data() : nullptr;
    constants.int16_table = step.int16_table ? step.int16_table->data() : nullptr;
  }
  constants.piecewise = step.piecewise.get();
  constants.softmax = step.softmax.get();
  constants.row_norm = step.layer_norm ? &step.layer_norm->constants : nullptr;
  constants.scales = scales_[at(n)].data();
  constants.scale_count = static_cast<int>(scales_[at(n)].size());
  constants.multipliers = step.multipliers.empty() ? nullptr : step.multipliers.data();
}

}  // namespace quench
