// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include <quench/report/overfitting.hpp>

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

QUENCH_INLINE std::vector<OverfittingSymptom> OverfittingReport::symptoms() const {
  using detail::fixed, detail::percent;
  std::vector<OverfittingSymptom> found;
  if (amplification() > overfitting_limit::amplification)
    found.push_back({"", "the output changes by " + percent(output_change) + " when the input changes by " +
                             percent(input_change) + ", " + fixed(amplification(), 1) +
                             " times as much (the limit is " + fixed(overfitting_limit::amplification, 0) +
                             "). The rounding of a quantized input is such a change. Train with augmented data (noise, "
                             "shifts, brightness), with weight decay, or stop earlier."});
  const auto spread = [&](const Magnitude& magnitude, double limit, const std::string& kind, const std::string& rest) {
    if (magnitude.spread() > limit)
      found.push_back({magnitude.module, "the largest " + kind + " is " + fixed(magnitude.spread(), 1) +
                                             " times the typical one (the limit is " + fixed(limit, 0) + "). " + rest});
  };
  for (const Magnitude& weight : weights)
    spread(weight, overfitting_limit::weight_spread, "weight",
           "It takes the codes from all others. Train with weight decay: `quench::Sgd sgd{.learning_rate = 0.05f, "
           ".weight_decay = 1e-4f};`.");
  for (const Magnitude& activation : activations)
    spread(
        activation, overfitting_limit::activation_spread, "activation",
        "int8 would round the typical one to 1 code or none. Put a BatchNorm2d after the layers that lead here, train "
        "with weight decay, and look for outliers in the data.");
  if (training && validation && training->accuracy - validation->accuracy > overfitting_limit::accuracy_gap)
    found.push_back({"", percent(training->accuracy) + " of the training samples are right, but " +
                             percent(validation->accuracy) + " of the validation samples (the limit is a gap of " +
                             percent(overfitting_limit::accuracy_gap) +
                             "). What was learned does not hold for new data. Train with more or augmented data, with "
                             "weight decay, or a smaller network, and stop when validation gets worse."});
  return found;
}

QUENCH_INLINE std::string OverfittingReport::text() const {
  const std::vector<OverfittingSymptom> found = symptoms();
  std::string text = found.empty() ? "no sign of overfitting\n" : "looks overfitted\n";
  for (const OverfittingSymptom& symptom : found)
    text += "  " + (symptom.module.empty() ? "" : symptom.module + ": ") + symptom.text + "\n";
  text +=
      "\ninput change   " + detail::percent(input_change) + "\noutput change  " + detail::percent(output_change) + "\n";
  if (training) text += "training       " + detail::percent(training->accuracy) + "\n";
  if (validation) text += "validation     " + detail::percent(validation->accuracy) + "\n";
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
