// SPDX-License-Identifier: Apache-2.0
// `diagnose_overfitting(model, training, validation)`: whether a float model has memorized its samples. Then no scale
// helps.
//
//   const auto health = quench::diagnose_overfitting(model, training_batches, validation_batches);
//   if (health.verdict() == quench::OverfittingVerdict::Overfitted) std::cout << health;
//
// Only data that the model has not been trained with can show it. So the verdict comes from the gap between the
// accuracies alone, and from an interval for it (accuracy_gap.hpp). Without validation data there is no verdict.
//
// The vendor's guide lists three more signs: the output changes a lot when the input changes slightly; weights are
// large; activations are large. A network can memorize its samples and show none of them, and weight decay alone makes
// the largest weight many times the typical one. So they are findings of their own. They say what makes the network
// hard to quantize. Each is relative to what is usual, so it does not depend on the units of the data.
#pragma once

#include <algorithm>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <quench/flow/evaluate.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/report/accuracy_gap.hpp>
#include <quench/report/agreement.hpp>
#include <quench/report/table.hpp>

namespace quench {

namespace overfitting_limit {

/// The largest ordinary ratio of the output's relative change to the input's. A network that is smooth near its data
/// passes noise on by a factor of about 1 or less: noise averages out in sums, and the signal does not.
inline constexpr double amplification = 5;
/// The largest ordinary ratio of a layer's largest weight to its typical one. Of a million normal values the largest is
/// 7 times the median; of Laplace values 20 times. At 32, int8 leaves the typical weight four codes.
inline constexpr double weight_spread = 32;
/// The same for activations, which have longer tails: at 128, int8 makes the typical value 1 code or none.
inline constexpr double activation_spread = 128;
/// The largest ordinary lead of the training accuracy: every trained model does a little better on its own samples.
inline constexpr double accuracy_gap = 0.1;

}  // namespace overfitting_limit

/// The settings of `diagnose_overfitting`.
struct OverfittingOptions {
  double input_change = 0.01;  // noise on the input, root mean square, as a share of that of the input
  Seed seed{};                 // of the noise
  OutputIndex output{};        // whose classes are compared with the labels
};

/// How large the values of a tensor are.
struct Magnitude {
  std::string module;
  double largest = 0;
  double typical = 0;  // median of the magnitudes that are not 0; of activations its mean over the batches

  double spread() const { return typical > 0 ? largest / typical : 0; }
};

/// What the data given can show.
enum class OverfittingVerdict {
  Overfitted,     // the whole interval of the gap is above `overfitting_limit::accuracy_gap`
  NotOverfitted,  // the whole interval is at or below the limit
  NotShown,       // the limit is inside the interval: more samples are needed
  NotKnowable     // no validation data
};

/// Why a network is hard to quantize. It is no sign of overfitting by itself.
struct HealthFinding {
  enum class Kind { InputChange, Weights, Activations };
  Kind kind = Kind::InputChange;
  std::string module;  // empty for the whole network
  std::string text;    // what is wrong, why it matters, what to do
};

/// The verdict and the findings. As text: both, with the measured values after them.
struct OverfittingReport {
  double input_change = 0;             // relative, root mean square
  double output_change = 0;            // the same for the output that changes most
  std::vector<Magnitude> weights;      // of each layer with weights
  std::vector<Magnitude> activations;  // after layers and functionals, including their batch norm and ReLU
  std::optional<TrainingMetric> training, validation;

  double amplification() const { return input_change > 0 ? output_change / input_change : 0; }
  /// Training accuracy minus validation accuracy; nothing without validation data.
  std::optional<AccuracyGap> gap() const;
  OverfittingVerdict verdict() const;
  std::vector<HealthFinding> findings() const;

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const OverfittingReport& report) { return out << report.text(); }
};

