// SPDX-License-Identifier: Apache-2.0
#include <quench/network/parameterised.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

// Every setting has a value of its own, so that no two can be mistaken for each other.
constexpr bool conv_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = 4;
  expected.out_channels = 8;
  expected.kernel_size = {3, 5};
  expected.stride = {2, 1};
  expected.padding = {1, 4};
  expected.dilation = {1, 2};
  expected.groups = 2;
  expected.bias = false;
  constexpr q::Conv2d conv{.in_channels = 4,
                           .out_channels = 8,
                           .kernel_size = {3, 5},
                           .stride = {2, 1},
                           .padding = {1, 4},
                           .dilation = {1, 2},
                           .groups = 2,
                           .bias = false,
                           .module_index = q::ModuleIndex(5)};
  Calls calls;
  const q::Node& node = calls[conv(calls.input(Shape(9, 16, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::Conv2d, 5, line, Shape(5, 16, 8)) && same_settings(node.settings, expected);
}

constexpr bool conv_knows_the_four_sides_of_same() {
  Calls calls;
  const q::Node& node = calls[q::Conv2d{
      .in_channels = 4, .out_channels = 8, .kernel_size = {4, 3}, .stride = {1, 2}, .padding = q::Padding::Same}(
      calls.input(Shape(9, 16, 4)))];
  const q::Padding& p = node.settings.padding;
  return node.shape == Shape(9, 8, 8) && p.top == 1 && p.bottom == 2 && p.left == 0 && p.right == 1;
}

constexpr bool transposed_conv_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = 4;
  expected.out_channels = 8;
  expected.kernel_size = {4, 3};
  expected.stride = {2, 3};
  expected.padding = {1, 2};
  expected.output_padding = {1, 0};
  expected.dilation = {1, 2};
  expected.groups = 4;
  expected.bias = false;
  constexpr q::ConvTranspose2d conv{.in_channels = 4,
                                    .out_channels = 8,
                                    .kernel_size = {4, 3},
                                    .stride = {2, 3},
                                    .padding = {1, 2},
                                    .output_padding = {1, 0},
                                    .groups = 4,
                                    .bias = false,
                                    .dilation = {1, 2},
                                    .module_index = q::ModuleIndex(6)};
  Calls calls;
  const q::Node& node = calls[conv(calls.input(Shape(5, 6, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::ConvTranspose2d, 6, line, Shape(11, 16, 8)) && same_settings(node.settings, expected);
}

constexpr bool linear_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = 4;
  expected.out_channels = 7;
  Calls calls;
  const q::Linear linear{.in_features = 4, .out_features = 7, .bias = false, .module_index = q::ModuleIndex(2)};
  const q::Node& node = calls[linear(calls.input(Shape(3, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::Linear, 2, line, Shape(3, 7)) && same_settings(node.settings, expected);
}

constexpr bool parameterised_batch_norm_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = 4;
  expected.out_channels = 4;
  expected.epsilon = 0.5f;
  expected.momentum = 0.25f;
  Calls calls;
  const q::BatchNorm2d norm{.channels = 4, .eps = 0.5f, .momentum = 0.25f, .module_index = q::ModuleIndex(3)};
  const q::Node& node = calls[norm(calls.input(Shape(6, 5, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::BatchNorm2d, 3, line, Shape(6, 5, 4)) && same_settings(node.settings, expected);
}

template <class Layer>
constexpr q::Settings parameterised_settings_of(const Layer& layer) {
  Calls calls;
  return calls[layer(calls.input(Shape(9, 9, 4)))].settings;
}

constexpr bool defaults_are_those_of_pytorch() {
  q::Settings conv, linear, norm;
  conv.in_channels = linear.in_channels = norm.in_channels = norm.out_channels = 4;
  conv.out_channels = linear.out_channels = 8;
  conv.kernel_size = 3;
  conv.stride = 1;
  conv.padding = 0;
  conv.output_padding = 0;
  conv.dilation = 1;
  conv.groups = 1;
  conv.bias = linear.bias = true;
  norm.epsilon = 1e-5f;
  norm.momentum = 0.1f;
  return same_settings(parameterised_settings_of(q::Conv2d{.in_channels = 4, .out_channels = 8, .kernel_size = 3}),
                       conv) &&
         same_settings(
             parameterised_settings_of(q::ConvTranspose2d{.in_channels = 4, .out_channels = 8, .kernel_size = 3}),
             conv) &&
         same_settings(parameterised_settings_of(q::Linear{.in_features = 4, .out_features = 8}), linear) &&
         same_settings(parameterised_settings_of(q::BatchNorm2d{.channels = 4}), norm);
}

// A layer without the settings that PyTorch demands gets zeros, which no rule accepts.
constexpr bool parameterised_what_is_forgotten_is_zero() {
  const q::Settings conv = parameterised_settings_of(q::Conv2d{}),
                    transposed = parameterised_settings_of(q::ConvTranspose2d{});
  const q::Settings linear = parameterised_settings_of(q::Linear{}), norm = parameterised_settings_of(q::BatchNorm2d{});
  return conv.in_channels == 0 && conv.out_channels == 0 && conv.kernel_size == q::Pair(0, 0) &&
         transposed.in_channels == 0 && transposed.out_channels == 0 && transposed.kernel_size == q::Pair(0, 0) &&
         linear.in_channels == 0 && linear.out_channels == 0 && norm.in_channels == 0;
}

// Without designators the settings stand in the order of PyTorch's arguments.
constexpr bool order_is_that_of_pytorch() {
  q::Settings conv;
  conv.in_channels = 1;
  conv.out_channels = 2;
  conv.kernel_size = 3;
  conv.stride = 4;
  conv.padding = 5;
  conv.dilation = 6;
  conv.groups = 7;
  q::Settings transposed = conv;
  transposed.output_padding = 8;
  return same_settings(parameterised_settings_of(q::Conv2d{1, 2, 3, 4, 5, 6, 7, false}), conv) &&
         same_settings(parameterised_settings_of(q::ConvTranspose2d{1, 2, 3, 4, 5, 8, 7, false, 6}), transposed);
}

}  // namespace

static_assert(conv_keeps_its_settings());
static_assert(conv_knows_the_four_sides_of_same());
static_assert(transposed_conv_keeps_its_settings());
static_assert(linear_keeps_its_settings());
static_assert(parameterised_batch_norm_keeps_its_settings());
static_assert(defaults_are_those_of_pytorch());
static_assert(parameterised_what_is_forgotten_is_zero());
static_assert(order_is_that_of_pytorch());

TEST_CASE("the node of a Conv2d has the four sides of Same") { CHECK(conv_knows_the_four_sides_of_same()); }
TEST_CASE("a Conv2d keeps its settings in its node") { CHECK(conv_keeps_its_settings()); }
TEST_CASE("a ConvTranspose2d keeps its settings in its node") { CHECK(transposed_conv_keeps_its_settings()); }
TEST_CASE("a Linear keeps its settings in its node") { CHECK(linear_keeps_its_settings()); }
TEST_CASE("a BatchNorm2d keeps its settings in its node") { CHECK(parameterised_batch_norm_keeps_its_settings()); }
TEST_CASE("defaults are those of PyTorch") { CHECK(defaults_are_those_of_pytorch()); }
TEST_CASE("a setting that is demanded and forgotten is zero") { CHECK(parameterised_what_is_forgotten_is_zero()); }
TEST_CASE("settings without names stand in the order of PyTorch") { CHECK(order_is_that_of_pytorch()); }
