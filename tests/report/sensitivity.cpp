// SPDX-License-Identifier: Apache-2.0
#include <quench/report/sensitivity.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/tensors/error.hpp>

#include "networks/embeddings.hpp"
#include "networks/small.hpp"

namespace q = quench;

namespace {

// Two stubs share an input; a layer with a ReLU; two outputs, one of high precision.
struct Fork {
  using Inputs = q::Inputs<q::Features<2>>;
  q::QuantStub left, right;
  q::Linear layer{.in_features = 2, .out_features = 2};
  q::ReLU6 relu;
  q::FloatFunctional sum;
  q::Linear head{.in_features = 2, .out_features = 2, .bias = false};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(layer(left(x)));
    y = sum.add(y, right(x));
    return std::tuple(dequant(head(y)), dequant(y));
  }
};

// All activations at 1/8, weights at 1/4: coarse enough that no two modules have the same effect.
using Coarse = q::QConfig<q::FakeQuantize<q::FixedScaleObserver<std::ratio<1, 8>>>,
                          q::FakeQuantize<q::FixedScaleObserver<std::ratio<1, 4>>, q::QInt8, q::PerChannel<0>>>;
using CoarseOutput = q::QConfig<q::NoFakeQuantize<>, Coarse::Weight>;
using Setter = q::QConfigSetter<q::rule::ByName<"sum", Coarse>, q::rule::HighPrecisionOutput<CoarseOutput>,
                                q::rule::Everything<Coarse>>;

using Values = std::vector<float>;

float rounded(float x, float scale) { return std::clamp(std::nearbyint(x / scale), -128.0f, 127.0f) * scale; }

constexpr float weight[] = {0.9f, -0.3f, 0.4f, 1.1f}, bias[] = {0.21f, -0.13f},
                head_weight[] = {0.35f, 0.6f, -0.8f, 0.2f};

// The outputs of Fork with the module of one letter quantized: l and r the stubs, L layer, s sum, h head; 0 for none.
struct Outputs {
  Values head, sum;
};
Outputs fork(const Values& x, char module) {
  Outputs outputs;
  for (std::size_t i = 0; i < x.size(); i += 2) {
    float y[2], z[2];
    const auto stub = [&](std::size_t c, char name) { return name == module ? rounded(x[i + c], 0.125f) : x[i + c]; };
    const auto weight_of = [&](const float* w, char name) { return name == module ? rounded(*w, 0.25f) : *w; };
    for (std::size_t c = 0; c < 2; ++c) {
      y[c] =
          weight_of(weight + 2 * c, 'L') * stub(0, 'l') + weight_of(weight + 2 * c + 1, 'L') * stub(1, 'l') + bias[c];
      y[c] = std::clamp(y[c], 0.0f, 6.0f);
      if (module == 'L') y[c] = rounded(y[c], 0.125f);
      y[c] += stub(c, 'r');
      if (module == 's') y[c] = rounded(y[c], 0.125f);
    }
    for (std::size_t c = 0; c < 2; ++c)
      z[c] = weight_of(head_weight + 2 * c, 'h') * y[0] + weight_of(head_weight + 2 * c + 1, 'h') * y[1];
    outputs.head.insert(outputs.head.end(), z, z + 2);
    outputs.sum.insert(outputs.sum.end(), y, y + 2);
  }
  return outputs;
}

double ratio(const Values& x, const Values& y) {
  double signal = 0, noise = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = static_cast<double>(x[i]), b = static_cast<double>(y[i]);
    signal += a * a;
    noise += (a - b) * (a - b);
  }
  return 10 * std::log10(signal / noise);
}

double cosine(const Values& x, const Values& y) {
  double signal = 0, other = 0, product = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = static_cast<double>(x[i]), b = static_cast<double>(y[i]);
    signal += a * a;
    other += b * b;
    product += a * b;
  }
  return product / std::sqrt(signal * other);
}

q::Batch<Fork> fork_batch(const Values& values) {
  q::Batch<Fork> result;
  result.images = xt::xtensor<float, 2>::from_shape({values.size() / 2, 2});
  std::copy(values.begin(), values.end(), result.images.begin());
  return result;
}

q::FloatModel<Fork> fork_model() {
  q::FloatModel<Fork> model;
  for (const q::ParameterView& parameter : model.parameters()) {
    const float* from = parameter.name == "layer.weight" ? weight : parameter.name == "layer.bias" ? bias : head_weight;
    std::copy_n(from, parameter.values.size(), parameter.values.begin());
  }
  return model;
}

const q::SensitivityRow& row(const q::Sensitivity& sensitivity, const std::string& module) {
  for (const q::SensitivityRow& each : sensitivity.rows)
    if (each.module == module) return each;
  FAIL("no row " << module);
  return sensitivity.rows[0];
}

bool is_sorted(const q::Sensitivity& sensitivity) {
  for (std::size_t i = 1; i < sensitivity.rows.size(); ++i)
    if (sensitivity.rows[i].sqnr < sensitivity.rows[i - 1].sqnr) return false;
  return true;
}

}  // namespace