namespace detail {

/// The magnitude of the values of a module.
/// Errors   value-not-finite, with the module
Magnitude magnitude_of(std::string module, std::span<const float> values);

std::vector<Magnitude> weight_magnitudes(const Graph& graph, const training::Parameters& parameters);

/// The nodes whose activations are measured. Functions with a bounded range are not; their operands are.
std::vector<int> activation_nodes(const Graph& graph);

std::vector<float> real_values(const phases::InputValues& input);

/// Inputs with uniform noise, whose root mean square is a share of that of each input.
phases::CheckedInputs with_noise(const phases::CheckedInputs& inputs, double share, training::Random& random);

template <class Net>
void check_options(const OverfittingOptions& options) {
  flow::check_output<Net>(options.output);
  if (!(options.input_change > 0 && options.input_change <= 1))
    throw Error(diagnosis::value_out_of_range,
                "input_change is " + tensors::text(options.input_change) + ", needed above 0 and at most 1");
}

/// Calls f(). Says in an Error which data it is about.
template <class F>
void in_data(const std::string& name, const F& f) {
  try {
    f();
  } catch (const Error& error) {
    throw error.with_evidence("of the " + name + " data");
  }
}

/// The report without the accuracies.
template <class Net, class Batches>
OverfittingReport measure_overfitting(const phases::FloatCore& core, const Batches& batches,
                                      const OverfittingOptions& options, const Progress& progress) {
  const Graph& network = graph<Net>;
  OverfittingReport report;
  report.weights = weight_magnitudes(network, core.parameters());
  const std::vector<int> nodes = activation_nodes(network);
  std::vector<int> looked_at(index(network.node_count), -1);  // the measured activation of each node, or -1
  for (const int n : nodes) {
    looked_at[index(execution::end_of_unfolded_step(network, n))] = static_cast<int>(report.activations.size());
    report.activations.push_back({execution::name_of(network, n)});
  }
  const auto output_size = [&](int i) { return index(network.nodes[network.outputs[i]].shape.elements()); };
  training::Random random(options.seed);
  Agreement inputs_agree;
  std::vector<Agreement> outputs_agree(index(network.output_count));
  double passes = 0;
  flow::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    const phases::CheckedInputs inputs = phases::check_batch<Net>(batch);
    const phases::CheckedInputs noisy = with_noise(inputs, options.input_change, random);
    for (std::size_t i = 0; i < inputs.of.size(); ++i) inputs_agree.add(real_values(inputs.of[i]), noisy.of[i].values);
    // A typical value is that of a whole batch.
    std::vector<std::vector<float>> outputs(index(network.output_count)), noisy_outputs = outputs;
    phases::run_node_by_node(core.plan_for(phases::output_nodes(network)), core.weights(), core.pool(), inputs, false,
                             [&](const phases::Pass& pass, int n) {
                               if (const int i = looked_at[index(n)]; i >= 0) {
                                 Magnitude& activation = report.activations[index(i)];
                                 const Magnitude found = magnitude_of(activation.module, pass.all_reals(n));
                                 activation.largest = std::max(activation.largest, found.largest);
                                 activation.typical += found.typical;
                               }
                               if (n + 1 < network.node_count) return;
                               for (int i = 0; i < network.output_count; ++i) {
                                 const std::span<const float> values = pass.all_reals(network.outputs[i]);
                                 outputs[index(i)].assign(values.begin(), values.end());
                               }
                             });
    std::vector<float*> to;
    for (int i = 0; i < network.output_count; ++i) {
      noisy_outputs[index(i)].resize(output_size(i) * index(inputs.samples));
      to.push_back(noisy_outputs[index(i)].data());
    }
    core.predict(noisy, [&](const phases::Pass& pass, Shard samples) { phases::copy_outputs(pass, samples, to); });
    for (std::size_t i = 0; i < outputs.size(); ++i)
      in_module("output " + std::to_string(i), [&] { outputs_agree[i].add(outputs[i], noisy_outputs[i]); });
    ++passes;
  });
  for (Magnitude& magnitude : report.activations) magnitude.typical /= passes;
  report.input_change = inputs_agree.relative_error();
  for (const Agreement& each : outputs_agree)
    report.output_change = std::max(report.output_change, each.relative_error());
  return report;
}

}  // namespace detail

/// How sensitive a float model is to its input, and how large its values are. The verdict is NotKnowable.
/// Shapes   batches: a range of Batch<Net>, labels are not needed
/// Errors   empty-input, shape-mismatch, index-out-of-range, value-not-finite (with its module), value-out-of-range
///          (options)
template <class Net, class Batches>
OverfittingReport diagnose_overfitting(const FloatModel<Net>& model, const Batches& batches,
                                       const OverfittingOptions& options = {}, const Progress& progress = {}) {
  detail::check_options<Net>(options);
  return detail::measure_overfitting<Net>(model.core(), batches, options, progress);
}

/// Also compares the accuracy on training data with that on validation data. No validation sample may be one that the
/// model has been trained with.
/// Shapes   both with labels, as `evaluate` takes them
/// Errors   as above, with the data that it is about; shape-mismatch also for the number of labels, and for
///          `options.output`; label-out-of-range
template <class Net, class Batches, class Validation>
  requires requires(const Validation& validation) { validation.begin(); }
OverfittingReport diagnose_overfitting(const FloatModel<Net>& model, const Batches& training_batches,
                                       const Validation& validation_batches, const OverfittingOptions& options = {},
                                       const Progress& progress = {}) {
  const auto training = static_cast<std::size_t>(training_batches.size());
  const auto all = 2 * training + static_cast<std::size_t>(validation_batches.size());
  const auto told_from = [&](std::size_t before) -> Progress {
    if (!progress) return {};
    return [&progress, before, all](std::size_t done, std::size_t) { progress(before + done, all); };
  };
  detail::check_options<Net>(options);
  OverfittingReport report;
  detail::in_data("validation",
                  [&] { report.validation = monitor(model, validation_batches, options.output, told_from(0)); });
  detail::in_data("training", [&] {
    const std::size_t validation = all - 2 * training;
    auto measured = detail::measure_overfitting<Net>(model.core(), training_batches, options, told_from(validation));
    measured.validation = report.validation;
    measured.training = monitor(model, training_batches, options.output, told_from(validation + training));
    report = std::move(measured);
  });
  return report;
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/overfitting_impl.hpp>
#endif
