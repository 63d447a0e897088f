// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/evaluate.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/tensors/error.hpp>

namespace {

// The labels that a model gives itself: all of them are right.
template <class Model>
void label(Model& model, std::vector<q::Batch<toy::Net>>& batches) {
  for (auto& batch : batches) {
    const auto y = model.predict(batch.images);
    batch.labels.clear();
    for (std::size_t n = 0; n < y.shape(0); ++n)
      batch.labels.push_back(static_cast<int>(std::max_element(&y(n, 0), &y(n, 0) + 4) - &y(n, 0)));
  }
}

}  // namespace

TEST_CASE("accuracy counts the labels that the integers decide for") {
  auto batches = q::random_batches<toy::Net>(q::Seed{1}, 3, 40);
  q::FloatModel<toy::Net> model{q::Seed{2}};
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  auto quantized = q::convert(calibrated);
  label(quantized, batches);
  q::Accuracy accuracy = q::evaluate(quantized, batches);
  CHECK(accuracy.correct == 120);
  CHECK(accuracy.total == 120);
  for (int i = 0; i < 30; ++i)
    batches[1].labels[static_cast<std::size_t>(i)] = (batches[1].labels[static_cast<std::size_t>(i)] + 1) % 4;
  accuracy = q::evaluate(quantized, batches);
  CHECK(accuracy.correct == 90);
  CHECK(static_cast<double>(accuracy) == 0.75);
  auto qat = q::start_qat(calibrated);
  CHECK(q::monitor(qat, batches).accuracy == 0.75);
  const q::TrainingMetric metric = q::monitor(model, batches);
  CHECK(metric.accuracy > 0.6);
  CHECK(metric.loss > 0);
}

TEST_CASE("accuracies and metrics print themselves, in every locale") {
  std::ostringstream out;
  out << q::Accuracy{9216, 10000} << "; " << q::TrainingMetric{0.922, 0.22144, 10000} << "; " << q::Accuracy{};
  CHECK(out.str() == "92.16 % (9216 of 10000); accuracy 92.20 %, loss 0.2214, 10000 samples; 0.00 % (0 of 0)");
  CHECK(q::Accuracy{3, 4} == 0.75);  // a number in arithmetic
}

TEST_CASE("the loss is the mean over samples, however they are cut into batches") {
  q::FloatModel<toy::Net> model{q::Seed{2}};
  const auto whole = q::random_labelled_batches<toy::Net>(q::Seed{1}, 1, 10);
  const auto part = [&](std::size_t begin, std::size_t end) {
    const auto& [images, labels] = whole[0];
    const std::size_t size = images.size() / images.shape(0);
    q::Batch<toy::Net> batch{
        xt::xtensor<float, 4>({end - begin, 4, 4, 2}),
        {labels.begin() + static_cast<std::ptrdiff_t>(begin), labels.begin() + static_cast<std::ptrdiff_t>(end)}};
    std::copy(images.data() + begin * size, images.data() + end * size, batch.images.data());
    return batch;
  };
  const std::vector<q::Batch<toy::Net>> parts{part(0, 1), part(1, 10)};
  CHECK(q::monitor(model, parts).loss == doctest::Approx(q::monitor(model, whole).loss).epsilon(1e-6));
}

TEST_CASE("labels that are too few, or no class, are refused") {
  auto batches = q::random_labelled_batches<toy::Net>(q::Seed{1}, 1, 4);
  q::FloatModel<toy::Net> model{q::Seed{2}};
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  batches[0].labels[2] = 4;
  CHECK_THROWS_WITH_AS(q::evaluate(quantized, batches), doctest::Contains("label 2 is 4, needed one in [0, 4)"),
                       q::Error);
  batches[0].labels.pop_back();
  CHECK_THROWS_WITH_AS(q::monitor(model, batches), doctest::Contains("needed 4 labels, given 3"), q::Error);
  CHECK_THROWS_AS(q::evaluate(quantized, batches, q::OutputIndex{1}), q::Error);
}
