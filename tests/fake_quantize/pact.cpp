// SPDX-License-Identifier: Apache-2.0
// PACT against its formulas.
#include <quench/fake_quantize/pact.hpp>

#include <doctest/doctest.h>
#include <random>

#include "tensors/throws.hpp"

namespace q = quench;

static_assert(q::FakeQuantizer<q::PactFakeQuantize<>>);

TEST_CASE("values are clipped to the learned magnitude, which starts at 6") {
  q::PactFakeQuantize<> quantizer;
  CHECK(quantizer.parameters()[0] == 6.0f);
  CHECK(quantizer.qparams().scales == std::vector<float>{6.0f / 127.5f});
  const std::vector<float> y = quantizer(std::vector<float>{100, -100, 1});
  const float scale = 6.0f / 127.5f;
  CHECK(y == std::vector<float>{127 * scale, -128 * scale, std::nearbyint(1 / scale) * scale});
  q::PactFakeQuantize<q::QInt16, std::ratio<3, 2>> other;
  CHECK(other.qparams().scales == std::vector<float>{1.5f / 32767.5f});
}

TEST_CASE("gradients are those of clipping: inside to the value, outside to the magnitude") {
  q::PactFakeQuantize<> quantizer;
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 5);
  std::vector<float> x{6, -6, std::numeric_limits<float>::infinity()}, gradient, grad_x;
  while (x.size() < 500) x.push_back(normal(random));
  for (std::size_t i = 0; i < x.size(); ++i) gradient.push_back(normal(random));
  grad_x.resize(x.size());
  quantizer.backward(x, gradient, grad_x);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool inside = x[i] > -6 && x[i] < 6;
    REQUIRE(grad_x[i] == (inside ? gradient[i] : 0.0f));
    if (!inside) sum += x[i] > 0 ? static_cast<double>(gradient[i]) : -static_cast<double>(gradient[i]);
  }
  CHECK(quantizer.gradients()[0] == static_cast<float>(sum));
  quantizer.backward(x, gradient, grad_x);
  CHECK(quantizer.gradients()[0] == doctest::Approx(2 * sum));
  quantizer.zero_gradients();
  CHECK(quantizer.gradients()[0] == 0);
  // The result may be the gradient that is given.
  std::vector<float> in_place = gradient;
  quantizer.backward(x, in_place, in_place);
  CHECK(in_place == grad_x);
}

TEST_CASE("a magnitude that training spoils is held or refused") {
  q::PactFakeQuantize<> quantizer;
  quantizer.parameters()[0] = -3;
  CHECK(quantizer.qparams().scales == std::vector<float>{q::smallest_scale});
  quantizer.parameters()[0] = std::nanf("");
  CHECK(slug_of([&] { quantizer(std::vector<float>{1}); }) == "scale-out-of-range");
  quantizer.parameters()[0] = std::numeric_limits<float>::infinity();
  CHECK(slug_of([&] { quantizer(std::vector<float>{1}); }) == "scale-out-of-range");
}

TEST_CASE("NaN, empty tensors and other sizes are refused, and the gradient stays") {
  q::PactFakeQuantize<> quantizer;
  std::vector<float> grad_x(2, 7.0f);
  const std::vector<float> nan{100, std::nanf("")}, ones(2, 1.0f), one(1, 1.0f);
  CHECK(slug_of([&] { quantizer.observe(nan); }) == "value-not-finite");
  CHECK(slug_of([&] { quantizer.backward(nan, ones, grad_x); }) == "value-not-finite");
  CHECK(slug_of([&] { quantizer.backward(ones, one, grad_x); }) == "shape-mismatch");
  CHECK(slug_of([&] { quantizer(std::vector<float>{}); }) == "empty-input");
  CHECK(quantizer.gradients()[0] == 0);
  CHECK(grad_x == std::vector<float>(2, 7.0f));
}

TEST_CASE("the result may overlap the argument anywhere") {
  q::PactFakeQuantize<> quantizer;
  std::vector<float> values{1, 2, 7, 3, 1, 9};
  quantizer.backward(std::span<const float>(values).first(5), std::vector<float>{1, 2, 3, 4, 5},
                     std::span(values).subspan(1));
  CHECK(values == std::vector<float>{1, 1, 2, 0, 4, 5});
  CHECK(quantizer.gradients()[0] == 3);
}

TEST_CASE("a clip starts at the magnitude of a scale, and at its initial value after a reset") {
  q::PactFakeQuantize<> quantizer;
  const float scale = std::nextafter(1.0f / 127.5f, 0.0f);
  quantizer.start_at({q::DType::Int8, {scale}, std::nullopt});
  CHECK(quantizer.parameters()[0] == doctest::Approx(1));
  CHECK(quantizer.qparams().scales == std::vector<float>{scale});
  quantizer.parameters()[0] = 2;
  CHECK(quantizer.qparams().scales == std::vector<float>{2 / 127.5f});
  CHECK(quantizer.started_at().empty());
  quantizer.gradients()[0] = 1;
  CHECK(slug_of([&] { quantizer.start_at({q::DType::Int8, {0.1f, 0.2f}, 0}); }) == "shape-mismatch");
  CHECK(quantizer.parameters()[0] == 2);
  quantizer.reset();
  CHECK(quantizer.parameters()[0] == 6);
  CHECK(quantizer.gradients()[0] == 0);
}

TEST_CASE("a clip that comes back to where it started has the scale that a file of it would lead to") {
  q::PactFakeQuantize<> quantizer;
  float scale = 0.01f;  // made larger until its magnitude leads to another one
  do {
    scale = std::nextafter(scale, 1.0f);
    quantizer.start_at({q::DType::Int8, {scale}, std::nullopt});
  } while (quantizer.started_at().empty());
  const float clip = quantizer.parameters()[0];
  CHECK(quantizer.qparams().scales == std::vector<float>{scale});
  quantizer.parameters()[0] = 2 * clip;  // a step of an optimizer
  CHECK(quantizer.started_at().empty());
  quantizer.parameters()[0] = 0;  // a clip that is held
  CHECK(quantizer.started_at().empty());
  quantizer.parameters()[0] = clip;  // the next one
  CHECK(quantizer.started_at().empty());
  CHECK(quantizer.qparams().scales == std::vector<float>{clip / 127.5f});
}

TEST_CASE("an optimizer that reads a clip reads the one that counts") {
  q::PactFakeQuantize<> quantizer;
  quantizer.parameters()[0] = -3;
  quantizer.parameters()[0] += 1;
  CHECK(quantizer.parameters()[0] == 1 + 127.5f * q::smallest_scale);
}
