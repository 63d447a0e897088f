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

#include <memory>
#include <numeric>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <quench/flow/progress.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/report/agreement.hpp>

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

  SensitivityRow row(const Graph& graph) const;
};

/// The steps of a calibrated network, the last one first.
std::vector<SensitiveStep> sensitive_steps(const Graph& graph, const std::vector<DType>& dtypes,
                                           const training::Parameters& parameters, const phases::ModelScales& scales);

/// One row for each step; steps of one ratio in the order of `forward`.
Sensitivity most_sensitive_first(const Graph& graph, const std::vector<SensitiveStep>& steps);

/// Computes the nodes from `first` on; those before are already computed. The plan of the pass keeps every node.
void run_sensitive(phases::Pass& pass, int first, const training::Parameters& parameters, WorkerPool& pool,
                   const SensitiveStep* quantized);

}  // namespace detail

/// How much the outputs change if only one module is quantized. The model stays unchanged.
/// Shapes   batches: a range of Batch<Net>, labels are not needed
/// Errors   empty-input, shape-mismatch, index-out-of-range, value-not-finite
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
  return detail::most_sensitive_first(network, steps);
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/sensitivity_impl.hpp>
#endif
