// SPDX-License-Identifier: Apache-2.0
#include <quench/network/pooling.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;

TEST_CASE("the stride of a pool is its kernel unless given") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(12, 12, 4));
  CHECK(calls[q::MaxPool2d{.kernel_size = {2, 3}}(x)].shape == q::Shape(6, 4, 4));
  CHECK(calls[q::MaxPool2d{.kernel_size = {2, 3}}(x)].settings.stride == q::Pair(2, 3));
  CHECK(calls[q::MaxPool2d{.kernel_size = 3, .stride = 2, .padding = 1}(x)].shape == q::Shape(6, 6, 4));
  CHECK(calls[q::MaxPool2d{.kernel_size = 3, .stride = 1, .dilation = 2}(x)].shape == q::Shape(8, 8, 4));
  CHECK(calls[q::AvgPool2d{.kernel_size = {2, 3}}(x)].shape == q::Shape(6, 4, 4));
  CHECK(calls[q::AvgPool2d{.kernel_size = 3, .stride = {2, 1}, .padding = 1}(x)].shape == q::Shape(6, 12, 4));
}

TEST_CASE("pools and Upsample write their operator and settings") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(12, 12, 4));
  CHECK(calls[q::MaxPool2d{.kernel_size = 2, .module_index = {1}}(x)].op == q::Operator::MaxPool2d);
  CHECK(calls[q::AvgPool2d{.kernel_size = 2, .module_index = {1}}(x)].op == q::Operator::AvgPool2d);
  CHECK(calls[q::GlobalAvgPool2d{.module_index = {1}}(x)].op == q::Operator::GlobalAvgPool2d);
  CHECK(calls[q::GlobalAvgPool2d{.module_index = {1}}(x)].shape == q::Shape(1, 1, 4));
  const q::Node& nearest = calls[q::Upsample{.scale_factor = 2}(x)];
  CHECK(nearest.shape == q::Shape(24, 24, 4));
  CHECK(nearest.settings.mode == q::InterpolationMode::Nearest);
  const q::Node& bilinear = calls[q::Upsample{.scale_factor = {3, 2}, .mode = q::InterpolationMode::Bilinear}(x)];
  CHECK(bilinear.op == q::Operator::Upsample);
  CHECK(bilinear.shape == q::Shape(36, 24, 4));
  CHECK(bilinear.settings.mode == q::InterpolationMode::Bilinear);
  CHECK(calls.modules[1].calls == 4);
}
