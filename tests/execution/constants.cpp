// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/constants.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

#include "networks/operators.hpp"

TEST_CASE("operators that keep a scale have that of their input, and a factor becomes part of it") {
  const q::Graph& graph = q::graph<operators::Arithmetic>;
  q::QuantizationState state{std::vector<float>(static_cast<std::size_t>(graph.module_count), 0.125f), {}};
  state.weights.resize(state.activation_scales.size());
  const q::IntegerConstants constants(
      graph, std::vector<q::DType>(static_cast<std::size_t>(graph.node_count), q::DType::Int8), state);
  const auto node = [&](q::TextView name) { return graph.modules[graph.find_module(name)].node; };
  CHECK(constants.scales(node("mul_scalar"))[0] == 0.125f * 1.5f);
  CHECK(constants.step(node("mul_scalar")).is_negative);
  CHECK(constants.step(node("add")).addition->multiplier != 0);
  CHECK(constants.step(node("mean")).requantization[0] ==
        q::requantization(1.0 / 60, 8, q::RequantizeFrom::Accumulators));
  CHECK(constants.step(node("sum")).requantization[0] == q::requantization(1, 8, q::RequantizeFrom::Accumulators));
  CHECK(constants.step(node("cat")).requantization[0] == q::kernels::same_scale);
  state.activation_scales[static_cast<std::size_t>(graph.find_module("sum"))] = 0;
  CHECK_THROWS_WITH_AS(q::IntegerConstants(graph, constants.dtypes(), state), doctest::Contains("sum"), q::Error);
}

namespace {

struct Means {
  using Inputs = q::Inputs<q::Features<4, 6, 8>>;
  q::QuantStub quant;
  q::AvgPool2d uneven{.kernel_size = 3, .stride = 2, .padding = {1, 0}, .ceil_mode = true}, even{.kernel_size = {3, 2}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    return std::tuple(dequant(uneven(v)), dequant(even(v)));
  }
};

}  // namespace

TEST_CASE("an average pool has a record for each number of pixels that a window counts, and one if it is one number") {
  const auto derived = [](const q::Graph& graph) {
    q::QuantizationState state{std::vector<float>(static_cast<std::size_t>(graph.module_count), 0.125f), {}};
    state.weights.resize(state.activation_scales.size());
    return q::IntegerConstants(graph, std::vector<q::DType>(static_cast<std::size_t>(graph.node_count), q::DType::Int8),
                               state);
  };
  const auto check = [](const q::IntegerConstants& constants, int node, const std::vector<int>& counts) {
    const bool is_one = counts.size() == 1;
    CHECK((constants.step(node).counts == nullptr) == is_one);
    REQUIRE(constants.counts(node).size() == (is_one ? 0 : counts.size()));
    REQUIRE(constants.requantizations(node).size() == counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (!is_one) CHECK(constants.counts(node)[i] == counts[i]);
      CHECK(constants.step(node).requantization[i] ==
            q::requantization(1.0 / counts[i], 8, q::RequantizeFrom::Accumulators));
    }
  };
  const q::Graph& adaptive = q::graph<operators::AdaptivePools>;
  const q::IntegerConstants constants = derived(adaptive);
  const auto node = [&](q::TextView name) { return adaptive.modules[adaptive.find_module(name)].node; };
  check(constants, node("equal"), {2});
  check(constants, node("uneven"), {6});
  check(constants, node("larger"), {2, 3, 4, 6});
  const q::Graph& sliding = q::graph<Means>;
  const q::IntegerConstants means = derived(sliding);
  check(means, sliding.modules[sliding.find_module("uneven")].node, {4, 6, 9});
  check(means, sliding.modules[sliding.find_module("even")].node, {6});
}
