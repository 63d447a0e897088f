// SPDX-License-Identifier: Apache-2.0
// The code of report/accuracy.md: each step after the accuracy has fallen.
#include <doctest/doctest.h>
#include <iostream>
#include <sstream>

#include <quench/quench.hpp>

#include "networks/small.hpp"

namespace q = quench;
using small::ResNet;

namespace {

// region observer
using Percentile = q::QConfig<q::FakeQuantize<q::PercentileObserver<>>,                         // of the output
                              q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>;  // of the weight
using ForOutliers = q::QConfigSetter<q::rule::ByName<"block1", Percentile>,  // all modules of this block
                                     q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
// end region

// region int16
using Int16 = q::QConfigSetter<q::rule::ByName<"block1.conv1", q::qconfig::Int8WeightInt16Activation>,
                               q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
// end region

// region learned
using Learned = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::LearnedInt8>>;
// end region

template <class Setter>
auto calibrated_with(q::FloatModel<ResNet>& model, const std::vector<q::Batch<ResNet>>& batches) {
  // region calibrate
  auto calibrated = q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches);
  double accuracy = q::evaluate(q::convert(calibrated), batches);
  // end region
  CHECK(accuracy >= 0);
  return calibrated;
}

}  // namespace

TEST_CASE("page: each step after the accuracy has fallen") {
  const auto training_batches = q::random_labelled_batches<ResNet>(q::Seed{1}, 4, 16),
             validation_batches = q::random_labelled_batches<ResNet>(q::Seed{2}, 4, 16), batches = training_batches;
  q::FloatModel<ResNet> model{q::Seed{7}};
  for (int step = 0; step < 4; ++step) model.forward(training_batches[0].images);  // statistics of batch norms
  auto calibrated = calibrated_with<q::setter::DefaultCalibration>(model, batches);
  auto quantized = q::convert(calibrated);

  std::ostringstream out;
  std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
  // region look
  std::cout << q::diagnose_overfitting(model, training_batches, validation_batches);  // 1: has it memorized?
  std::cout << q::summary(quantized);                                                 // 2: outputs of only 8 bits
  std::cout << q::compare(model, quantized, validation_batches);                      // 3: where it differs
  std::cout << q::sensitivity(calibrated, validation_batches);                        // 4: what costs most
  // end region
  std::cout.rdbuf(before);
  CHECK(out.str().find("SQNR") != std::string::npos);

  calibrated_with<ForOutliers>(model, batches);
  calibrated_with<Int16>(model, batches);
  calibrated_with<q::setter::Int16WhereSupported>(model, batches);

  // region train
  auto qat = q::start_qat<Learned>(calibrated);
  q::Adam adam{.learning_rate = 0.001f, .scales = {.learning_rate = 0.0001f}};
  for (const auto& batch : training_batches) {
    auto loss = q::cross_entropy(qat.forward(batch.images), batch.labels);
    qat.backward(loss.gradient);
    adam.step(qat);
  }
  double accuracy = q::evaluate(q::convert(qat), validation_batches);
  // end region
  CHECK(accuracy >= 0);
}
