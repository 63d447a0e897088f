// SPDX-License-Identifier: Apache-2.0
#include <quench/network/per_channel.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr bool channel_affine_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = expected.out_channels = 4;
  expected.bias = true;
  expected.epsilon = 0.5f;
  Calls calls;
  const q::ChannelAffine affine{.channels = 4, .eps = 0.5f, .module_index = q::ModuleIndex(3)};
  const q::Node& map = calls[affine(calls.input(Shape(6, 5, 4)))];
  const int line = __LINE__ - 1;
  const q::Node& vector = calls[q::ChannelAffine{.channels = 7}(calls.input(Shape(7)))];
  const q::Node& other = calls[q::ChannelAffine{}(calls.input(Shape(6, 5)))];
  return is_call(map, Operator::ChannelAffine, 3, line, Shape(6, 5, 4)) && same_settings(map.settings, expected) &&
         is_call(vector, Operator::ChannelAffine, -1, line + 2, Shape(7)) && vector.settings.epsilon == 1e-5f &&
         !other.shapes_agree && other.settings.in_channels == 0;
}

constexpr bool prelu_keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = expected.out_channels = 4;
  expected.parameters[0] = 0.5f;
  Calls calls;
  const q::PReLU prelu{.num_parameters = 4, .init = 0.5f, .module_index = q::ModuleIndex(3)};
  const q::Node& map = calls[prelu(calls.input(Shape(6, 5, 4)))];
  const int line = __LINE__ - 1;
  const q::Node& vector = calls[q::PReLU{}(calls.input(Shape(7)))];
  const q::Node& other = calls[q::PReLU{3}(calls.input(Shape(6, 5)))];
  return is_call(map, Operator::PReLU, 3, line, Shape(6, 5, 4)) && same_settings(map.settings, expected) &&
         is_call(vector, Operator::PReLU, -1, line + 2, Shape(7)) && vector.settings.parameters[0] == 0.25f &&
         vector.settings.in_channels == 1 && !other.shapes_agree && other.shape == Shape(6, 5);
}

struct WithNorm {
  using Inputs = q::Inputs<q::Features<3, 4>>;
  q::QuantStub quant;
  q::ChannelAffine affine{.channels = 4};
  q::BatchNorm2d norm{.channels = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(norm(affine(quant(x)))); }
};

}  // namespace

static_assert(channel_affine_keeps_its_settings());
static_assert(prelu_keeps_its_settings());
static_assert(q::verified<WithNorm, q::march::NashE>() && is_folded(q::graph<WithNorm>, q::graph<WithNorm>.nodes[3]));

TEST_CASE("a ChannelAffine keeps its settings in its node") { CHECK(channel_affine_keeps_its_settings()); }
TEST_CASE("a PReLU keeps its settings in its node") { CHECK(prelu_keeps_its_settings()); }
