// SPDX-License-Identifier: Apache-2.0
#include <quench/report/overfitting.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <utility>

#include <quench/flow/evaluate.hpp>
#include <quench/training/optimizers.hpp>
#include <quench/tensors/error.hpp>

#include "networks/embeddings.hpp"
#include "networks/operators.hpp"
#include "networks/small.hpp"

namespace q = quench;

namespace {

struct Line {
  using Inputs = q::Inputs<q::Features<2>>;
  q::QuantStub quant;
  q::Linear layer{.in_features = 2, .out_features = 2};
  q::BatchNorm2d norm{.channels = 2};
  q::FloatFunctional shift;
  q::Sigmoid sigmoid;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = shift.add_scalar(norm(layer(quant(x))), 0.5f);
    return std::tuple(dequant(y), dequant(sigmoid(y)));
  }
};

struct Classifier {
  using Inputs = q::Inputs<q::Features<8>>;
  q::QuantStub quant;
  q::Linear first{.in_features = 8, .out_features = 48}, second{.in_features = 48, .out_features = 2};
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(second(relu(first(quant(x))))); }
};

using Values = std::vector<float>;

// Its batch norm is x -> 2 x.
q::FloatModel<Line> line(const Values& weight, const Values& bias) {
  q::FloatModel<Line> model;
  for (const q::ParameterView& parameter : model.parameters()) {
    if (parameter.name == "layer.weight") std::copy(weight.begin(), weight.end(), parameter.values.begin());
    if (parameter.name == "layer.bias") std::copy(bias.begin(), bias.end(), parameter.values.begin());
    if (parameter.name == "norm.weight") std::fill(parameter.values.begin(), parameter.values.end(), 2.0f);
    if (parameter.name == "norm.running_var") std::fill(parameter.values.begin(), parameter.values.end(), 1 - 1e-5f);
  }
  return model;
}

q::Batch<Line> line_batch(const Values& values) {
  q::Batch<Line> result;
  result.images = xt::xtensor<float, 2>::from_shape({values.size() / 2, 2});
  std::copy(values.begin(), values.end(), result.images.begin());
  return result;
}

// Of many samples (1, 1), so that the noise is what it is on average.
std::vector<q::Batch<Line>> ones() { return {line_batch(Values(20000, 1.0f)), line_batch(Values(20000, 1.0f))}; }

template <class Call>
q::Error error_of(Call call) {
  try {
    call();
  } catch (const q::Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {q::diagnosis::empty_input, ""};
}

// The labels are whether the first value is positive, or random.
std::vector<q::Batch<Classifier>> labelled(std::uint64_t seed, int count, bool by_value) {
  auto batches = q::random_labelled_batches<Classifier>(q::Seed{seed}, count, 32);
  for (auto& each : batches)
    for (std::size_t i = 0; i < each.labels.size() && by_value; ++i) each.labels[i] = each.images(i, 0) > 0;
  return batches;
}

q::FloatModel<Classifier> trained(const std::vector<q::Batch<Classifier>>& batches, int epochs) {
  q::FloatModel<Classifier> model{q::Seed{3}};
  q::Adam adam{.learning_rate = 0.01f};
  for (int epoch = 0; epoch < epochs; ++epoch)
    for (const auto& each : batches) {
      const auto logits = model.forward(each.images);
      model.backward(q::cross_entropy(logits, each.labels).gradient);
      adam.step(model);
    }
  return model;
}

template <class Net>
void check_healthy() {
  q::FloatModel<Net> model{q::Seed{3}};
  const auto batches = q::random_batches<Net>(q::Seed{1}, 3, 8);
  for (const auto& each : batches)
    q::phases::with_inputs<Net>(each, [&](const auto&... inputs) { model.forward(inputs...); });
  const q::OverfittingReport report = q::diagnose_overfitting(model, batches);
  CAPTURE(report.text());
  CHECK(report.findings().empty());
}

/// The first `samples` of a batch.
q::Batch<Classifier> few(const q::Batch<Classifier>& from, std::size_t samples) {
  q::Batch<Classifier> result;
  result.images = xt::xtensor<float, 2>::from_shape({samples, 8});
  std::copy_n(from.images.begin(), samples * 8, result.images.begin());
  result.labels.assign(from.labels.begin(), from.labels.begin() + static_cast<std::ptrdiff_t>(samples));
  return result;
}

}  // namespace

