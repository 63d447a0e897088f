// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/overfitting.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace quench {

namespace detail {

QUENCH_INLINE Magnitude magnitude_of(std::string module, std::span<const float> values) {
  const Range range = in_module(module, [&] { return finite_range(values); });
  Magnitude magnitude{std::move(module), static_cast<double>(range.magnitude()), 0};
  std::vector<float> sizes;
  for (const float value : values)
    if (value != 0) sizes.push_back(std::abs(value));
  if (sizes.empty()) return magnitude;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  magnitude.typical = static_cast<double>(*middle);
  return magnitude;
}

QUENCH_INLINE std::vector<Magnitude> weight_magnitudes(const Graph& graph, const training::Parameters& parameters) {
  std::vector<Magnitude> magnitudes;
  for (int m = 0; m < graph.module_count; ++m) {
    const Module& module = graph.modules[m];
    if (!has_integer_weights(module.op) || module.parameters_from != m) continue;
    magnitudes.push_back(magnitude_of(tensors::text(module.name), parameters[parameters.of(m).weight].values));
  }
  return magnitudes;
}

QUENCH_INLINE std::vector<int> activation_nodes(const Graph& graph) {
  std::vector<int> nodes;
  for (int n = 0; n < graph.node_count; ++n) {
    const Operator op = graph.nodes[n].op;
    if (has_integer_weights(op) || row_of(op).is_functional) nodes.push_back(n);
  }
  return nodes;
}

QUENCH_INLINE std::vector<float> real_values(const phases::InputValues& input) {
  std::vector<float> values(input.size());
  input.copy(0, values.size(), values.data());
  return values;
}

QUENCH_INLINE phases::CheckedInputs with_noise(const phases::CheckedInputs& inputs, double share,
                                               training::Random& random) {
  phases::CheckedInputs noisy;
  noisy.samples = inputs.samples;
  noisy.of.resize(inputs.of.size());
  for (std::size_t i = 0; i < noisy.of.size(); ++i) {
    noisy.of[i].indices = inputs.of[i].indices;  // names, which have no noise
    if (!inputs.of[i].indices.empty()) continue;
    std::vector<float>& values = noisy.of[i].evaluated;
    values = real_values(inputs.of[i]);
    double energy = 0;
    for (const float value : values) energy += static_cast<double>(value) * static_cast<double>(value);
    const auto bound = static_cast<float>(share * std::sqrt(3 * energy / static_cast<double>(values.size())));
    for (float& value : values) value += random.uniform(-bound, bound);
    noisy.of[i].values = values;
  }
  return noisy;
}

inline std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

}  // namespace detail

QUENCH_INLINE std::optional<AccuracyGap> OverfittingReport::gap() const {
  if (!training || !validation) return {};
  return accuracy_gap(*training, *validation);
}

QUENCH_INLINE OverfittingVerdict OverfittingReport::verdict() const {
  const std::optional<AccuracyGap> found = gap();
  if (!found) return OverfittingVerdict::NotKnowable;
  if (found->low > overfitting_limit::accuracy_gap) return OverfittingVerdict::Overfitted;
  if (found->high <= overfitting_limit::accuracy_gap) return OverfittingVerdict::NotOverfitted;
  return OverfittingVerdict::NotShown;
}

QUENCH_INLINE std::vector<HealthFinding> OverfittingReport::findings() const {
  using detail::fixed, detail::percent;
  using enum HealthFinding::Kind;
  std::vector<HealthFinding> found;
  if (amplification() > overfitting_limit::amplification)
    found.push_back({InputChange, "",
                     "the output changes by " + percent(output_change) + " when the input changes by " +
                         percent(input_change) + ", " + fixed(amplification(), 1) + " times as much (the limit is " +
                         fixed(overfitting_limit::amplification, 0) +
                         "). The rounding of a quantized input is such a change. Train with augmented data (noise, "
                         "shifts, brightness)."});
  const auto spread = [&](HealthFinding::Kind kind, const Magnitude& magnitude, double limit, const std::string& what,
                          const std::string& rest) {
    if (magnitude.spread() > limit)
      found.push_back({kind, magnitude.module,
                       "the largest " + what + " is " + fixed(magnitude.spread(), 1) +
                           " times the typical one (the limit is " + fixed(limit, 0) + "). " + rest});
  };
  for (const Magnitude& weight : weights)
    spread(
        Weights, weight, overfitting_limit::weight_spread, "weight",
        "It takes the codes from all others. After training with weight decay that is usual, because weights that "
        "do not matter are nearly 0. If `quench::sensitivity` names this module, train on with `quench::start_qat`.");
  for (const Magnitude& activation : activations)
    spread(Activations, activation, overfitting_limit::activation_spread, "activation",
           "int8 would round the typical one to 1 code or none. Put a BatchNorm2d after the layers that lead here, and "
           "look for outliers in the data.");
  return found;
}

namespace detail {

inline std::string verdict_text(const OverfittingReport& report) {
  const std::optional<AccuracyGap> gap = report.gap();
  if (!gap)
    return "overfitting cannot be known without validation data: a network that has memorized its samples can look "
           "like any other. Write `quench::diagnose_overfitting(model, training_batches, validation_batches)`.\n";
  const std::string measured = percent(report.training->accuracy) + " of the training samples are right, and " +
                               percent(report.validation->accuracy) + " of the validation samples. The gap is " +
                               percent(gap->value) + ", with a confidence of " +
                               fixed(100 * AccuracyGap::confidence, 0) + " % between " + percent(gap->low) + " and " +
                               percent(gap->high) + " (the limit is " + percent(overfitting_limit::accuracy_gap) + ").";
  switch (report.verdict()) {
    case OverfittingVerdict::Overfitted:
      return "overfitted: " + measured +
             " What was learned does not hold for new data. Train with more or augmented data, with weight decay, or "
             "a smaller network, and stop when validation gets worse.\n";
    case OverfittingVerdict::NotOverfitted: return "not overfitted: " + measured + "\n";
    case OverfittingVerdict::NotShown:
      return "overfitting is not shown, nor is its absence: " + measured + " Pass more samples.\n";
    case OverfittingVerdict::NotKnowable: break;
  }
  return {};
}

}  // namespace detail

QUENCH_INLINE std::string OverfittingReport::text() const {
  std::string text = detail::verdict_text(*this);
  const std::vector<HealthFinding> found = findings();
  if (!found.empty()) text += "hard to quantize, which is no sign of overfitting by itself\n";
  for (const HealthFinding& finding : found)
    text += "  " + (finding.module.empty() ? "" : finding.module + ": ") + finding.text + "\n";
  text +=
      "\ninput change   " + detail::percent(input_change) + "\noutput change  " + detail::percent(output_change) + "\n";
  const auto add_metric = [&](const std::optional<TrainingMetric>& metric, const char* name) {
    if (metric)
      text += name + detail::percent(metric->accuracy) + " of " + std::to_string(metric->samples) + ", loss " +
              detail::short_text(metric->loss) + "\n";
  };
  add_metric(training, "training       ");
  add_metric(validation, "validation     ");
  detail::Table table(2, {"module", "values", "largest", "typical", "ratio"});
  const auto add = [&](const std::vector<Magnitude>& magnitudes, const char* kind) {
    for (const Magnitude& each : magnitudes)
      table.add({each.module, kind, detail::short_text(each.largest), detail::short_text(each.typical),
                 detail::fixed(each.spread(), 1)});
  };
  add(weights, "weight");
  add(activations, "activation");
  return text + "\n" + table.text();
}

}  // namespace quench
