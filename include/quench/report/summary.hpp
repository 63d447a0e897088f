// SPDX-License-Identifier: Apache-2.0
// `summary(model)`: what a network consists of and what it costs, in every phase.
//
//   std::cout << quench::summary(quantized);
//
// One row for each call of `forward`: shapes, parameters and multiply-accumulates. After `prepare` also the dtypes that
// the setter chose, and the scales once they exist. All figures are for one sample.
#pragma once

#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <quench/flow/deploy.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/phases/qat_model.hpp>
#include <quench/report/held_scales.hpp>
#include <quench/report/int16_fallback.hpp>
#include <quench/report/low_precision_outputs.hpp>

namespace quench {

/// One call of `forward`. All figures are for one sample.
struct SummaryRow {
  std::string module;  // its dotted name; for flatten and the like that of the function
  Operator op = Operator::Input;
  Shape shape;  // of the output, without the batch
  long long parameters = 0;
  long long macs = 0;
  DType dtype = DType::Float32;
  std::vector<float> scales;  // of the module's output: none, one, or one for each channel
};

/// The contents and costs of a network. As text: a table and the totals.
struct Summary {
  std::vector<SummaryRow> rows;
  long long parameters = 0;  // trained ones, without running statistics; shared ones count once
  long long macs = 0;        // multiply-accumulates of convs, linears, matmuls and channel affines
  long long float_weight_bytes = 0;
  // Between the stubs: int8 weights, int32 biases (int4 is stored in int8); 4 for a weight of a LayerNorm or RMSNorm, 1
  // or 2 for one of an Embedding.
  long long integer_weight_bytes = 0;
  std::optional<int> arena_bytes;  // RAM for tensors on the device; after `prepare`, for marches with integers
  std::vector<Int16Fallback> int16_fallbacks;
  std::vector<LowPrecisionOutput> low_precision_outputs;
  std::vector<HeldScales> held_scales;  // learned scales that training has reduced to the smallest

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const Summary& summary) { return out << summary.text(); }
};

namespace detail {

/// The multiply-accumulates of a node. Padded zeros count; batch norms and pools do not.
/// Equals   convs and linears: outputs x inputs of each; ConvTranspose2d: inputs x outputs of each; matmul: outputs x
///          depth
long long mac_count(const Graph& graph, const Node& node);

/// The number of values of a module's weight and bias; 0 if there are none, or none any more.
struct ParameterSizes {
  long long weight = 0, bias = 0;

  ParameterSizes(const training::Parameters& parameters, const Node& node);
};

/// The bytes of the weights and biases of a node on a device. A norm of rows has a weight for each value, also without
/// parameters.
inline long long integer_weight_bytes(const Node& node, const ParameterSizes& sizes, DType output) {
  if (row_of(node.op).weight == Weight::Rows)
    return static_cast<long long>(sizeof(kernels::RowWeight)) * extents_of(node.settings).elements() + 4 * sizes.bias;
  if (row_of(node.op).weight == Weight::Table) return (output == DType::Int16 ? 2 : 1) * sizes.weight;
  return has_integer_weights(node.op) ? sizes.weight + 4 * sizes.bias : 0;
}

/// The part that all phases share. `dtypes` has an entry for each node. `scales_of(n)` gives the scales of node n if it
/// owns some. `folded` are the parameters that become integers.
template <class ScalesOf>
Summary make_summary(const Graph& graph, const training::Parameters& parameters, const training::Parameters& folded,
                     const DType* dtypes, ScalesOf scales_of) {
  Summary summary;
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    if (node.op == Operator::Input) continue;
    const ParameterSizes sizes(parameters, node), sizes_of_integers(folded, node);
    const bool is_quantized = node.domain == Domain::Quantized;
    summary.rows.push_back({execution::name_of(graph, n), node.op, node.shape, sizes.weight + sizes.bias,
                            mac_count(graph, node), dtypes[n],
                            is_quantized && owns_output_scale(node.op) ? scales_of(n) : std::vector<float>()});
    summary.macs += summary.rows.back().macs;
    if (is_quantized) summary.integer_weight_bytes += integer_weight_bytes(node, sizes_of_integers, dtypes[n]);
  }
  for (const training::Parameter& parameter : parameters.list())
    if (!parameter.name.ends_with(".running_mean") && !parameter.name.ends_with(".running_var"))
      summary.parameters += static_cast<long long>(parameter.values.size());
  summary.float_weight_bytes = summary.parameters * static_cast<long long>(sizeof(float));
  return summary;
}

