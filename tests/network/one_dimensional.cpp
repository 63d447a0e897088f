// SPDX-License-Identifier: Apache-2.0
#include <quench/network/one_dimensional.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr q::Settings row(int kernel, int stride, int left, int right, int dilation = 1) {
  q::Settings settings;
  settings.kernel_size = {1, kernel};
  settings.stride = {1, stride};
  settings.padding = {0, 0, left, right};
  settings.dilation = {1, dilation};
  return settings;
}

// Every setting has a value of its own, so that no two can be mistaken for each other.
constexpr bool conv_is_that_of_a_map_of_one_row() {
  q::Settings expected = row(3, 2, 1, 4, 5);
  expected.in_channels = 6;
  expected.out_channels = 8;
  expected.groups = 2;
  constexpr q::Conv1d conv{.in_channels = 6,
                           .out_channels = 8,
                           .kernel_size = 3,
                           .stride = 2,
                           .padding = {1, 4},
                           .dilation = 5,
                           .groups = 2,
                           .bias = false,
                           .module_index = q::ModuleIndex(5)};
  Calls calls;
  const q::Node& node = calls[conv(calls.input(Shape(16, 6)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::Conv1d, 5, line, Shape(6, 8)) && same_settings(node.settings, expected) &&
         weight_shape(node) == Shape(8, 3, 3) && parameter_count(node) == 72;
}

constexpr bool padding_is_one_or_two_numbers_or_same() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(9, 4));
  const q::Node& both = calls[q::Conv1d{.in_channels = 4, .out_channels = 2, .kernel_size = 4, .padding = 2}(x)];
  const q::Node& same = calls[q::Conv1d{
      .in_channels = 4, .out_channels = 2, .kernel_size = 4, .stride = 2, .padding = q::Padding::Same}(x)];
  return both.shape == Shape(10, 2) && both.settings.padding == q::Padding(0, 0, 2, 2) && both.settings.bias &&
         same.shape == Shape(5, 2) && same.settings.padding.left == 1 && same.settings.padding.right == 2 &&
         same.settings.padding.top == 0 && same.settings.padding.bottom == 0 && parameter_count(both) == 34;
}

constexpr bool transposed_conv_is_that_of_a_map_of_one_row() {
  q::Settings expected = row(3, 4, 1, 1, 2);
  expected.in_channels = 4;
  expected.out_channels = 8;
  expected.output_padding = {0, 3};
  expected.groups = 4;
  constexpr q::ConvTranspose1d conv{.in_channels = 4,
                                    .out_channels = 8,
                                    .kernel_size = 3,
                                    .stride = 4,
                                    .padding = 1,
                                    .output_padding = 3,
                                    .groups = 4,
                                    .bias = false,
                                    .dilation = 2,
                                    .module_index = q::ModuleIndex(6)};
  Calls calls;
  const q::Node& node = calls[conv(calls.input(Shape(6, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::ConvTranspose1d, 6, line, Shape(26, 8)) && same_settings(node.settings, expected) &&
         weight_shape(node) == Shape(8, 3, 1);
}

constexpr bool one_dimensional_batch_norm_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = 4;
  expected.out_channels = 4;
  expected.epsilon = 0.5f;
  expected.momentum = 0.25f;
  Calls calls;
  const q::BatchNorm1d norm{.channels = 4, .eps = 0.5f, .momentum = 0.25f, .module_index = q::ModuleIndex(2)};
  const q::Node& node = calls[norm(calls.input(Shape(6, 4)))];
  const int line = __LINE__ - 1;
  return is_call(node, Operator::BatchNorm1d, 2, line, Shape(6, 4)) && same_settings(node.settings, expected) &&
         calls[norm(calls.input(Shape(4)))].shape == Shape(4) && parameter_count(node) == 8;
}

constexpr bool pools_are_those_of_a_map_of_one_row() {
  q::Settings largest = row(3, 2, 1, 0, 4), mean = row(5, 3, 1, 2);
  largest.ceil_mode = true;
  mean.ceil_mode = true;
  mean.count_include_pad = false;
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 4));
  const q::Node& a = calls[q::MaxPool1d{.kernel_size = 3,
                                        .stride = 2,
                                        .padding = {1, 0},
                                        .dilation = 4,
                                        .ceil_mode = true,
                                        .module_index = q::ModuleIndex(1)}(x)];
  const int line = __LINE__ - 1;
  const q::Node& b = calls[q::AvgPool1d{.kernel_size = 5,
                                        .stride = 3,
                                        .padding = {1, 2},
                                        .ceil_mode = true,
                                        .count_include_pad = false,
                                        .module_index = q::ModuleIndex(2)}(x)];
  return is_call(a, Operator::MaxPool1d, 1, line, Shape(3, 4)) && same_settings(a.settings, largest) &&
         is_call(b, Operator::AvgPool1d, 2, line + 7, Shape(5, 4)) && same_settings(b.settings, mean);
}

