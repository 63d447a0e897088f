// SPDX-License-Identifier: Apache-2.0
// LSQ against its formulas in double, and a scale that learns.
#include <quench/fake_quantize/learned.hpp>

#include <doctest/doctest.h>
#include <random>

#include "tensors/throws.hpp"

namespace q = quench;

static_assert(q::FakeQuantizer<q::LearnedFakeQuantize<>>);

namespace {

std::vector<float> normal_values(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float& value : values) value = normal(random);
  return values;
}

}  // namespace

TEST_CASE("the scale starts where the observer says, and later observations leave it") {
  q::LearnedFakeQuantize<q::MinMaxObserver> quantizer;
  CHECK(quantizer.parameters().empty());
  CHECK(slug_of([&] { quantizer(std::vector<float>{1}); }) == "nothing-observed");
  quantizer.observe(std::vector<float>{-2, 1});
  quantizer.observe(std::vector<float>{3});
  CHECK(quantizer(std::vector<float>{0}) == std::vector<float>{0});
  REQUIRE(quantizer.parameters().size() == 1);
  CHECK(quantizer.parameters()[0] == 3 / 127.5f);
  quantizer.observe(std::vector<float>{100});
  CHECK(quantizer.qparams().scales[0] == 3 / 127.5f);
  CHECK(slug_of([&] { quantizer.observe(std::vector<float>{std::nanf("")}); }) == "value-not-finite");
}

TEST_CASE("gradients are those of LSQ, per tensor and per channel") {
  const std::size_t channels = 3, inner = 100;
  const std::vector<float> values = normal_values(channels * inner, 1), gradients = normal_values(channels * inner, 2);
  const auto check = [&](auto quantizer, bool per_channel) {
    CAPTURE(per_channel);
    const q::Extents extents(std::array{channels, inner});
    quantizer.observe(q::FloatInput(values, extents));
    quantizer.qparams();
    for (float& scale : quantizer.parameters()) scale *= 0.3f;  // so that values saturate
    std::vector<float> grad_x(values.size());
    quantizer.backward(q::FloatInput(values, extents), gradients, grad_x);
    std::vector<double> sums(quantizer.parameters().size()), magnitudes(sums.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t channel = per_channel ? i / inner : 0;
      const double scale = static_cast<double>(quantizer.parameters()[channel]);
      const double x = static_cast<double>(values[i]), code = std::nearbyint(x / scale);
      const bool inside = code >= -128 && code <= 127;
      const double term = code < -128 ? -128 : code > 127 ? 127 : code - x / scale;
      sums[channel] += static_cast<double>(gradients[i]) * term;
      magnitudes[channel] += std::abs(static_cast<double>(gradients[i]) * term);
      REQUIRE(grad_x[i] == (inside ? gradients[i] : 0.0f));
    }
    const double factor = 1 / std::sqrt(static_cast<double>(values.size()) * 127);
    for (std::size_t c = 0; c < sums.size(); ++c)
      CHECK(std::abs(static_cast<double>(quantizer.gradients()[c]) - factor * sums[c]) <=
            1e-6 * factor * magnitudes[c]);
    const float once = quantizer.gradients()[0];
    quantizer.backward(q::FloatInput(values, extents), gradients, grad_x);
    CHECK(quantizer.gradients()[0] == 2 * once);
    quantizer.zero_gradients();
    CHECK(quantizer.gradients()[0] == 0);
  };
  check(q::LearnedFakeQuantize<q::MinMaxObserver>(), false);
  check(q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>(), true);
}

