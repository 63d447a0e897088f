// SPDX-License-Identifier: Apache-2.0
#include <quench/network/parameterised.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;

namespace {

constexpr q::Conv2d conv{.in_channels = 4,
                         .out_channels = 8,
                         .kernel_size = {3, 5},
                         .stride = {2, 1},
                         .padding = {1, 2},
                         .dilation = {1, 2},
                         .groups = 2,
                         .bias = false,
                         .module_index = {5}};
constexpr q::ConvTranspose2d transposed{.in_channels = 4,
                                        .out_channels = 8,
                                        .kernel_size = 4,
                                        .stride = 2,
                                        .padding = 1,
                                        .output_padding = {1, 0},
                                        .groups = 4,
                                        .bias = false,
                                        .dilation = {1, 2},
                                        .module_index = {6}};

}  // namespace

TEST_CASE("a Conv2d keeps its settings in its node") {
  Calls calls;
  const q::Node& node = calls[conv(calls.input(q::Shape(9, 16, 4)))];
  CHECK(node.op == q::Operator::Conv2d);
  CHECK(node.module == 5);
  CHECK(node.shape == q::Shape(5, 12, 8));
  CHECK(node.settings.in_channels == 4);
  CHECK(node.settings.out_channels == 8);
  CHECK(node.settings.kernel_size == q::Pair(3, 5));
  CHECK(node.settings.stride == q::Pair(2, 1));
  CHECK(node.settings.padding == q::Pair(1, 2));
  CHECK(node.settings.dilation == q::Pair(1, 2));
  CHECK(node.settings.groups == 2);
  CHECK_FALSE(node.settings.bias);
}

TEST_CASE("a ConvTranspose2d keeps its settings in its node") {
  Calls calls;
  const q::Node& node = calls[transposed(calls.input(q::Shape(5, 6, 4)))];
  CHECK(node.op == q::Operator::ConvTranspose2d);
  CHECK(node.module == 6);
  CHECK(node.shape == q::Shape(11, 15, 8));
  CHECK(node.settings.output_padding == q::Pair(1, 0));
  CHECK(node.settings.dilation == q::Pair(1, 2));
  CHECK(node.settings.groups == 4);
  CHECK_FALSE(node.settings.bias);
}

TEST_CASE("Linear and BatchNorm2d keep their settings in their nodes") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(3, 4));
  const q::Node& linear = calls[q::Linear{.in_features = 4, .out_features = 7, .bias = false}(x)];
  CHECK(linear.op == q::Operator::Linear);
  CHECK(linear.shape == q::Shape(3, 7));
  CHECK_FALSE(linear.settings.bias);
  const q::Node& norm = calls[q::BatchNorm2d{.channels = 4, .eps = 0.5f, .momentum = 0.25f}(x)];
  CHECK(norm.op == q::Operator::BatchNorm2d);
  CHECK(norm.settings.in_channels == 4);
  CHECK(norm.settings.epsilon == 0.5f);
  CHECK(norm.settings.momentum == 0.25f);
}

TEST_CASE("defaults are those of PyTorch") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(9, 9, 4));
  const q::Settings conv_settings = calls[q::Conv2d{.in_channels = 4, .out_channels = 8, .kernel_size = 3}(x)].settings;
  CHECK(conv_settings.stride == q::Pair(1, 1));
  CHECK(conv_settings.padding == q::Pair(0, 0));
  CHECK(conv_settings.dilation == q::Pair(1, 1));
  CHECK(conv_settings.groups == 1);
  CHECK(conv_settings.bias);
  CHECK(calls[q::ConvTranspose2d{.in_channels = 4, .out_channels = 8, .kernel_size = 3}(x)].settings.bias);
  CHECK(calls[q::Linear{.in_features = 4, .out_features = 8}(x)].settings.bias);
  const q::Settings norm_settings = calls[q::BatchNorm2d{.channels = 4}(x)].settings;
  CHECK(norm_settings.epsilon == 1e-5f);
  CHECK(norm_settings.momentum == 0.1f);
}