TEST_CASE("the change of the output is measured against that of the input") {
  // y = 2 (x0 + x1) + 0.5 = 4.5 and 2 x0 + 0.5 = 2.5: noise of sqrt(4 + 4) and 2 times that of an input.
  const auto smooth = q::diagnose_overfitting(line({1, 1, 1, 0}, {0, 0}), ones());
  CHECK(100 * smooth.input_change == doctest::Approx(1).epsilon(0.01));
  CHECK(smooth.amplification() == doctest::Approx(std::sqrt((8.0 + 4.0) / (4.5 * 4.5 + 2.5 * 2.5))).epsilon(0.02));
  CHECK(smooth.findings().empty());

  // y = 20 (x0 - x1) + 0.5, twice: a small difference of large numbers.
  const auto steep = q::diagnose_overfitting(line({10, -10, 10, -10}, {0, 0}), ones());
  CHECK(steep.amplification() == doctest::Approx(20 * std::sqrt(2.0) / 0.5).epsilon(0.02));
  REQUIRE(steep.findings().size() == 1);
  CHECK(steep.findings()[0].module == "");
  CHECK(steep.findings()[0].kind == q::HealthFinding::Kind::InputChange);

  const auto slighter = q::diagnose_overfitting(line({10, -10, 10, -10}, {0, 0}), ones(), {.input_change = 0.001});
  CHECK(1000 * slighter.input_change == doctest::Approx(1).epsilon(0.01));
  CHECK(slighter.output_change < steep.output_change / 9);
  CHECK(slighter.amplification() == doctest::Approx(steep.amplification()).epsilon(0.03));
}

TEST_CASE("weights and activations are measured against their median") {
  auto batches = std::vector<q::Batch<Line>>{line_batch({1, 0, 2, 0, 3, 0}), line_batch({0, 1, 0, 0})};
  const auto report = q::diagnose_overfitting(line({1, 0, -0.5f, 40}, {0, 0.25f}), batches);
  REQUIRE(report.weights.size() == 1);  // batch norms are none
  CHECK(report.weights[0].module == "layer");
  CHECK(report.weights[0].largest == 40);
  CHECK(report.weights[0].typical == 1);  // of 0.5, 1, 40: zeros do not count
  CHECK(report.weights[0].spread() == 40);
  REQUIRE(report.activations.size() == 2);  // the sigmoid is none
  CHECK(report.activations[0].module == "layer");
  // After the batch norm: 2, -0.5, 4, -1.5, 6, -2.5 in the first batch, 0, 80.5, 0, 0.5 in the second. Medians 2.5, 80.5.
  CHECK(report.activations[0].largest == doctest::Approx(80.5));
  CHECK(report.activations[0].typical == doctest::Approx((2.5 + 80.5) / 2));
  CHECK(report.activations[1].module == "shift");
  CHECK(report.activations[1].largest == doctest::Approx(81));

  bool names_layer = false;
  for (const q::HealthFinding& finding : report.findings())
    names_layer |= finding.module == "layer" && finding.kind == q::HealthFinding::Kind::Weights &&
                   finding.text.find("largest weight is 40.0 times") != std::string::npos;
  CHECK(names_layer);
  CHECK(report.text().find("\n  layer: the largest weight") != std::string::npos);
}

TEST_CASE("a single large activation is a finding, a dead module is none") {
  Values values(2000, 1.0f);
  values[7] = 500;
  const auto outlier =
      q::diagnose_overfitting(line({1, 0, 0, 1}, {0, 0}), std::vector<q::Batch<Line>>{line_batch(values)});
  REQUIRE(outlier.findings().size() == 2);
  CHECK(outlier.findings()[0].module == "layer");
  CHECK(outlier.findings()[0].kind == q::HealthFinding::Kind::Activations);
  CHECK(outlier.findings()[1].module == "shift");
  CHECK(outlier.findings()[1].text.find("largest activation is 400.2 times") != std::string::npos);  // 1000.5 / 2.5
  const auto dead = q::diagnose_overfitting(line({0, 0, 0, 0}, {0, 0}), ones());
  CHECK(dead.findings().empty());
  CHECK(dead.output_change == 0);
  CHECK(dead.weights[0].spread() == 0);
  const auto zeros =
      q::diagnose_overfitting(line({1, 0, 0, 1}, {0, 0}), std::vector<q::Batch<Line>>{line_batch({0, 0})});
  CHECK(zeros.input_change == 0);
  CHECK(zeros.amplification() == 0);
  CHECK(zeros.findings().empty());
}

TEST_CASE("a model that learned random labels by heart is found by validation, and never without") {
  const auto noise = labelled(1, 2, false), fresh_noise = labelled(2, 8, false);
  const auto model = trained(noise, 150);
  const auto report = q::diagnose_overfitting(model, noise, fresh_noise);
  CAPTURE(report.text());
  REQUIRE(report.training);
  CHECK(report.training->accuracy > 0.95);
  CHECK(report.training->samples == 64);
  CHECK(report.validation->accuracy < 0.7);
  CHECK(report.validation->samples == 256);
  CHECK(report.verdict() == q::OverfittingVerdict::Overfitted);
  CHECK(report.gap()->low > q::overfitting_limit::accuracy_gap);
  CHECK(report.text().find("overfitted: ") == 0);

  const auto blind = q::diagnose_overfitting(model, noise);
  CHECK(!blind.gap());
  CHECK(blind.verdict() == q::OverfittingVerdict::NotKnowable);
  CHECK(blind.text().find("overfitting cannot be known without validation data") == 0);
}

