// SPDX-License-Identifier: Apache-2.0
// What write_descriptions.cpp has written, compiled: the graphs are those of the imported networks, and the files of
// weights load into their models.
#include <algorithm>
#include <doctest/doctest.h>

#include <quench/interop/description.hpp>
#include <quench/interop/description/names.hpp>
#include <quench/interop/state.hpp>
#include <quench/phases/float_model.hpp>

#include "Flat.hpp"
#include "Gated.hpp"
#include "Hostile.hpp"
#include "MobileNet.hpp"
#include "NamelessMobileNet.hpp"
#include "Pyramid.hpp"
#include "TakesCenteredImages.hpp"
#include "Text.hpp"
#include "TrainedOnPictures.hpp"
#include "interop/imported_networks.hpp"

namespace {

namespace i = quench::interop;

std::string text_of(quench::TextView text) { return {text.data, static_cast<std::size_t>(text.size)}; }

const i::ImportedNetwork& network_of(const std::string& name) {
  static const auto all = imported::networks();
  for (const auto& [each, network] : all)
    if (each == name) return network;
  FAIL("there is no network " << name);
  return all[0].second;
}

/// The node of the graph that has value v: of an input its QuantStub, if it has one.
int node_of(const i::ImportedNetwork& network, int value) {
  const int inputs = static_cast<int>(network.inputs.size());
  int stubs = 0;  // of the inputs before the value
  for (int n = 0; n < std::min(value, inputs); ++n) stubs += !network.inputs[static_cast<std::size_t>(n)].is_indices;
  if (value >= inputs) return value + stubs;
  return network.inputs[static_cast<std::size_t>(value)].is_indices ? value : inputs + stubs;
}

void check_graph(const quench::Graph& graph, const i::ImportedNetwork& network, const i::Description& description) {
  const int inputs = static_cast<int>(network.inputs.size()), steps = static_cast<int>(network.steps.size());
  REQUIRE(graph.node_count == node_of(network, inputs + steps) + static_cast<int>(network.outputs.size()));
  for (int k = 0; k < steps; ++k) {
    const i::ImportedStep& step = network.steps[static_cast<std::size_t>(k)];
    const quench::Node& node = graph.nodes[node_of(network, inputs + k)];
    CAPTURE(step.node);
    const bool is_function = step.type.empty() || step.type == "FloatFunctional";
    CHECK(text_of(quench::name_of(node.op)) ==
          (is_function ? std::string(i::detail::function_of(step.call)) : step.type));
    CHECK(text_of(graph.name_of_node(node)) == (step.type.empty() ? std::string(i::detail::function_of(step.call))
                                                                  : description.modules[static_cast<std::size_t>(k)]));
    REQUIRE(node.shape.rank == static_cast<int>(step.shape.size()));
    for (int axis = 0; axis < node.shape.rank; ++axis)
      CHECK(node.shape[axis] == step.shape[static_cast<std::size_t>(axis)]);
    REQUIRE(node.operand_count == static_cast<int>(step.inputs.size()));
    for (int o = 0; o < node.operand_count; ++o)
      CHECK(graph.operand(node, o) == node_of(network, step.inputs[static_cast<std::size_t>(o)]));
  }
  REQUIRE(graph.output_count == static_cast<int>(network.outputs.size()));
  for (int o = 0; o < graph.output_count; ++o)
    CHECK(graph.operand(graph.nodes[graph.outputs[o]], 0) ==
          node_of(network, network.outputs[static_cast<std::size_t>(o)].value));
}

/// A weight of PyTorch, [out, in, h, w], in quench's order [out, h, w, in].
std::vector<float> in_quench_order(const i::NamedArray& array) {
  std::vector<float> values = array.values<float>();
  if (array.shape.size() != 4) return values;
  const std::size_t depth = array.shape[1], taps = array.shape[2] * array.shape[3];
  const std::vector<float> given = values;
  for (std::size_t n = 0; n < values.size(); ++n) {
    const std::size_t row = n / (taps * depth), tap = n / depth % taps, channel = n % depth;
    values[n] = given[(row * depth + channel) * taps + tap];
  }
  return values;
}

template <class Net>
void check(const std::string& name) {
  const i::ImportedNetwork& network = network_of(name);
  const i::Description description = i::describe(network, {name});
  check_graph(quench::graph<Net>, network, description);
  quench::FloatModel<Net> model;
  i::load(model, std::string(QUENCH_WRITTEN_DESCRIPTIONS "/") + name + ".safetensors");
  std::size_t compared = 0;
  for (const auto& view : model.parameters()) {
    for (std::size_t k = 0; k < network.steps.size(); ++k)
      for (const auto& [what, array] : network.steps[k].parameters) {
        if (description.modules[k] + "." + what != view.name) continue;
        const std::vector<float> expected = in_quench_order(array);
        CAPTURE(view.name);
        CHECK(std::equal(expected.begin(), expected.end(), view.values.begin(), view.values.end()));
        ++compared;
      }
  }
  CHECK(compared == model.parameters().size());
}

}  // namespace