TEST_CASE("a scale that starts far too large learns to serve its values") {
  const std::vector<float> x = normal_values(2000, 3);
  q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt4> quantizer;
  quantizer.observe(std::vector<float>{40});
  const auto error = [&] {
    const std::vector<float> y = quantizer(x);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(static_cast<double>(y[i] - x[i]), 2);
    return sum / static_cast<double>(x.size());
  };
  const double before = error();
  std::vector<float> gradient(x.size()), grad_x(x.size());
  for (int step = 0; step < 500; ++step) {
    const std::vector<float> y = quantizer(x);
    for (std::size_t i = 0; i < x.size(); ++i) gradient[i] = 2 * (y[i] - x[i]) / static_cast<float>(x.size());
    quantizer.zero_gradients();
    quantizer.backward(x, gradient, grad_x);
    quantizer.parameters()[0] -= 20 * quantizer.gradients()[0];
  }
  CHECK(error() < 0.02);
  CHECK(before > 0.5);
}

TEST_CASE("a scale that training spoils is held or refused, and an error adds no gradient") {
  q::LearnedFakeQuantize<q::MinMaxObserver> quantizer;
  quantizer.observe(std::vector<float>{1});
  quantizer.qparams();
  std::vector<float> grad_x(2, 7.0f);
  const std::vector<float> nan{100, std::nanf("")}, ones(2, 1.0f), one(1, 1.0f);
  CHECK(slug_of([&] { quantizer.backward(nan, ones, grad_x); }) == "value-not-finite");
  CHECK(slug_of([&] { quantizer.backward(ones, one, grad_x); }) == "shape-mismatch");
  CHECK(quantizer.gradients()[0] == 0);
  quantizer.parameters()[0] = -1;
  CHECK(quantizer.qparams().scales[0] == q::smallest_scale);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    quantizer.parameters()[0] = bad;
    CHECK(slug_of([&] { quantizer(ones); }) == "scale-out-of-range");
    CHECK(slug_of([&] { quantizer.backward(ones, ones, grad_x); }) == "scale-out-of-range");
  }
}

TEST_CASE("a first pass that fails is none: the observer goes on") {
  q::LearnedFakeQuantize<q::MinMaxObserver> quantizer;
  quantizer.observe(std::vector<float>{1});
  std::vector<float> too_small(1);
  CHECK(slug_of([&] { quantizer.forward(std::vector<float>{1, 2}, too_small); }) == "shape-mismatch");
  CHECK(slug_of([&] { quantizer(std::vector<float>{std::nanf("")}); }) == "value-not-finite");
  CHECK(quantizer.parameters().empty());
  quantizer.observe(std::vector<float>{5});
  CHECK(quantizer.qparams().scales[0] == 5 / 127.5f);
}

TEST_CASE("saved scales can be set") {
  q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>> quantizer;
  CHECK(slug_of([&] { quantizer.set_scales({0.5f, -1}); }) == "scale-out-of-range");
  CHECK(quantizer.parameters().empty());
  quantizer.set_scales({0.5f, 2});
  CHECK(quantizer(xt::xtensor<float, 2>{{0.6f}, {3.5f}}) == xt::xtensor<float, 2>{{0.5f}, {4}});
}

TEST_CASE("learning starts at scales found elsewhere, and anew after a reset") {
  q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>> quantizer;
  quantizer.start_at({q::DType::Int8, {0.5f, 2}, 0});
  CHECK(quantizer.qparams().scales == std::vector<float>{0.5f, 2});
  CHECK(slug_of([&] { quantizer.start_at({q::DType::Int8, {0.5f}, std::nullopt}); }) == "shape-mismatch");
  CHECK(quantizer.parameters().size() == 2);
  quantizer.gradients()[0] = 1;
  quantizer.reset();
  CHECK(quantizer.parameters().empty());
  CHECK(quantizer.gradients().empty());
  CHECK(slug_of([&] { quantizer.qparams(); }) == "nothing-observed");
}

TEST_CASE("an optimizer that reads a scale reads the one that counts") {
  q::LearnedFakeQuantize<> quantizer;
  quantizer.set_scales({1});
  quantizer.parameters()[0] -= 3;  // one step too large
  quantizer.parameters()[0] += 1;  // and one back
  CHECK(quantizer.qparams().scales[0] == 1 + q::smallest_scale);
}