TEST_CASE(
    "a model that learned a rule is not overfitted if the samples suffice, and never overfitted if they are few") {
  const auto rule = labelled(1, 32, true), fresh = labelled(2, 64, true);
  const auto model = trained(rule, 10);
  const auto healthy = q::diagnose_overfitting(model, rule, fresh);
  CAPTURE(healthy.text());
  CHECK(healthy.validation->accuracy > 0.95);
  CHECK(healthy.verdict() == q::OverfittingVerdict::NotOverfitted);
  CHECK(healthy.findings().empty());
  CHECK(healthy.text().find("not overfitted: ") == 0);

  // 200 draws of 8 samples: a fixed limit of 0.1 for the measured gap raises many alarms.
  const q::TrainingMetric training = *healthy.training;
  int alarms = 0, above_limit = 0;
  for (std::uint64_t draw = 0; draw < 200; ++draw) {
    const std::vector<q::Batch<Classifier>> eight{few(labelled(100 + draw, 1, true)[0], 8)};
    q::OverfittingReport report;
    report.training = training;
    report.validation = q::monitor(model, eight);
    REQUIRE(report.validation->samples == 8);
    above_limit += report.gap()->value > q::overfitting_limit::accuracy_gap;
    alarms += report.verdict() != q::OverfittingVerdict::NotShown;
  }
  CAPTURE(above_limit);
  CHECK(above_limit > 0);
  CHECK(alarms == 0);
  const auto report = q::diagnose_overfitting(model, rule, std::vector{few(fresh[0], 8)});
  CHECK(report.verdict() == q::OverfittingVerdict::NotShown);
  CHECK(report.text().find("overfitting is not shown, nor is its absence") == 0);
}

TEST_CASE("large weights of a model with much weight decay are a finding of their own, and the advice is not more") {
  const auto rule = labelled(1, 32, true), fresh = labelled(2, 64, true);
  q::FloatModel<Classifier> model{q::Seed{3}};
  q::Sgd sgd{.learning_rate = 0.1f, .weight_decay = 0.005f};
  for (int epoch = 0; epoch < 120; ++epoch)
    for (const auto& each : rule) {
      const auto logits = model.forward(each.images);
      model.backward(q::cross_entropy(logits, each.labels).gradient);
      sgd.step(model);
    }
  const auto report = q::diagnose_overfitting(model, rule, fresh);
  CAPTURE(report.text());
  CHECK(report.verdict() == q::OverfittingVerdict::NotOverfitted);
  const auto findings = report.findings();
  REQUIRE(!findings.empty());
  for (const q::HealthFinding& finding : findings) {
    CHECK(finding.kind == q::HealthFinding::Kind::Weights);
    CHECK(finding.text.find("rain with weight decay") == std::string::npos);
  }
  CHECK(report.text().find("hard to quantize, which is no sign of overfitting by itself\n  first: ") !=
        std::string::npos);
}

TEST_CASE("networks as they begin have no findings, whatever their operators") {
  check_healthy<small::ResNet>();
  check_healthy<small::MobileNet>();
  check_healthy<small::UNet>();
  check_healthy<small::Attention>();
  check_healthy<small::Siamese>();
  check_healthy<small::WithFloatEnds>();
  check_healthy<operators::Functions>();
  check_healthy<operators::Arithmetic>();
}

TEST_CASE("indices have no noise: features beside them do, and without any the change is 0") {
  using embeddings::Lookups, embeddings::TextClassifier;
  const auto mixed = q::diagnose_overfitting(q::FloatModel<Lookups>(), q::random_batches<Lookups>(q::Seed{1}, 2, 9));
  CHECK(100 * mixed.input_change == doctest::Approx(1).epsilon(0.1));
  CHECK(mixed.output_change > 0);
  const auto words =
      q::diagnose_overfitting(q::FloatModel<TextClassifier>(), q::random_batches<TextClassifier>(q::Seed{1}, 2, 9));
  CHECK(words.input_change == 0);
  CHECK(words.output_change == 0);
  CHECK(words.findings().empty());
}

