// SPDX-License-Identifier: Apache-2.0
#include <quench/training/parameters.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <quench/network.hpp>

#include "networks/embeddings.hpp"
#include "networks/operators.hpp"
#include "networks/small.hpp"

namespace q = quench;
namespace t = quench::training;

TEST_CASE("random numbers are the same on every machine") {
  t::Random random(q::Seed{42});
  CHECK(random() == 13930160852258120406u);  // std::mt19937_64 seeded with 42 begins with 13930160852258120406
  CHECK(random.uniform() < 1);
  t::Random copy = random, other(q::Seed{1});
  other = copy;
  const auto next = random();
  CHECK(copy() == next);
  CHECK(other() == next);
}

TEST_CASE("weights begin inside 1 / sqrt(fan in), batch norms at identity") {
  const q::Graph& graph = q::graph<small::ResNet>;
  const t::Parameters parameters(graph, q::Seed{1});
  for (const t::Parameter& parameter : parameters.list()) {
    CAPTURE(parameter.name);
    float largest = 0;
    for (const float value : parameter.values) largest = std::max(largest, std::abs(value));
    if (parameter.name == "block1.conv2.weight") CHECK(largest <= 1 / std::sqrt(72.0f));
    if (parameter.name == "block1.conv2.weight") CHECK(largest > 0.9f / std::sqrt(72.0f));
    if (parameter.name == "stem_bn.running_var") CHECK(parameter.values == std::vector<float>(4, 1.0f));
    if (parameter.name == "stem_bn.running_mean") CHECK(parameter.values == std::vector<float>(4, 0.0f));
    CHECK(parameter.gradients.empty() == (parameter.name.find("running") != std::string::npos));
  }
}

TEST_CASE("norms of rows begin with weights of 1 and biases of 0, and take no random number") {
  const t::Parameters parameters(q::graph<operators::RowNorms>, q::Seed{1});
  std::vector<std::string> names;
  for (const t::Parameter& parameter : parameters.list()) {
    names.push_back(parameter.name);
    const bool is_weight = parameter.name.ends_with(".weight");
    CHECK(parameter.values == std::vector<float>(parameter.values.size(), is_weight ? 1.0f : 0.0f));
    CHECK(parameter.gradients.size() == parameter.values.size());
    if (parameter.name.starts_with("map_norm")) CHECK(parameter.shape == std::vector<std::size_t>{4, 5, 8});
  }
  CHECK(names == std::vector<std::string>{"layer_norm.weight", "layer_norm.bias", "map_norm.weight", "map_norm.bias",
                                          "unbiased_norm.weight", "rms_norm.weight"});
}

TEST_CASE("embeddings begin normal with deviation 1, and their padding at 0") {
  const t::Parameters parameters(q::graph<embeddings::Lookups>, q::Seed{1});
  const auto table = [&](int i) -> const t::Parameter& { return parameters.list()[static_cast<std::size_t>(i)]; };
  CHECK(table(0).name == "large.weight");
  CHECK(table(0).shape == std::vector<std::size_t>{9, 5});
  for (std::size_t i = 0; i < 45; ++i) CHECK((table(0).values[i] == 0) == (i >= 40));
  CHECK(table(2).name == "square.weight");
  double sum = 0, squares = 0, largest = 0;
  for (const float value : table(2).values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  CHECK(std::abs(sum / 900) < 0.1);
  CHECK(squares / 900 == doctest::Approx(1).epsilon(0.15));
  CHECK((largest > 2.5 && largest < 6));
}

TEST_CASE("tied modules have one set of parameters") {
  const q::Graph& graph = q::graph<small::Siamese>;
  const t::Parameters parameters(graph, q::Seed{1});
  CHECK(parameters.list().size() == 4);  // left.weight, left.bias, head.weight, head.bias
  CHECK(parameters.of(graph.find_module("left")).weight == parameters.of(graph.find_module("right")).weight);
}

TEST_CASE("folding gives a layer a bias, and drops the batch norm") {
  const q::Graph& graph = q::graph<small::ResNet>;
  t::Parameters parameters(graph, q::Seed{1});
  const t::ParametersOfModule norm = parameters.of(graph.find_module("stem_bn"));
  parameters[norm.weight].values = {2, 1, 1, 1};
  parameters[norm.bias].values = {0.25f, 0, 0, 0};
  parameters[norm.running_mean].values = {3, 0, 0, 0};
  parameters[norm.running_variance].values = {16, 1, 1, 1};
  const t::Parameters folded = parameters.folded(graph);
  const t::ParametersOfModule stem = folded.of(graph.find_module("stem"));
  CHECK(folded[stem.bias].name == "stem.bias");
  CHECK(static_cast<double>(folded[stem.bias].values[0]) == doctest::Approx(0.25 - 3 * 2 / 4.0).epsilon(1e-5));
  const float before = parameters[parameters.of(graph.find_module("stem")).weight].values[0];
  CHECK(static_cast<double>(folded[stem.weight].values[0]) ==
        doctest::Approx(static_cast<double>(before) / 2).epsilon(1e-5));
  CHECK(folded.of(graph.find_module("stem_bn")).weight == -1);
}
