// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/summary.hpp>

#include <algorithm>
#include <cstring>

#include <quench/report/table.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE long long mac_count(const Graph& graph, const Node& node) {
  const Settings& s = node.settings;
  const long long taps = static_cast<long long>(s.kernel_size.height) * s.kernel_size.width;
  const auto outputs = static_cast<long long>(node.shape.elements());
  if (!row_of(node.op).has_accumulator) return 0;
  if (family_of(node.op) == Family::Convolution) return outputs * taps * (s.in_channels / s.groups);
  if (family_of(node.op) == Family::TransposedConvolution)
    return graph.operand_node(node, 0).shape.elements() * taps * (s.out_channels / s.groups);
  if (node.op == Operator::ChannelAffine) return outputs;
  return outputs * graph.operand_node(node, 0).shape.channels();  // a linear, a matmul
}

QUENCH_INLINE ParameterSizes::ParameterSizes(const training::Parameters& parameters, const Node& node) {
  if (node.module < 0 || !is_trained(node.op)) return;
  const training::ParametersOfModule& of = parameters.of(node.module);
  if (of.weight >= 0) weight = static_cast<long long>(parameters[of.weight].values.size());
  if (of.bias >= 0) bias = static_cast<long long>(parameters[of.bias].values.size());
}

QUENCH_INLINE std::string text_of_scales(const std::vector<float>& scales) {
  if (scales.empty()) return "";
  const auto [least, greatest] = std::minmax_element(scales.begin(), scales.end());
  const std::string low = short_text(static_cast<double>(*least)), high = short_text(static_cast<double>(*greatest));
  return low == high ? low : low + " to " + high;
}

QUENCH_INLINE std::string text_of(const std::vector<Int16Fallback>& fallbacks) {
  if (fallbacks.empty()) return "";
  std::string text = "\nint8 where int16 was asked for:\n";
  for (const Int16Fallback& fallback : fallbacks)
    text += "  " + fallback.module + ": " + fallback.because +
            (fallback.because == fallback.module ? " cannot give int16\n" : " cannot take int16\n");
  return text;
}

}  // namespace detail

QUENCH_INLINE std::string Summary::text() const {
  detail::Table table(3, {"module", "operator", "output", "parameters", "MACs", "dtype", "scale"});
  for (const SummaryRow& row : rows)
    table.add({row.module, tensors::text(name_of(row.op)), detail::text(row.shape), detail::grouped(row.parameters),
               detail::grouped(row.macs), detail::text(row.dtype), detail::text_of_scales(row.scales)});
  std::string text = table.text() + "\nparameters            " + detail::grouped(parameters) +
                     "\nMACs                  " + detail::grouped(macs) + "\nfloat weight bytes    " +
                     detail::grouped(float_weight_bytes) + "\ninteger weight bytes  " +
                     detail::grouped(integer_weight_bytes) + "\n";
  if (arena_bytes) text += "arena bytes           " + detail::grouped(*arena_bytes) + "\n";
  return text + detail::text_of(int16_fallbacks) + detail::text_of(low_precision_outputs) +
         detail::text_of_held_scales(held_scales);
}

}  // namespace quench
