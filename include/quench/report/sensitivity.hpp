// SPDX-License-Identifier: Apache-2.0
// `sensitivity(calibrated, batches)`: how much the outputs lose if only one module is quantized.
//
//   std::cout << quench::sensitivity(calibrated, batches);      // most sensitive first
//
// The network runs in float, and then once more for each module with a scale or weights. That run rounds only this
// module's output and weight, to the codes of calibration, and its outputs are compared with the float outputs. Give
// the first modules of the list int16 (`rule::ByName`) or another observer. The work grows with the square of the
// number of modules; a few batches are enough.
#pragma once

#include <algorithm>
#include <numeric>
#include <ostream>

#include <quench/flow/progress.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/report/agreement.hpp>
#include <quench/report/table.hpp>

namespace quench {

/// The outputs of the network with one module quantized.
struct SensitivityRow {
  std::string module;
  Operator op = Operator::Input;
  DType dtype = DType::Int8;  // of its output; an Int32 output is not rounded, only the weight is
  double sqnr = 0;            // dB, of the output that loses most; infinite if no output changes
  double cosine = 0;          // of the output that loses most
};

/// All modules whose quantization changes the outputs, the most sensitive first.
struct Sensitivity {
  std::vector<SensitivityRow> rows;

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const Sensitivity& sensitivity) {
    return out << sensitivity.text();
  }
};

namespace detail {

/// A step that can be quantized by itself.
struct SensitiveStep {
  int node = 0;
  QParams output;             // without a scale for a high-precision output
  std::vector<float> weight;  // dequantized; empty for operators without weights
  std::vector<Agreement> outputs{};

  SensitivityRow row(const Graph& graph) const {
    SensitivityRow row{execution::name_of(graph, node), graph.nodes[node].op, output.dtype, outputs[0].sqnr(),
                       outputs[0].cosine()};
    for (const Agreement& each : outputs) {
      row.sqnr = std::min(row.sqnr, each.sqnr());
      row.cosine = std::min(row.cosine, each.cosine());
    }
    return row;
  }
};

/// Fake-quantizes values in place.
/// Errors   value-not-finite (NaN)
inline void fake_quantize_in_place(const QParams& qparams, const ChannelLayout& layout, std::span<float> values) {
  const CodeRange codes = code_range(qparams.dtype);
  const host::CodeLimits limits{static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
  const std::vector<float> x(values.begin(), values.end());
  if (!host::fake_quantize(layout, qparams.scales, limits, x.data(), values.data())) tensors::throw_nan(x);
}

/// The steps of a calibrated network, the last one first.
inline std::vector<SensitiveStep> sensitive_steps(const Graph& graph, const std::vector<DType>& dtypes,
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

/// Computes the nodes from `first` on; those before are already computed. The plan of the pass keeps every node.
inline void run_sensitive(phases::Pass& pass, int first, const training::Parameters& parameters, WorkerPool& pool,
                          const SensitiveStep* quantized) {
  phases::run_parts(pool, pass.samples(), [&](Shard part) {
    for (int n = first; n < pass.plan().graph().node_count; ++n)
      run_sensitive_node(pass, n, parameters, part, quantized != nullptr && quantized->node == n ? quantized : nullptr);
  });
}

}  // namespace detail

/// How much the outputs change if only one module is quantized. The model stays unchanged.
/// Shapes   batches: a range of Batch<Net>, labels are not needed
/// Errors   empty-input, shape-mismatch, value-not-finite
template <class Net, march::March M, Setter S, class Batches>
Sensitivity sensitivity(const CalibratedModel<Net, M, S>& calibrated, const Batches& batches,
                        const Progress& progress = {}) {
  const Graph& network = graph<Net>;
  const training::Parameters& parameters = calibrated.core().parameters();
  std::vector<DType> dtypes(index(network.node_count));
  write_dtypes<SetterDecisions<Net, M, S>>(network, dtypes.data());
  std::vector<detail::SensitiveStep> steps = detail::sensitive_steps(
      network, dtypes, parameters,
      phases::find_scales(network, parameters, calibrated.weight_quantizers(), calibrated.activation_scales()));
  WorkerPool& pool = calibrated.core().pool();
  std::vector<int> all(index(network.node_count));  // nodes before a step are computed once
  std::iota(all.begin(), all.end(), 0);
  const auto plan =
      std::make_shared<const phases::PassPlan>(network, training::Form::Quantized, std::span<const DType>(), all);
  std::vector<std::vector<float>> outputs(index(network.output_count));
  flow::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    const phases::CheckedInputs inputs = phases::check_batch<Net>(batch);
    phases::Pass pass(plan);
    phases::for_each_block(inputs.samples, plan->block(inputs.samples, 1) * pool.count(), [&](Shard samples) {
      pass.begin(inputs, samples);
      detail::run_sensitive(pass, 0, parameters, pool, nullptr);
      for (int i = 0; i < network.output_count; ++i) {
        const std::span<const float> values = pass.all_reals(network.outputs[i]);
        outputs[index(i)].assign(values.begin(), values.end());
      }
      for (detail::SensitiveStep& step : steps) {  // from the last one on: nodes before a step are still float
        detail::run_sensitive(pass, step.node, parameters, pool, &step);
        for (int i = 0; i < network.output_count; ++i)
          in_module("output " + std::to_string(i),
                    [&] { step.outputs[index(i)].add(outputs[index(i)], pass.all_reals(network.outputs[i])); });
      }
    });
  });
  Sensitivity result;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) result.rows.push_back(step->row(network));
  std::stable_sort(result.rows.begin(), result.rows.end(),
                   [](const SensitivityRow& a, const SensitivityRow& b) { return a.sqnr < b.sqnr; });
  return result;
}

inline std::string Sensitivity::text() const {
  detail::Table table(2, {"module", "operator", "dtype", "SQNR [dB]", "cosine"});
  for (const SensitivityRow& row : rows)
    table.add({row.module, tensors::text(name_of(row.op)), detail::text(row.dtype), detail::fixed(row.sqnr, 1),
               detail::fixed(row.cosine, 5)});
  return table.text();
}

}  // namespace quench
