// SPDX-License-Identifier: Apache-2.0
#include <quench/report/compare.hpp>

#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/phases/data_parallel.hpp>
#include <quench/tensors/error.hpp>

#include "execution/keep_all.hpp"
#include "networks/small.hpp"

namespace q = quench;

namespace {

// A conv with a batch norm and no ReLU, one with both, a linear with a high-precision output; all of one pixel.
struct Chain {
  using Inputs = q::Inputs<q::Features<1, 1, 2>>;
  q::QuantStub quant;
  q::Conv2d first{.in_channels = 2, .out_channels = 2, .kernel_size = 1, .bias = false};
  q::BatchNorm2d first_norm{.channels = 2};
  q::Conv2d second{.in_channels = 2, .out_channels = 2, .kernel_size = 1, .bias = false};
  q::BatchNorm2d second_norm{.channels = 2};
  q::ReLU relu;
  q::Linear head{.in_features = 2, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    return dequant(head(q::flatten(relu(second_norm(second(first_norm(first(quant(x)))))))));
  }
};

// All scales are 1/16.
using FixedActivation = q::FakeQuantize<q::FixedScaleObserver<std::ratio<1, 16>>>;
using Fixed = q::QConfig<FixedActivation, q::qconfig::detail::ChannelWeight>;
using FixedSetter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<Fixed>>;

using Values = std::vector<float>;

void set(q::FloatModel<Chain>& model, const std::string& name, const Values& values) {
  for (const q::ParameterView& parameter : model.parameters())
    if (parameter.name == name) return void(std::copy(values.begin(), values.end(), parameter.values.begin()));
  FAIL("no parameter " << name);
}

// first: identity, its batch norm x -> 2 x - 1 / 2; second: the same, its batch norm swaps nothing: x -> 3 x.
q::FloatModel<Chain> chain() {
  q::FloatModel<Chain> model;
  for (const char* layer : {"first", "second"}) {
    set(model, layer + std::string(".weight"), {1, 0, 0, 1});
    set(model, layer + std::string("_norm.running_var"), {1 - 1e-5f, 1 - 1e-5f});
  }
  set(model, "first_norm.weight", {2, 2});
  set(model, "first_norm.bias", {-0.5f, -0.5f});
  set(model, "second_norm.weight", {3, 3});
  set(model, "head.weight", {0, 2, -0.5f, 0.25f});
  set(model, "head.bias", {0.125f, 0});
  return model;
}

q::Batch<Chain> chain_batch(const Values& values) {
  q::Batch<Chain> result;
  result.images = xt::xtensor<float, 4>::from_shape({values.size() / 2, 1, 1, 2});
  std::copy(values.begin(), values.end(), result.images.begin());
  return result;
}

struct Figures {
  double sqnr, cosine, largest_error, saturation;
};

// What the report has to say, from floats and codes at the scale of each channel.
Figures figures(const Values& x, const std::vector<std::int32_t>& codes, const Values& scales, int qmin, int qmax) {
  double signal = 0, noise = 0, other = 0, product = 0, largest = 0, saturated = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double scale = static_cast<double>(scales[i % scales.size()]);
    const double real = static_cast<double>(x[i]), y = codes[i] * scale;
    signal += real * real;
    noise += (real - y) * (real - y);
    other += y * y;
    product += real * y;
    largest = std::max(largest, std::abs(real - y) / scale);
    saturated += codes[i] == qmin || codes[i] == qmax;
  }
  return {10 * std::log10(signal / noise), product / std::sqrt(signal * other), largest,
          saturated / static_cast<double>(x.size())};
}

void check_row(const q::ComparisonRow& row, const Figures& expected) {
  CAPTURE(row.module);
  CHECK(row.sqnr == doctest::Approx(expected.sqnr).epsilon(1e-4));
  CHECK(row.cosine == doctest::Approx(expected.cosine).epsilon(1e-6));
  CHECK(row.largest_error == doctest::Approx(expected.largest_error).epsilon(1e-4));
  CHECK(row.saturation == expected.saturation);
}

