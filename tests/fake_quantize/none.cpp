// SPDX-License-Identifier: Apache-2.0
// NoFakeQuantize passes values on.
#include <quench/fake_quantize/none.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace q = quench;

static_assert(q::FakeQuantizer<q::NoFakeQuantize<>>);
static_assert(q::NoFakeQuantize<>::dtype == q::DType::Int32);

TEST_CASE("values and gradients pass unchanged") {
  q::NoFakeQuantize<> none;
  const std::vector<float> x{0.1f, -1e30f}, gradient{3, 4};
  std::vector<float> grad_x(2);
  none.observe(x);
  CHECK(none(x) == x);
  none.backward(x, gradient, grad_x);
  CHECK(grad_x == gradient);
  CHECK(none.qparams().scales.empty());
}

TEST_CASE("observing refuses NaN, and sizes have to agree") {
  q::NoFakeQuantize<> none;
  std::vector<float> y(1);
  CHECK(slug_of([&] { none.observe(std::vector<float>{std::nanf("")}); }) == "value-not-finite");
  CHECK(slug_of([&] { none.forward(std::vector<float>{1, 2}, y); }) == "shape-mismatch");
  CHECK(slug_of([&] { none.backward(std::vector<float>{1, 2}, std::vector<float>{1}, y); }) == "shape-mismatch");
}