TEST_CASE("the model stays as it is, progress counts all passes, and the seed decides the noise") {
  auto model = trained(labelled(1, 1, true), 1);
  const auto batches = labelled(1, 2, true), validation = labelled(2, 3, true);
  const auto logits = model.forward(batches[0].images);
  std::vector<std::size_t> done;
  const q::Progress count = [&](std::size_t now, std::size_t all) { done.push_back(100 * all + now); };
  const auto report = q::diagnose_overfitting(model, batches, validation, {}, count);
  CHECK(done == std::vector<std::size_t>{701, 702, 703, 704, 705, 706, 707});
  done.clear();
  CHECK(q::diagnose_overfitting(model, batches, {}, count).output_change == report.output_change);
  CHECK(done == std::vector<std::size_t>{201, 202});
  CHECK(q::diagnose_overfitting(model, batches, {.seed = q::Seed{1}}).output_change != report.output_change);
  CHECK_NOTHROW(model.backward(logits));
}

TEST_CASE("no batches, settings out of range and values that are not finite are refused") {
  const auto model = line({1, 0, 0, 1}, {0, 0});
  const auto slug_of = [&](const std::vector<q::Batch<Line>>& given, double change = 0.01) {
    return error_of([&] { q::diagnose_overfitting(model, given, {.input_change = change}); }).slug();
  };
  CHECK(slug_of({}) == "empty-input");
  CHECK(slug_of({line_batch({})}) == "empty-input");
  CHECK(slug_of({line_batch({1, std::nanf("")})}) == "value-not-finite");
  CHECK(slug_of(ones(), 0) == "value-out-of-range");
  CHECK(slug_of(ones(), 1.5) == "value-out-of-range");
  CHECK(slug_of(ones(), std::nan("")) == "value-out-of-range");
  const auto nan = line({1, std::nanf(""), 0, 1}, {0, 0});
  const q::Error of_weight = error_of([&] { q::diagnose_overfitting(nan, ones()); });
  CHECK(of_weight.slug() == "value-not-finite");
  CHECK(of_weight.module() == "layer");
  const auto large = line({3e38f, 3e38f, 3e38f, 3e38f}, {0, 0});
  const q::Error of_activation = error_of([&] { q::diagnose_overfitting(large, ones()); });
  CHECK(of_activation.slug() == "value-not-finite");
  CHECK(of_activation.module() == "layer");
}

TEST_CASE("labels and outputs that do not fit are refused") {
  const auto model = line({1, 0, 0, 1}, {0, 0});
  std::vector<q::Batch<Line>> right{line_batch({1, 2, 3, 4})};  // two samples
  right[0].labels = {0, 1};
  const auto slug_of = [&](std::vector<int> labels, int output = 0) {
    std::vector<q::Batch<Line>> validation = right;
    validation[0].labels = std::move(labels);
    return error_of([&] { q::diagnose_overfitting(model, right, validation, {.output = {output}}); }).slug();
  };
  CHECK(slug_of({0, 2}) == "label-out-of-range");
  CHECK(slug_of({0, -1}) == "label-out-of-range");
  CHECK(slug_of({0}) == "shape-mismatch");
  CHECK(slug_of({0, 1}, 2) == "shape-mismatch");  // it has two
  CHECK_NOTHROW(q::diagnose_overfitting(model, right, right));
  const std::vector<q::Batch<Line>> none;
  const auto text_of = [&](const auto& training, const auto& validation) {
    return std::string(error_of([&] { q::diagnose_overfitting(model, training, validation); }).what());
  };
  CHECK(text_of(right, none).find("there is no batch; of the validation data") != std::string::npos);
  CHECK(text_of(none, right).find("there is no batch; of the training data") != std::string::npos);
}

TEST_CASE("the text has the verdict, the figures and the magnitudes") {
  q::OverfittingReport report;
  report.input_change = 0.01;
  report.output_change = 0.125;
  report.weights = {{"conv", 2, 0.5}};
  report.activations = {{"conv", 12, 3}};
  report.training = q::TrainingMetric{0.99, 0.1, 1000};
  report.validation = q::TrainingMetric{0.75, 0.5, 200};
  std::ostringstream out;
  out << report;
  CHECK(
      out.str() ==
      "overfitted: 99.0 % of the training samples are right, and 75.0 % of the validation samples. The gap is 24.0 %, "
      "with a confidence of 95 % between 14.5 % and 34.4 % (the limit is 10.0 %). What was learned does not hold for "
      "new data. Train with more or augmented data, with weight decay, or a smaller network, and stop when validation "
      "gets worse.\n"
      "hard to quantize, which is no sign of overfitting by itself\n"
      "  the output changes by 12.5 % when the input changes by 1.0 %, 12.5 times as much (the limit is 5). The "
      "rounding of a quantized input is such a change. Train with augmented data (noise, shifts, brightness).\n"
      "\n"
      "input change   1.0 %\n"
      "output change  12.5 %\n"
      "training       99.0 % of 1000, loss 0.1\n"
      "validation     75.0 % of 200, loss 0.5\n"
      "\n"
      "module  values      largest  typical  ratio\n"
      "conv    weight            2      0.5    4.0\n"
      "conv    activation       12        3    4.0\n");
}
