// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/quantization.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("weights get a scale for each output channel, also from one for the whole") {
  const q::Graph& graph = q::graph<toy::Net>;
  q::training::Parameters parameters = q::training::Parameters(graph, q::Seed{1}).folded(graph);
  const int conv = graph.find_module("conv");
  parameters[parameters.of(conv).weight].values.assign(54, 0.255f);
  parameters[parameters.of(conv).weight].values[20] = -0.51f;
  q::phases::ErasedFakeQuantizer<q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>> channels;
  CHECK(q::phases::weight_scales(graph, parameters, conv, channels) ==
        std::vector<float>{0.255f / 127.5f, 0.51f / 127.5f, 0.255f / 127.5f});
  q::phases::ErasedFakeQuantizer<q::FakeQuantize<q::MinMaxObserver>> whole;
  CHECK(q::phases::weight_scales(graph, parameters, conv, whole) == std::vector<float>(3, 0.51f / 127.5f));
  q::phases::ErasedFakeQuantizer<q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<3>>> wrong_axis;
  CHECK_THROWS_WITH_AS(q::phases::weight_scales(graph, parameters, conv, wrong_axis), doctest::Contains("conv"),
                       q::Error);
}

TEST_CASE("an activation has one scale, also where the setter's rules cannot see how many a fake-quantizer has") {
  const q::Graph& graph = q::graph<toy::Net>;
  using Channels = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
  q::phases::ModuleQuantizers quantizers;
  quantizers.activation.resize(static_cast<std::size_t>(graph.module_count));
  auto& conv = quantizers.activation[static_cast<std::size_t>(graph.find_module("conv"))];
  conv = q::phases::FakeQuantizerHandle(std::make_unique<q::phases::ErasedFakeQuantizer<Channels>>());
  conv->observe(std::vector<float>{1});
  CHECK(q::phases::activation_scales(graph, quantizers)[static_cast<std::size_t>(graph.find_module("conv"))] > 0);
  conv = q::phases::FakeQuantizerHandle(std::make_unique<q::phases::ErasedFakeQuantizer<Channels>>());
  conv->observe(std::vector<float>{1, 2});
  CHECK_THROWS_WITH_AS(q::phases::activation_scales(graph, quantizers), doctest::Contains("conv"), q::Error);
}

namespace {

// A fake-quantizer of a user's own, whose axis no template argument tells.
struct OfInputChannels : q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<-1>> {};
struct OfOutputChannels : q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<-4>> {};

}  // namespace

TEST_CASE("scales of weights belong to axis 0, also where the setter's rules cannot see which axis it is") {
  const q::Graph& graph = q::graph<toy::Net>;
  const q::training::Parameters parameters = q::training::Parameters(graph, q::Seed{1}).folded(graph);
  const int conv = graph.find_module("conv");
  static_assert(!q::detail::scale_axis<OfInputChannels>.per_channel);
  q::phases::ErasedFakeQuantizer<OfInputChannels> wrong;
  CHECK_THROWS_WITH_AS(q::phases::weight_scales(graph, parameters, conv, wrong), doctest::Contains("of axis -1"),
                       q::Error);
  q::phases::ErasedFakeQuantizer<OfOutputChannels> right;
  CHECK(q::phases::weight_scales(graph, parameters, conv, right).size() == 3);
}
