// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/sensitivity.hpp>

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include <quench/report/table.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE SensitivityRow SensitiveStep::row(const Graph& graph) const {
  SensitivityRow row{execution::name_of(graph, node), graph.nodes[node].op, output.dtype, outputs[0].sqnr(),
                     outputs[0].cosine()};
  for (const Agreement& each : outputs) {
    row.sqnr = std::min(row.sqnr, each.sqnr());
    row.cosine = std::min(row.cosine, each.cosine());
  }
  return row;
}

QUENCH_INLINE Sensitivity most_sensitive_first(const Graph& graph, const std::vector<SensitiveStep>& steps) {
  std::vector<std::pair<SensitivityRow, int>> rows;
  for (const SensitiveStep& step : steps) rows.emplace_back(step.row(graph), step.node);
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.sqnr, a.second) < std::tie(b.first.sqnr, b.second);
  });
  Sensitivity result;
  for (auto& [row, node] : rows) result.rows.push_back(std::move(row));
  return result;
}

/// Fake-quantizes values in place.
/// Errors   value-not-finite (NaN)
inline void fake_quantize_in_place(const QParams& qparams, const ChannelLayout& layout, std::span<float> values) {
  const CodeRange codes = code_range(qparams.dtype);
  const host::CodeLimits limits{static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
  const std::vector<float> x(values.begin(), values.end());
  if (!host::fake_quantize(layout, qparams.scales, limits, x.data(), values.data())) tensors::throw_nan(x);
}

QUENCH_INLINE std::vector<SensitiveStep> sensitive_steps(const Graph& graph, const std::vector<DType>& dtypes,
                                                         const training::Parameters& parameters,
                                                         const phases::ModelScales& scales) {
  std::vector<SensitiveStep> steps;
  for (int n = graph.node_count - 1; n >= 0; --n) {
    const int m = graph.nodes[n].module;
    if (m < 0 || !device::is_step(graph, n) || !owns_output_scale(graph.nodes[n].op)) continue;
    SensitiveStep step{n, {dtypes[index(n)], {}, std::nullopt}, {}};
    if (scales.activation[index(m)] > 0) step.output.scales = {scales.activation[index(m)]};
    const std::vector<float>& of_weight = scales.weight[index(m)];
    if (!of_weight.empty()) {
      step.weight = parameters[parameters.of(m).weight].values;
      fake_quantize_in_place({scales.weight_dtype[index(m)], of_weight, 0},
                             {1, of_weight.size(), step.weight.size() / of_weight.size()}, step.weight);
    }
    step.outputs.resize(index(graph.output_count));
    if (!step.output.scales.empty() || !step.weight.empty()) steps.push_back(std::move(step));
  }
  return steps;
}

/// Computes a node of a network in float for some samples. `quantized`: the quantized step, or none.
inline void run_sensitive_node(phases::Pass& pass, int n, const training::Parameters& parameters, Shard samples,
                               const SensitiveStep* quantized) {
  const Graph& graph = pass.plan().graph();
  const Node& node = graph.nodes[n];
  if (pass.plan().root(n) != n) return;
  if (node.op == Operator::Input) return pass.run_node(n, {parameters}, samples);
  const std::span<float> values(pass.written_reals(n, samples.begin),
                                index(node.shape.elements()) * index(samples.count()));
  training::LayerParameters layer = parameters.layer(node.module);
  if (quantized != nullptr && !quantized->weight.empty()) layer.weight = quantized->weight.data();
  if (node.op == Operator::QuantStub)
    std::copy_n(pass.reals(graph.operand(node, 0), samples.begin), values.size(), values.begin());
  else
    pass.forward(n, layer, samples);
  const Operator fused = execution::fused_activation(graph, n);
  const float high = execution::upper_bound(fused);
  if (fused != Operator::Input)
    for (float& value : values) value = std::min(std::max(value, 0.0f), high);
  if (quantized != nullptr && !quantized->output.scales.empty())
    in_module(execution::name_of(graph, n), [&] {
      fake_quantize_in_place(quantized->output, {1, 1, values.size()}, values);
    });
}

QUENCH_INLINE void run_sensitive(phases::Pass& pass, int first, const training::Parameters& parameters,
                                 WorkerPool& pool, const SensitiveStep* quantized) {
  phases::run_parts(pool, pass.samples(), [&](Shard part) {
    for (int n = first; n < pass.plan().graph().node_count; ++n)
      run_sensitive_node(pass, n, parameters, part, quantized != nullptr && quantized->node == n ? quantized : nullptr);
  });
}

}  // namespace detail

QUENCH_INLINE std::string Sensitivity::text() const {
  detail::Table table(2, {"module", "operator", "dtype", "SQNR [dB]", "cosine"});
  for (const SensitivityRow& row : rows)
    table.add({row.module, tensors::text(name_of(row.op)), detail::text(row.dtype), detail::fixed(row.sqnr, 1),
               detail::fixed(row.cosine, 5)});
  return table.text();
}

}  // namespace quench