constexpr bool one_dimensional_stride_is_the_kernel_unless_given() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 4));
  return calls[q::MaxPool1d{.kernel_size = 3}(x)].shape == Shape(4, 4) &&
         calls[q::AvgPool1d{.kernel_size = 4}(x)].shape == Shape(3, 4) &&
         calls[q::MaxPool1d{.kernel_size = 3, .stride = 2, .padding = q::Padding::Same}(x)].shape == Shape(6, 4);
}

constexpr bool one_dimensional_adaptive_pools_keep_their_size() {
  q::Settings expected;
  expected.output_size = {1, 14};
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 4));
  const q::Node& mean = calls[q::AdaptiveAvgPool1d{.output_size = 14, .module_index = q::ModuleIndex(5)}(x)];
  const int line = __LINE__ - 1;
  const q::Node& most = calls[q::AdaptiveMaxPool1d{.output_size = 14, .module_index = q::ModuleIndex(6)}(x)];
  return is_call(mean, Operator::AdaptiveAvgPool1d, 5, line, Shape(14, 4)) &&
         is_call(most, Operator::AdaptiveMaxPool1d, 6, line + 2, Shape(14, 4)) &&
         same_settings(mean.settings, expected) && same_settings(most.settings, expected) &&
         calls[q::AdaptiveAvgPool1d{.output_size = 1}(x)].shape == Shape(1, 4);
}

constexpr bool one_dimensional_what_is_forgotten_is_zero() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(12, 4));
  return calls[q::Conv1d{}(x)].settings.kernel_size == q::Pair(1, 0) &&
         calls[q::ConvTranspose1d{}(x)].settings.kernel_size == q::Pair(1, 0) &&
         calls[q::MaxPool1d{}(x)].settings.kernel_size == q::Pair(1, 0) &&
         calls[q::AvgPool1d{}(x)].settings.kernel_size == q::Pair(1, 0) &&
         calls[q::AdaptiveAvgPool1d{}(x)].settings.output_size == q::Pair(1, 0) &&
         calls[q::AdaptiveMaxPool1d{}(x)].settings.output_size == q::Pair(1, 0);
}

}  // namespace

static_assert(conv_is_that_of_a_map_of_one_row());
static_assert(padding_is_one_or_two_numbers_or_same());
static_assert(transposed_conv_is_that_of_a_map_of_one_row());
static_assert(one_dimensional_batch_norm_keeps_its_settings());
static_assert(pools_are_those_of_a_map_of_one_row());
static_assert(one_dimensional_stride_is_the_kernel_unless_given());
static_assert(one_dimensional_adaptive_pools_keep_their_size());
static_assert(one_dimensional_what_is_forgotten_is_zero());

TEST_CASE("a Conv1d is a convolution of a map of one row") { CHECK(conv_is_that_of_a_map_of_one_row()); }
TEST_CASE("the padding of a sequence is one number, one for each side, or Same") {
  CHECK(padding_is_one_or_two_numbers_or_same());
}
TEST_CASE("a ConvTranspose1d is that of a map of one row") { CHECK(transposed_conv_is_that_of_a_map_of_one_row()); }
TEST_CASE("a BatchNorm1d keeps its settings in its node") { CHECK(one_dimensional_batch_norm_keeps_its_settings()); }
TEST_CASE("1-d pools are those of a map of one row") { CHECK(pools_are_those_of_a_map_of_one_row()); }
TEST_CASE("the stride of a 1-d pool is its kernel unless given") {
  CHECK(one_dimensional_stride_is_the_kernel_unless_given());
}
TEST_CASE("an adaptive 1-d pool has the extent of its settings") {
  CHECK(one_dimensional_adaptive_pools_keep_their_size());
}
TEST_CASE("a setting that is forgotten is 0, which is out of range") {
  CHECK(one_dimensional_what_is_forgotten_is_zero());
}
