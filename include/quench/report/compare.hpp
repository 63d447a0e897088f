// SPDX-License-Identifier: Apache-2.0
// `compare(float_model, quantized, batches)`: where the integers differ from the float values.
//
//   std::cout << quench::compare(model, quantized, batches);
//
// Both models get the same batches; batch norms of the float model use their running statistics. Each step of the
// integer network is compared with the float value after the batch norm and the ReLU that became part of it. Errors of
// earlier modules add to those of later ones: look for the first module where the ratio drops. A low ratio with many
// saturated codes calls for another observer, one without for int16.
#pragma once

#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <quench/flow/progress.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/phases/float_model.hpp>
#include <quench/phases/quantized_model.hpp>
#include <quench/report/agreement.hpp>
#include <quench/report/held_scales.hpp>
#include <quench/report/low_precision_outputs.hpp>

namespace quench {

/// One step of the integer network, compared with the float model.
struct ComparisonRow {
  std::string module;
  Operator op = Operator::Input;
  DType dtype = DType::Int8;
  double sqnr = 0;           // dB; infinite if there is no difference
  double cosine = 0;         // similarity of all values as one vector
  double largest_error = 0;  // in steps of the scale: at most 0.5 by rounding; many for int32, whose steps are tiny
  double saturation = 0;     // share of codes that are the least or the greatest of the dtype, in [0, 1]
};

/// All modules of the quantized region, in the order of `forward`.
struct Comparison {
  std::vector<ComparisonRow> rows;
  std::vector<HeldScales> held_scales;  // learned scales that training has reduced to the smallest
  std::vector<LowPrecisionOutput> low_precision_outputs;

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const Comparison& comparison) { return out << comparison.text(); }
};

namespace detail {

/// Statistics of one step over all batches.
class StepComparison {
 public:
  /// Compares the integers of a step with the float values, for the samples of a pass.
  void add(const IntegerConstants& constants, int step, phases::Pass& pass, std::span<const float> values);

  ComparisonRow row(const Graph& graph, int step, DType dtype) const;

 private:
  Agreement agreement_;
  double largest_error_ = 0;
  std::size_t saturated_ = 0, count_ = 0;
  std::vector<float> dequantized_;
};

/// True for the step of a module, false for a slice, a permute or a pad, which only move values.
bool is_step_of_module(const Graph& graph, int n);

/// Called with a compared step and the float values of the samples of a pass, in the order of the samples.
using SeeValues = std::function<void(int step, std::span<const float> values)>;

/// The same as `compare`, which shows the float values to `see` too if there is one.
template <class Net, march::March M, Setter S, class Batches>
Comparison compare_and_see(const FloatModel<Net>& float_model, const QuantizedModel<Net, M, S>& quantized,
                           const Batches& batches, const Progress& progress, const SeeValues& see) {
  const Graph& network = graph<Net>;
  const phases::FloatCore& float_core = float_model.core();
  const phases::QuantizedCore& core = quantized.core();
  std::vector<int> steps, ends;  // in the integer network, and the nodes of the float network with their values
  for (int n = 0; n < network.node_count; ++n) {
    if (!is_step_of_module(network, n)) continue;
    steps.push_back(n);
    ends.push_back(execution::end_of_unfolded_step(network, n));
  }
  std::vector<StepComparison> comparisons(steps.size());
  const auto float_plan = float_core.plan_for(ends), plan = core.plan_for(steps);
  flow::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    const phases::CheckedInputs inputs = phases::check_batch<Net>(batch);
    WorkerPool& pool = float_core.pool();
    std::vector<phases::Pass> float_passes, passes;
    for (int slot = 0; slot < pool.count(); ++slot) {
      float_passes.emplace_back(float_plan);
      passes.emplace_back(plan);
    }
    const auto compute = [&](int slot, Shard samples) {
      float_passes[index(slot)].begin(inputs, samples);
      float_passes[index(slot)].run(float_core.weights());
      passes[index(slot)].begin(inputs, samples);
      passes[index(slot)].run(core.weights());
    };
    phases::run_in_order(*float_plan, pool, inputs.samples, compute, [&](int slot, Shard) {
      for (std::size_t i = 0; i < steps.size(); ++i)
        in_module(execution::name_of(network, steps[i]), [&] {
          const std::span<const float> values = float_passes[index(slot)].all_reals(ends[i]);
          comparisons[i].add(core.constants(), steps[i], passes[index(slot)], values);
          if (see) see(steps[i], values);
        });
    });
  });
  Comparison comparison;
  for (std::size_t i = 0; i < steps.size(); ++i)
    comparison.rows.push_back(comparisons[i].row(network, steps[i], core.constants().dtype(steps[i])));
  comparison.held_scales =
      find_held_scales(network, core.parameters(), core.scales(), learned_activations<Net, M, S>());
  comparison.low_precision_outputs = low_precision_outputs<Net, M, S>();
  return comparison;
}

}  // namespace detail

/// Compares a quantized model with the float model that it comes from. Both stay unchanged.
/// Shapes   batches: a range of Batch<Net>, labels are not needed
/// Errors   empty-input, shape-mismatch, index-out-of-range, value-not-finite (with the module where the float model
///          overflows)
template <class Net, march::March M, Setter S, class Batches>
Comparison compare(const FloatModel<Net>& float_model, const QuantizedModel<Net, M, S>& quantized,
                   const Batches& batches, const Progress& progress = {}) {
  return detail::compare_and_see(float_model, quantized, batches, progress, {});
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/compare_impl.hpp>
#endif
