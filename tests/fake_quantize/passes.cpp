// SPDX-License-Identifier: Apache-2.0
// Overlapping arguments, and what an error leaves behind.
#include <quench/fake_quantize/passes.hpp>

#include <doctest/doctest.h>
#include <numeric>

#include "tensors/throws.hpp"

namespace q = quench;

namespace {

const q::QParams qparams{q::DType::Int8, {0.5f}, std::nullopt};
const q::host::CodeLimits limits{-128, 127};

}  // namespace

TEST_CASE("a result may be its argument, or overlap it anywhere") {
  std::vector<float> original(100);
  std::iota(original.begin(), original.end(), 0.3f);
  std::vector<float> expected(60);
  q::fake_quantize::forward_pass(std::span(original).first(60), qparams, limits, expected);
  for (const std::size_t offset : {0u, 1u, 7u, 40u}) {
    CAPTURE(offset);
    std::vector<float> values = original;
    q::fake_quantize::forward_pass(std::span<const float>(values).first(60), qparams, limits,
                                   std::span(values).subspan(offset, 60));
    CHECK(std::vector<float>(values.begin() + static_cast<std::ptrdiff_t>(offset),
                             values.begin() + static_cast<std::ptrdiff_t>(offset) + 60) == expected);
  }
}

TEST_CASE("an error leaves an argument that is also the result as it was") {
  std::vector<float> values{1.3f, 2.7f, std::nanf(""), 4.1f};
  CHECK(slug_of([&] { q::fake_quantize::forward_pass(values, qparams, limits, values); }) == "value-not-finite");
  CHECK(values[0] == 1.3f);
  CHECK(values[3] == 4.1f);
  const std::vector<float> x{1, std::nanf("")};
  std::vector<float> gradient{5, 6};
  CHECK(slug_of([&] { q::fake_quantize::backward_pass(x, qparams, limits, gradient, gradient); }) ==
        "value-not-finite");
  CHECK(gradient == std::vector<float>{5, 6});
}

TEST_CASE("sizes have to agree") {
  const std::vector<float> x(10, 1.0f);
  std::vector<float> y(9), full(10);
  std::vector<std::uint8_t> mask(1), full_mask(2);
  CHECK(slug_of([&] { q::fake_quantize::forward_pass(x, qparams, limits, y); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::fake_quantize::forward_pass(x, qparams, limits, full, mask); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::fake_quantize::backward_pass(x, qparams, limits, y, full); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::fake_quantize::backward_pass(x, qparams, limits, x, y); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::fake_quantize::backward_pass(mask, x, full); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::fake_quantize::backward_pass(full_mask, x, y); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::fake_quantize::forward_pass(std::vector<float>{}, qparams, limits, std::span<float>()); }) ==
        "empty-input");
}

TEST_CASE("a gradient through a mask may overlap its result anywhere") {
  std::vector<float> values{1, 2, 3, 4, 5};
  const std::vector<std::uint8_t> mask{0b1011};
  q::fake_quantize::backward_pass(mask, std::span<const float>(values).first(4), std::span(values).subspan(1));
  CHECK(values == std::vector<float>{1, 1, 2, 0, 4});
}

TEST_CASE("a gradient has the shape of its tensor, or is a row of as many values") {
  const xt::xtensor<float, 2> x{{1, 2, 3}, {4, 5, 6}};
  const xt::xtensor<float, 2> turned = xt::zeros<float>({3, 2});
  std::vector<float> grad_x(6);
  CHECK(slug_of([&] { q::fake_quantize::backward_pass(x, qparams, limits, turned, grad_x); }) == "shape-mismatch");
  q::fake_quantize::backward_pass(x, qparams, limits, std::vector<float>{1, 2, 3, 4, 5, 6}, grad_x);
  CHECK(grad_x == std::vector<float>{1, 2, 3, 4, 5, 6});
}