TEST_CASE("written descriptions: one struct, its names those of the file") { check<Flat>("Flat"); }
TEST_CASE("written descriptions: blocks that feed several others") { check<Pyramid>("Pyramid"); }
TEST_CASE("written descriptions: names that C++ does not take") { check<Hostile>("Hostile"); }
TEST_CASE("written descriptions: blocks without names") {
  check<Gated>("Gated");
  CHECK(quench::graph<Gated>.tie_count == 1);
}
TEST_CASE("written descriptions: indices have no QuantStub") {
  check<Text>("Text");
  CHECK(quench::graph<Text>.find_module("quant") >= 0);
}
TEST_CASE("written descriptions: MobileNetV2, with torchvision's names") {
  check<MobileNet>("MobileNet");
  CHECK(quench::parameter_count(quench::graph<MobileNet>) == 3504872);
  CHECK(quench::graph<MobileNet>.find_module("features.3.conv.1.0") >= 0);
  CHECK(quench::graph<MobileNet>.find_module("classifier.1") >= 0);
}
TEST_CASE("written descriptions: MobileNetV2 without names") { check<NamelessMobileNet>("NamelessMobileNet"); }

TEST_CASE("written descriptions: images of a training, and the centred ones in their place, give the same outputs") {
  check<TrainedOnPictures>("TrainedOnPictures");
  check<TakesCenteredImages>("TakesCenteredImages");
  const auto path = [](const char* name) {
    return std::string(QUENCH_WRITTEN_DESCRIPTIONS "/") + name + ".safetensors";
  };
  quench::FloatModel<TrainedOnPictures> trained;
  quench::FloatModel<TakesCenteredImages> centered;
  i::load(trained, path("TrainedOnPictures"));
  i::load(centered, path("TakesCenteredImages"));
  // Gray pictures, whose colours have exact codes.
  quench::ImageBatch<quench::color::Bgr> bgr(1, 8, 8);
  quench::ImageBatch<quench::color::Gray> depth(1, 4, 4);
  for (std::size_t n = 0; n < bgr.codes().size(); ++n) bgr.codes()[n] = static_cast<std::uint8_t>(n / 3 * 83 % 251);
  for (std::size_t n = 0; n < depth.codes().size(); ++n) depth.codes()[n] = static_cast<std::uint8_t>(n * 71 % 253);
  xt::xtensor<float, 4> x = xt::empty<float>({1, 8, 8, 3}), y = xt::empty<float>({1, 4, 4, 1});
  const auto images = imported::trained_pictures();
  for (std::size_t n = 0; n < x.size(); ++n)
    x.data()[n] = static_cast<float>((bgr.codes()[n] / 255.0 - images[0].mean[n % 3]) / images[0].deviation[n % 3]);
  for (std::size_t n = 0; n < y.size(); ++n)
    y.data()[n] = static_cast<float>((depth.codes()[n] - images[1].mean[0]) / images[1].deviation[0]);
  const auto wanted = trained.predict(x, y);
  const auto given = centered.predict(quench::to_centered_yuv444(bgr), quench::to_centered_gray(depth));
  REQUIRE(given.shape() == wanted.shape());
  for (std::size_t n = 0; n < given.size(); ++n)
    CHECK(static_cast<double>(given.data()[n]) == doctest::Approx(static_cast<double>(wanted.data()[n])).epsilon(1e-4));
}