TEST_CASE("the sensitivity of a module is the noise at the outputs when it alone is quantized") {
  const Values first{0.52f, -1.33f, 2.11f, 0.83f, 7.5f, -0.4f}, second{-0.71f, 1.94f};
  const std::vector<q::Batch<Fork>> batches{fork_batch(first), fork_batch(second)};
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE, Setter>(fork_model()), batches);
  const q::Sensitivity sensitivity = q::sensitivity(calibrated, batches);
  Values x = first;
  x.insert(x.end(), second.begin(), second.end());
  const Outputs real = fork(x, '0');
  REQUIRE(sensitivity.rows.size() == 5);
  for (const auto& [module, letter] :
       {std::pair{"left", 'l'}, {"right", 'r'}, {"layer", 'L'}, {"sum", 's'}, {"head", 'h'}}) {
    const Outputs changed = fork(x, letter);
    CAPTURE(module);
    CHECK(row(sensitivity, module).sqnr ==
          doctest::Approx(std::min(ratio(real.head, changed.head), ratio(real.sum, changed.sum))).epsilon(1e-3));
    CHECK(row(sensitivity, module).cosine ==
          doctest::Approx(std::min(cosine(real.head, changed.head), cosine(real.sum, changed.sum))).epsilon(1e-6));
  }
  CHECK(row(sensitivity, "head").dtype == q::DType::Int32);
  CHECK(row(sensitivity, "sum").op == q::Operator::Add);
  CHECK(is_sorted(sensitivity));
}

TEST_CASE("the module with the fewest codes is the most sensitive one") {
  using Coarsest =
      q::QConfig<q::FakeQuantize<q::FixedScaleObserver<std::ratio<1, 2>>>, q::qconfig::detail::ChannelWeight>;
  using OneCoarse = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"block2.conv1", Coarsest>,
                                     q::rule::Everything<q::qconfig::Int8>>;
  const auto batches = q::random_batches<small::ResNet>(q::Seed{2}, 2, 5);
  q::FloatModel<small::ResNet> model{q::Seed{4}};
  for (int i = 0; i < 3; ++i) model.forward(batches[0].images);
  const q::Sensitivity sensitivity =
      q::sensitivity(q::calibrate(q::prepare<q::march::NashE, OneCoarse>(model), batches), batches);
  CHECK(sensitivity.rows[0].module == "block2.conv1");
  CHECK(is_sorted(sensitivity));
  for (const q::SensitivityRow& each : sensitivity.rows) CHECK(each.module != "quant");  // an image is its codes
}

TEST_CASE("layers outside the stubs stay float, tied weights are rounded for one module only") {
  const auto batches = q::random_batches<small::WithFloatEnds>(q::Seed{2}, 1, 3);
  const auto ends = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<small::WithFloatEnds>()), batches);
  const q::Sensitivity sensitivity = q::sensitivity(ends, batches);
  CHECK(sensitivity.rows.size() == 2);
  CHECK(row(sensitivity, "quant").sqnr > 30);
  CHECK(row(sensitivity, "conv").sqnr > 30);

  // Equal images on both sides: with both weights rounded the difference would stay zero.
  auto pairs = q::random_batches<small::Siamese>(q::Seed{2}, 1, 3);
  const auto tied = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<small::Siamese>()), pairs);
  std::get<1>(pairs[0].inputs) = std::get<0>(pairs[0].inputs);
  CHECK(row(q::sensitivity(tied, pairs), "left").sqnr < 60);
  CHECK(row(q::sensitivity(tied, pairs), "right").sqnr < 60);
}

TEST_CASE("a march without integers has sensitivities too, and progress is told after each batch") {
  const std::vector<q::Batch<Fork>> batches{fork_batch({0.52f, -1.33f}), fork_batch({1, 2})};
  const auto calibrated = q::calibrate(q::prepare<q::march::Bayes, Setter>(fork_model()), batches);
  std::vector<std::size_t> done;
  const q::Sensitivity sensitivity =
      q::sensitivity(calibrated, batches, [&](std::size_t now, std::size_t all) { done.push_back(10 * now + all); });
  CHECK(done == std::vector<std::size_t>{12, 22});
  CHECK(sensitivity.rows.size() == 5);
}

TEST_CASE("no batches and values that are not finite are refused") {
  const std::vector<q::Batch<Fork>> batches{fork_batch({0.52f, -1.33f})};
  auto calibrated = q::calibrate(q::prepare<q::march::NashE, Setter>(fork_model()), batches);
  const auto slug_of = [&](const std::vector<q::Batch<Fork>>& given) {
    try {
      q::sensitivity(calibrated, given);
    } catch (const q::Error& error) {
      return error.slug();
    }
    return q::TextView();
  };
  CHECK(slug_of({}) == "empty-input");
  CHECK(slug_of({fork_batch({})}) == "empty-input");
  CHECK(slug_of({fork_batch({1, std::nanf("")})}) == "value-not-finite");
  CHECK(slug_of(batches) == q::TextView());
  for (const q::ParameterView& parameter : calibrated.parameters())
    if (parameter.name == "layer.bias") parameter.values[0] = std::nanf("");
  CHECK(slug_of(batches) == "value-not-finite");
}

TEST_CASE("the text of a sensitivity is a table") {
  q::Sensitivity sensitivity;
  sensitivity.rows = {{"head", q::Operator::Linear, q::DType::Int32, 21.26, 0.987654},
                      {"block.add", q::Operator::Add, q::DType::Int8, std::numeric_limits<double>::infinity(), 1}};
  std::ostringstream out;
  out << sensitivity;
  CHECK(out.str() ==
        "module     operator  dtype  SQNR [dB]   cosine\n"
        "head       Linear    int32       21.3  0.98765\n"
        "block.add  add        int8        inf  1.00000\n");
}

TEST_CASE("the tables of a network of indices are compared with their float rows") {
  using Text = embeddings::TextClassifier;
  const auto batches = q::random_batches<Text>(q::Seed{1}, 2, 5);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Text>{q::Seed{2}}), batches);
  const auto rows = q::sensitivity(calibrated, batches).rows;
  REQUIRE(rows.size() == 4);
  const auto table = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.module == "embedding"; });
  REQUIRE(table != rows.end());
  CHECK((table->sqnr > 30 && table->sqnr < 70));
}