std::int32_t code(double x) { return static_cast<std::int32_t>(std::clamp(std::nearbyint(x * 16), -128.0, 127.0)); }

template <class Call>
q::TextView slug_of(Call call) {
  try {
    call();
  } catch (const q::Error& error) {
    return error.slug();
  }
  return {};
}

}  // namespace

TEST_CASE("the figures of each module are those of its codes and of the floats after batch norm and ReLU") {
  auto model = chain();
  // 9 saturates at once; the rest is no multiple of 1/16.
  const Values first{0.33f, -0.71f, 1.02f, 0.47f}, second{9, -0.2f};
  const std::vector<q::Batch<Chain>> batches{chain_batch(first), chain_batch(second)};
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, FixedSetter>(model), batches));
  const q::Comparison comparison = q::compare(model, quantized, batches);
  REQUIRE(comparison.rows.size() == 4);

  // The codes that the integer network has to have, one module after the other, with weights of 1 in effect.
  Values inputs = first, behind_first, behind_second, behind_head;
  inputs.insert(inputs.end(), second.begin(), second.end());
  std::vector<std::int32_t> quant, one, two;
  for (const float x : inputs) {
    const float a = 2 * x - 0.5f, b = std::max(3 * a, 0.0f);
    behind_first.push_back(a);
    behind_second.push_back(b);
    quant.push_back(code(static_cast<double>(x)));
    one.push_back(code(2.0 * quant.back() / 16 - 0.5));
    two.push_back(std::max(code(3.0 * one.back() / 16), 0));
  }
  CHECK(comparison.rows[0].module == "quant");
  CHECK(comparison.rows[1].module == "first");
  CHECK(comparison.rows[2].module == "second");
  CHECK(comparison.rows[3].module == "head");
  CHECK(comparison.rows[1].op == q::Operator::Conv2d);
  CHECK(comparison.rows[1].dtype == q::DType::Int8);
  CHECK(comparison.rows[3].dtype == q::DType::Int32);
  check_row(comparison.rows[0], figures(inputs, quant, {0.0625f}, -128, 127));
  check_row(comparison.rows[1], figures(behind_first, one, {0.0625f}, -128, 127));
  check_row(comparison.rows[2], figures(behind_second, two, {0.0625f}, -128, 127));
  CHECK(comparison.rows[0].saturation == 1.0 / 6);

  // The high-precision output: the integers of the last batch and of the one before, each with the scale of its channel.
  std::vector<std::int32_t> head;
  Values scales;
  for (const auto& each : batches) {
    auto pass = keep_all(quantized, each);
    const int node = q::graph<Chain>.modules[q::graph<Chain>.find_module("head")].node;
    const auto* integers = pass.integers().of<std::int32_t>(node);
    head.insert(head.end(), integers, integers + 2 * each.images.shape(0));
    scales.assign(quantized.core().constants().scales(node).begin(), quantized.core().constants().scales(node).end());
  }
  for (std::size_t i = 0; i < inputs.size(); i += 2) {
    behind_head.push_back(2 * behind_second[i + 1] + 0.125f);
    behind_head.push_back(-0.5f * behind_second[i] + 0.25f * behind_second[i + 1]);
  }
  REQUIRE(scales.size() == 2);
  check_row(comparison.rows[3], figures(behind_head, head, scales, INT32_MIN, INT32_MAX));
}

TEST_CASE("values that the codes hold exactly have an infinite ratio") {
  auto model = chain();
  const std::vector<q::Batch<Chain>> batches{chain_batch({0.25f, -0.5f})};
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, FixedSetter>(model), batches));
  const q::ComparisonRow row = q::compare(model, quantized, batches).rows[0];
  CHECK(row.sqnr == std::numeric_limits<double>::infinity());
  CHECK(row.cosine == doctest::Approx(1));
  CHECK(row.largest_error == 0);
  CHECK(row.saturation == 0);
}

