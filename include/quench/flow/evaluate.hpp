// SPDX-License-Identifier: Apache-2.0
// `evaluate(quantized, batches)`: the accuracy to report. `monitor(model, batches)`: the progress of training.
#pragma once

#include <algorithm>
#include <ostream>
#include <string>

#include <quench/flow/broken_rule.hpp>
#include <quench/flow/classes.hpp>
#include <quench/flow/progress.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/phases/qat_model.hpp>
#include <quench/phases/quantized_model.hpp>
#include <quench/training/losses.hpp>

namespace quench {

/// How many decisions were right. Converts to their share, in [0, 1]. As text: "92.16 % (9216 of 10000)". `printf` takes
/// `.value()`; compilers warn of the object itself (-Wformat).
struct Accuracy {
  std::size_t correct = 0;
  std::size_t total = 0;

  double value() const { return total == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(total); }
  operator double() const { return value(); }  // implicit: it is a number

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const Accuracy& accuracy) { return out << accuracy.text(); }
};

/// Metrics to watch in training. `evaluate` gives the accuracy of what ships. As text: "accuracy 92.20 %, loss 0.2214,
/// 10000 samples".
struct TrainingMetric {
  double accuracy = 0;      // share of right decisions, in [0, 1]
  double loss = 0;          // mean cross-entropy of the output as logits
  std::size_t samples = 0;  // not decisions: a sample may have a label for each position

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const TrainingMetric& metric) { return out << metric.text(); }
};

/// The output to evaluate.
struct OutputIndex {
  int value = 0;
};

namespace flow {

/// Errors   shape-mismatch: the network has no such output
template <class Net>
void check_output(OutputIndex output) {
  if (output.value < 0 || output.value >= graph<Net>.output_count)
    throw Error(diagnosis::shape_mismatch, "needed an output below " + std::to_string(graph<Net>.output_count) +
                                               ", given " + std::to_string(output.value));
}

}  // namespace flow

namespace detail {

template <class Net>
constexpr const Shape& output_shape(int output) {
  return graph<Net>.nodes[graph<Net>.outputs[output]].shape;
}

template <class Phase, class Net>
struct RuleForAccuracy {
  using type = misuse::accuracy_of_qat_model<Phase>;
};

}  // namespace detail

/// The accuracy of a quantized model: how often the class that the integers give is the label.
/// Shapes   output [N, ..., classes], labels: one for each sample, or for each position of each sample
/// Errors   empty-input, shape-mismatch, value-not-finite, index-out-of-range, label-out-of-range;
///          accuracy-of-qat-model (compile time)
template <class Net, march::March M, Setter S, class Batches>
Accuracy evaluate(const QuantizedModel<Net, M, S>& model, const Batches& batches, OutputIndex output = {},
                  const Progress& progress = {}) {
  flow::check_output<Net>(output);
  const IntegerConstants& constants = model.core().constants();
  const detail::IntegerClasses map(graph<Net>, constants, output.value);
  const Shape& shape = detail::output_shape<Net>(output.value);
  const std::size_t decisions = detail::decisions(shape);
  Accuracy accuracy;
  flow::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    const phases::CheckedInputs inputs = phases::check_batch<Net>(batch);
    std::vector<int> classes(decisions * index(inputs.samples));
    model.core().predict(inputs, [&](phases::Pass& pass, Shard samples) {
      detail::write_classes(pass, constants, map, output.value, classes.data() + decisions * index(samples.begin));
    });
    accuracy.correct += detail::count_correct(classes, batch.labels, shape.channels());
    accuracy.total += classes.size();
  });
  return accuracy;
}

/// For a model that does not ship: does not compile.
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

/// The metrics of a model on some batches, computed as in `predict`: batch norms use their running statistics, and
/// observers do not observe. Works for FloatModel, PreparedModel, CalibratedModel and QatModel.
/// Shapes   as evaluate
/// Errors   empty-input, shape-mismatch, value-not-finite, index-out-of-range, label-out-of-range
template <class Model, class Batches>
TrainingMetric monitor(const Model& model, const Batches& batches, OutputIndex output = {},
                       const Progress& progress = {}) {
  using Net = typename Model::Network;
  flow::check_output<Net>(output);
  const Shape& shape = detail::output_shape<Net>(output.value);
  const std::size_t elements = index(shape.elements()), decisions = detail::decisions(shape);
  std::size_t correct = 0, total = 0, evaluated = 0;
  double loss = 0;
  flow::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    const phases::CheckedInputs inputs = phases::check_batch<Net>(batch);
    std::vector<int> classes(decisions * index(inputs.samples));
    auto logits = make_result<xt::xtensor<float, 2>>(
        tensors::batch_extents(Shape(shape.channels()), static_cast<int>(classes.size())));
    const auto take_logits = [&](const phases::Pass& pass, Shard samples) {
      const std::span<const float> values = pass.all_reals(graph<Net>.outputs[output.value]);
      std::copy(values.begin(), values.end(), logits.data() + elements * index(samples.begin));
    };
    if constexpr (requires { model.core().integers(); }) {
      const std::shared_ptr<const IntegerNetwork> network = model.core().integers();
      const detail::IntegerClasses map(graph<Net>, network->constants(), output.value);
      model.core().predict(inputs, [&](phases::Pass& pass, Shard samples) {
        take_logits(pass, samples);
        detail::write_classes(pass, network->constants(), map, output.value,
                              classes.data() + decisions * index(samples.begin));
      });
    } else {
      model.core().predict(inputs, take_logits);
      classes = detail::float_classes(shape, {logits.data(), logits.size()});
    }
    correct += detail::count_correct(classes, batch.labels, shape.channels());
    loss += cross_entropy(logits, batch.labels).value * static_cast<double>(classes.size());
    total += classes.size();
    evaluated += index(inputs.samples);
  });
  return {static_cast<double>(correct) / static_cast<double>(total), loss / static_cast<double>(total), evaluated};
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/evaluate_impl.hpp>
#endif
