// SPDX-License-Identifier: Apache-2.0
// `evaluate(quantized, batches)`: the accuracy to report. `monitor(model, batches)`: how training is getting on.
#pragma once

#include <algorithm>

#include <quench/flow/broken_rule.hpp>
#include <quench/flow/classes.hpp>
#include <quench/flow/progress.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/phases/qat_model.hpp>
#include <quench/phases/quantized_model.hpp>
#include <quench/training/losses.hpp>

namespace quench {

/// How many decisions were right. As a number it is their share, in [0, 1].
struct Accuracy {
  std::size_t correct = 0;
  std::size_t total = 0;

  double value() const { return total == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(total); }
  operator double() const { return value(); }  // NOLINT: implicit, it is a number
};

/// What is watched during training. It is not the accuracy of what ships: that is `evaluate`.
struct TrainingMetric {
  double accuracy = 0;  // share of right decisions, in [0, 1]
  double loss = 0;      // mean cross-entropy of the output as logits
};

/// Which output is judged.
struct OutputIndex {
  int value = 0;
};

namespace detail {

template <class Net>
constexpr const Shape& output_shape(int output) {
  return graph<Net>.nodes[graph<Net>.outputs[output]].shape;
}

template <class Net>
void check_output(OutputIndex output) {
  if (output.value < 0 || output.value >= graph<Net>.output_count)
    throw Error(diagnosis::shape_mismatch, "needed an output below " + std::to_string(graph<Net>.output_count) +
                                               ", given " + std::to_string(output.value));
}

template <class Phase, class Net>
struct RuleForAccuracy {
  using type = misuse::accuracy_of_qat_model<Phase>;
};

}  // namespace detail

/// The accuracy of a quantized model: for each label, whether the class that the integers decide for is that one.
/// Shapes   output [N, ..., classes], labels: one for each sample, or for each position of each sample
/// Errors   empty-input, shape-mismatch, value-not-finite; accuracy-of-qat-model (compile time)
template <class Net, march::March M, Setter S, class Batches>
Accuracy evaluate(QuantizedModel<Net, M, S>& model, const Batches& batches, OutputIndex output = {},
                  const Progress& progress = {}) {
  detail::check_output<Net>(output);
  const detail::IntegerClasses map(graph<Net>, model.core().constants(), output.value);
  Accuracy accuracy;
  detail::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    detail::with_inputs<Net>(
        batch, [&](const auto&... inputs) { model.core().run(detail::check_inputs(graph<Net>, inputs...)); });
    const std::vector<int> classes = detail::integer_classes(model.core(), map, output.value);
    accuracy.correct +=
        detail::count_correct(classes, batch.labels, detail::output_shape<Net>(output.value).channels());
    accuracy.total += classes.size();
  });
  return accuracy;
}
template <class Net, march::March M, Setter S, class Batches>
Accuracy evaluate(QuantizedModel<Net, M, S>&& model, const Batches& batches, OutputIndex output = {},
                  const Progress& progress = {}) {
  return evaluate(model, batches, output, progress);
}
template <class Net, march::March M, Setter S, class Batches>
Accuracy evaluate(const QuantizedModel<Net, M, S>& model, const Batches& batches, OutputIndex output = {},
                  const Progress& progress = {}) {
  return evaluate(QuantizedModel<Net, M, S>(model), batches, output, progress);
}

/// Of a model that does not ship: does not compile.
template <class Net, class... Arguments>
Accuracy evaluate(const FloatModel<Net>&, const Arguments&...) {
  return detail::broken<typename detail::RuleForAccuracy<phase::FloatModel, Net>::type, Accuracy>();
}
template <class Net, march::March M, Setter S, class... Arguments>
Accuracy evaluate(const PreparedModel<Net, M, S>&, const Arguments&...) {
  return detail::broken<typename detail::RuleForAccuracy<phase::PreparedModel, Net>::type, Accuracy>();
}
template <class Net, march::March M, Setter S, class... Arguments>
Accuracy evaluate(const CalibratedModel<Net, M, S>&, const Arguments&...) {
  return detail::broken<typename detail::RuleForAccuracy<phase::CalibratedModel, Net>::type, Accuracy>();
}
template <class Net, march::March M, Setter S, class... Arguments>
Accuracy evaluate(const QatModel<Net, M, S>&, const Arguments&...) {
  return detail::broken<typename detail::RuleForAccuracy<phase::QatModel, Net>::type, Accuracy>();
}

/// How a model that is trained does on some batches, as it is used later: batch norms by their running statistics,
/// observers at rest. Works for FloatModel, PreparedModel, CalibratedModel and QatModel.
/// Shapes   as evaluate
/// Errors   empty-input, shape-mismatch, value-not-finite
template <class Model, class Batches>
TrainingMetric monitor(Model& model, const Batches& batches, OutputIndex output = {}, const Progress& progress = {}) {
  using Net = typename Model::Network;
  detail::check_output<Net>(output);
  const Shape& shape = detail::output_shape<Net>(output.value);
  std::size_t correct = 0, total = 0;
  double loss = 0;
  detail::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    detail::with_inputs<Net>(batch, [&](const auto&... inputs) { model.predict(inputs...); });
    const std::span<const float> values = model.core().output(output.value);
    std::vector<int> classes;
    if constexpr (requires { model.core().integers(); })
      classes = detail::integer_classes(
          model.core(), detail::IntegerClasses(graph<Net>, model.core().network().constants(), output.value),
          output.value);
    else
      classes = detail::float_classes(shape, values);
    correct += detail::count_correct(classes, batch.labels, shape.channels());
    auto logits = make_result<xt::xtensor<float, 2>>(
        detail::batch_extents(Shape(shape.channels()), static_cast<int>(classes.size())));
    std::copy(values.begin(), values.end(), logits.data());
    loss += cross_entropy(logits, batch.labels).value * static_cast<double>(classes.size());
    total += classes.size();
  });
  return {static_cast<double>(correct) / static_cast<double>(total), loss / static_cast<double>(total)};
}

}  // namespace quench