TEST_CASE("int16 is nearer to float than int8, module by module") {
  const auto batches = q::random_batches<small::UNet>(q::Seed{2}, 2, 3);
  q::FloatModel<small::UNet> model{q::Seed{4}};
  const auto narrow = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  const auto wide =
      q::convert(q::calibrate(q::prepare<q::march::NashE, q::setter::Int16WhereSupported>(model), batches));
  const q::Comparison int8 = q::compare(model, narrow, batches), int16 = q::compare(model, wide, batches);
  REQUIRE(int8.rows.size() == int16.rows.size());
  CHECK(int16.rows[0].dtype == q::DType::Int16);
  CHECK(int16.rows[0].sqnr > int8.rows[0].sqnr + 40);  // 8 bits more are 48 dB
  for (const q::ComparisonRow& row : int8.rows) CHECK(row.sqnr > 25);
}

TEST_CASE("what only moves values has no row, what computes without a scale of its own has one") {
  const auto batches = q::random_batches<small::Attention>(q::Seed{2}, 1, 2);
  const q::FloatModel<small::Attention> model{q::Seed{4}};
  const q::Comparison comparison =
      q::compare(model, q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches)), batches);
  std::set<std::string> names;  // in which order calls in one expression are made is left to the compiler
  for (const q::ComparisonRow& row : comparison.rows) names.insert(row.module);
  CHECK(names == std::set<std::string>{"quant", "query", "key", "scores", "scale", "softmax", "value", "mix", "skip",
                                       "gelu", "out"});
  CHECK(comparison.rows.size() == names.size());
}

TEST_CASE("comparing changes neither model, and workers change no figure") {
  const auto batches = q::random_batches<small::ResNet>(q::Seed{2}, 2, 5);
  q::FloatModel<small::ResNet> model{q::Seed{4}};
  const auto logits = model.forward(batches[0].images);
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  std::vector<std::size_t> done;
  const q::Comparison comparison = q::compare(model, quantized, batches, [&](std::size_t now, std::size_t all) {
    CHECK(all == 2);
    done.push_back(now);
  });
  CHECK(done == std::vector<std::size_t>{1, 2});
  CHECK_NOTHROW(model.backward(logits));  // the pass of training is still there
  const q::DataParallel parallel(model, q::Workers{3});
  CHECK(q::compare(parallel, quantized, batches).text() == comparison.text());
}

TEST_CASE("no batches, wrong shapes and values that are not finite are refused") {
  auto model = chain();
  const std::vector<q::Batch<Chain>> batches{chain_batch({0.5f, 0.25f})};
  const auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, FixedSetter>(model), batches));
  const auto compare = [&](const std::vector<q::Batch<Chain>>& given) { q::compare(model, quantized, given); };
  CHECK(slug_of([&] { compare({}); }) == "empty-input");
  CHECK(slug_of([&] { compare({chain_batch({})}); }) == "empty-input");
  CHECK(slug_of([&] { compare({chain_batch({0.5f, std::nanf("")})}); }) == "value-not-finite");
  set(model, "second.weight", {1e38f, 0, 0, 1e38f});
  try {
    compare({chain_batch({100, 100})});
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.slug() == "value-not-finite");
    CHECK(error.module() == "second");
  }
}

TEST_CASE("the text is a table") {
  q::Comparison comparison;
  comparison.rows = {{"quant", q::Operator::QuantStub, q::DType::Int8, 41.26, 0.99996, 0.5, 0.0125},
                     {"block.conv", q::Operator::Conv2d, q::DType::Int16, 8, 0.5, 12.25, 0}};
  std::ostringstream out;
  out << comparison;
  CHECK(out.str() ==
        "module      operator   dtype  SQNR [dB]  cosine  error [steps]  saturated [%]\n"
        "quant       QuantStub   int8       41.3  1.0000            0.5           1.25\n"
        "block.conv  Conv2d     int16        8.0  0.5000           12.2           0.00\n");
}