/// The same for a model after `prepare`.
template <class Net, march::March M, Setter S, class ScalesOf>
Summary make_quantized_summary(const training::Parameters& folded, ScalesOf scales_of) {
  DType dtypes[array_size(graph<Net>.node_count)]{};
  write_dtypes<SetterDecisions<Net, M, S>>(graph<Net>, dtypes);
  Summary summary = make_summary(graph<Net>, folded, folded, dtypes, scales_of);
  if constexpr (march::Nash<M>) summary.arena_bytes = arena_bytes<Net, M, S>;
  summary.int16_fallbacks = int16_fallbacks<Net, M, S>();
  summary.low_precision_outputs = low_precision_outputs<Net, M, S>();
  return summary;
}

/// The scales of nodes from those of modules, where 0 means none.
inline auto scales_by_module(const Graph& graph, std::vector<float> of_module) {
  return [&graph, of_module = std::move(of_module)](int n) -> std::vector<float> {
    if (is_image_stub(graph, graph.nodes[n])) return {execution::image_scale};
    const float scale = of_module[index(graph.nodes[n].module)];
    return scale > 0 ? std::vector<float>{scale} : std::vector<float>();
  };
}

/// "0.0235"; "0.001 to 0.02" for channels; empty for none.
std::string text_of_scales(const std::vector<float>& scales);

/// The lines of a report, or none.
std::string text_of(const std::vector<Int16Fallback>& fallbacks);

}  // namespace detail

/// The table of a model in any phase.
/// Units    figures are for one sample
/// Errors   none; for a QatModel those of its fake-quantizers, when asked for their scales
template <class Net>
Summary summary(const FloatModel<Net>& model) {
  const training::Parameters& parameters = model.core().parameters();
  const std::vector<DType> dtypes(index(graph<Net>.node_count), DType::Float32);
  return detail::make_summary(graph<Net>, parameters, parameters.folded(graph<Net>), dtypes.data(),
                              [](int) { return std::vector<float>(); });
}
template <class Net, march::March M, Setter S>
Summary summary(const PreparedModel<Net, M, S>& model) {
  return detail::make_quantized_summary<Net, M, S>(model.core().parameters(), [](int) { return std::vector<float>(); });
}
template <class Net, march::March M, Setter S>
Summary summary(const CalibratedModel<Net, M, S>& model) {
  return detail::make_quantized_summary<Net, M, S>(model.core().parameters(),
                                                   detail::scales_by_module(graph<Net>, model.activation_scales()));
}
template <class Net, march::March M, Setter S>
Summary summary(const QatModel<Net, M, S>& model) {
  const phases::ModuleQuantizers& quantizers = model.core().quantizers();
  const training::Parameters& parameters = model.core().parameters();
  phases::ModelScales scales{phases::activation_scales(graph<Net>, quantizers), {}, {}};
  detail::add_learned_weight_scales(parameters, quantizers, scales);
  Summary summary =
      detail::make_quantized_summary<Net, M, S>(parameters, detail::scales_by_module(graph<Net>, scales.activation));
  summary.held_scales =
      detail::find_held_scales(graph<Net>, parameters, scales, detail::learned_activations<Net, M, S>());
  return summary;
}
template <class Net, march::March M, Setter S>
Summary summary(const QuantizedModel<Net, M, S>& model) {
  const training::Parameters& parameters = model.core().parameters();
  Summary summary = detail::make_quantized_summary<Net, M, S>(parameters, [&](int n) {
    const std::span<const float> scales = model.core().constants().scales(n);
    return std::vector<float>(scales.begin(), scales.end());
  });
  summary.held_scales =
      detail::find_held_scales(graph<Net>, parameters, model.core().scales(), detail::learned_activations<Net, M, S>());
  return summary;
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/summary_impl.hpp>
#endif
