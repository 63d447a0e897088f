// SPDX-License-Identifier: Apache-2.0
// The text of descriptions. written_descriptions.cpp compiles longer ones and loads their weights.
#include <quench/interop/description.hpp>

#include <doctest/doctest.h>

#include "interop/imported_networks.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;

namespace {

bool has_part(const std::string& text, std::string_view what) { return text.find(what) != text.npos; }

}  // namespace

TEST_CASE("description: a network as a person would have written it") {
  const i::Description description = i::describe(imported::flat(), {"Flat", i::march_named("NashE")});
  CHECK(description.name == "Flat");
  CHECK(description.lacks.empty());
  CHECK(description.text == R"(// Flat, made by import_onnx from net.onnx.
// The file is of by hand 1.0, operator set 13. Flat.safetensors has the weights.
#pragma once

#include <quench/network.hpp>

struct Flat {
  using Inputs = quench::Inputs<quench::Features<8, 8, 3>>;

  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d stem_bn{.channels = 4};
  quench::ReLU stem_relu;
  quench::Conv2d body{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  quench::FloatFunctional add;
  quench::HardSwish hard_swish;
  quench::Linear classifier{.in_features = 256, .out_features = 10};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = stem_relu(stem_bn(stem(quant(image))));
    x = quench::flatten(hard_swish(add.add(x, body(x))));
    return dequant(classifier(x));
  }
};

static_assert(quench::verified<Flat, quench::march::NashE>());
)");
}

TEST_CASE("description: the same network gives the same text") {
  for (const auto& [name, network] : imported::networks())
    CHECK(i::describe(network, {name}).text == i::describe(network, {name}).text);
}

TEST_CASE("description: what a march lacks is listed with the names of module and node") {
  CHECK_FALSE(i::march_named("Nash"));
  const i::Description description = i::describe(imported::gated(), {"Gated", i::march_named("Bernoulli2")});
  CHECK(description.lacks.empty());
  imported::Maker net({8});
  net.output("y", net.layer("act", "GELU", 0));
  const i::Description gelu = i::describe(net.network, {"Net", i::march_named("Bernoulli2")});
  CHECK(gelu.lacks == std::vector<std::string>{"GELU at act, which is GELU$m($0) 'act'"});
  CHECK(has_part(gelu.text,
                 "\n// march::Bernoulli2 lacks operators of this network:\n//   GELU at act, which is GELU$m($0) "
                 "'act'\nstatic_assert(quench::verified<Net>());\n"));
  CHECK(has_part(i::describe(net.network, {"Net", i::march_named("NashE")}).text,
                 "verified<Net, quench::march::NashE>()"));
}

TEST_CASE("description: the name of the struct becomes an identifier") {
  for (const auto& [given, name] : {std::pair("my-net", "MyNet"), std::pair("12", "Layer12"),
                                    std::pair("class", "Class"), std::pair("BlazeFace", "BlazeFace")})
    CHECK(i::describe(imported::flat(), {given}).name == name);
}

TEST_CASE("description: weights have the names of modules, and tied ones stand once") {
  i::ImportedNetwork network = imported::gated();
  const i::NamedArray weight = network.steps[0].parameters.at("weight");
  const i::Description description = i::describe(network);
  const i::NamedArrays arrays = i::weights_of(std::move(network), description);
  CHECK(arrays.at("conv.weight") == weight);
  CHECK(arrays.count("blocks.4.conv5.bias") == 1);
  CHECK(arrays.count("shared.weight") == 1);
  CHECK(arrays.count("shared_2.weight") == 0);
  CHECK(arrays.count(i::all_features_in_quench_order) == 1);
}

TEST_CASE("description: a network that cannot be one of quench is refused") {
  const auto evidence_slug = [](const i::ImportedNetwork& network) { return slug_of([&] { i::describe(network); }); };
  imported::Maker net({8});
  net.output("x", 0);
  CHECK(evidence_slug(net.network) == "model-not-understood");  // computes nothing
  const int x = net.layer("", "ReLU", 0);
  CHECK(evidence_slug(net.network) == "model-not-understood");  // the ReLU is used nowhere
  net.output("y", x);
  CHECK(evidence_slug(net.network).empty());
  net.add_input("unused", {8});
  CHECK(evidence_slug(net.network) == "model-not-understood");
  imported::Maker large({8});
  int value = 0;
  for (int n = 0; n < 2000; ++n) value = large.layer("", "ReLU", value);
  large.output("y", value);
  CHECK(evidence_slug(large.network) == "model-not-understood");
}
