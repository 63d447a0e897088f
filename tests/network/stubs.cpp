// SPDX-License-Identifier: Apache-2.0
#include <quench/network/stubs.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Domain;
using q::Operator;
using q::Shape;

namespace {

constexpr bool stubs_change_the_domain_only() {
  Calls calls;
  const q::QuantStub quant{.module_index = q::ModuleIndex(1)};
  const q::DeQuantStub dequant{.module_index = q::ModuleIndex(2)};
  const q::Symbol x = calls.input(Shape(8, 6, 4), Domain::Float);
  const q::Symbol y = quant(x), z = dequant(y);
  const int line = __LINE__ - 1;
  return is_call(calls[y], Operator::QuantStub, 1, line, Shape(8, 6, 4)) && calls[y].domain == Domain::Quantized &&
         is_call(calls[z], Operator::DeQuantStub, 2, line, Shape(8, 6, 4)) && calls[z].domain == Domain::Float &&
         same_settings(calls[y].settings, {}) && same_settings(calls[z].settings, {});
}

constexpr bool a_quantized_image_has_no_colour() {
  Calls calls;
  const q::QuantStub quant;
  const q::Symbol x = calls.input(Shape(8, 6, 3), Domain::Image, q::ColorFormat::CenteredYuv444);
  const q::Symbol y = quant(x);
  return calls[y].domain == Domain::Quantized && calls[y].color == q::ColorFormat::None;
}

}  // namespace

static_assert(stubs_change_the_domain_only());
static_assert(a_quantized_image_has_no_colour());

TEST_CASE("stubs change what a tensor is and keep its shape") { CHECK(stubs_change_the_domain_only()); }
TEST_CASE("a quantized image is a quantized tensor and no image") { CHECK(a_quantized_image_has_no_colour()); }
