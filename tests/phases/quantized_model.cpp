// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/quantized_model.hpp>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/host/int8/level.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "networks/toy.hpp"

namespace q = quench;

namespace {

// Layers with enough products that threads share the rows of a sample.
struct LargeMaps {
  using Inputs = q::Inputs<q::Features<64, 64, 4>>;
  q::QuantStub quant;
  q::Conv2d window{.in_channels = 4, .out_channels = 32, .kernel_size = 3, .padding = 1};
  q::Conv2d point{.in_channels = 32, .out_channels = 64, .kernel_size = 1};
  q::ReLU relu{};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(point(relu(window(quant(x))))); }
};

}  // namespace

TEST_CASE("a quantized model computes what the integers are by hand") {
  using Setter = q::setter::DefaultQat;
  const q::Graph& graph = q::graph<toy::Net>;
  auto parameters = q::training::Parameters(graph, q::Seed{1}).folded(graph);
  for (auto& parameter : parameters.list()) parameter.values.assign(parameter.values.size(), 0);
  const int conv = graph.find_module("conv"), head = graph.find_module("head");
  parameters[parameters.of(conv).weight].values[8] = 1;     // the middle of the window, channel 0 to channel 0
  parameters[parameters.of(head).weight].values[3] = 0.5f;  // pixel 1, channel 0 to class 0
  parameters[parameters.of(head).bias].values[2] = -0.75f;
  q::phases::ModelScales scales{std::vector<float>(6), std::vector<std::vector<float>>(6),
                                std::vector<q::DType>(6, q::DType::Int8)};
  scales.activation[static_cast<std::size_t>(graph.find_module("quant"))] = 0.25f;
  scales.activation[static_cast<std::size_t>(conv)] = 0.5f;
  scales.weight[static_cast<std::size_t>(conv)] = {1, 1, 1};
  scales.weight[static_cast<std::size_t>(head)] = {0.5f, 1, 1, 1};
  q::QuantizedModel<toy::Net, q::march::NashE, Setter> model(
      q::phases::QuantizedCore(q::phases::integer_program<toy::Net, q::march::NashE, Setter>(), parameters, scales));
  auto x = xt::xtensor<float, 4>(xt::zeros<float>({1, 4, 4, 2}));
  x(0, 0, 1, 0) = 3.25f;  // code 13 at 0.25; 13 / 2 at 0.5 is 6.5, half up 7; times 0.5 * 0.5
  const auto y = model.predict(x);
  CHECK(y(0, 0) == 1.75f);
  CHECK(y(0, 1) == 0);
  CHECK(y(0, 2) == -1);  // -0.75 is -1.5 steps, half to even -2
}

TEST_CASE("a prediction counts the inputs that the codes cannot hold") {
  const auto batches = q::random_batches<LargeMaps>(q::Seed{1}, 1, 1);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<LargeMaps>{q::Seed{2}}), batches));
  model.set_workers(q::Workers{3});
  const float scale = model.core().constants().scales(1)[0];
  auto x = xt::xtensor<float, 4>(xt::zeros<float>({5, 64, 64, 4}));
  x(0, 0, 0, 0) = 127.4f * scale;   // rounds to 127
  x(0, 0, 0, 2) = 127.5f * scale;   // what calibration found
  x(1, 0, 0, 1) = -128.5f * scale;  // half to even: -128
  std::vector<q::InputSaturation> found;
  const auto count = [&] {
    const auto y = model.predict(found, x);
    CHECK(y == model.predict(x));
    REQUIRE(found.size() == 1);
    CHECK(found[0].module == "quant");
    return std::pair(found[0].outside, found[0].total);
  };
  const std::size_t total = 5 * 64 * 64 * 4;
  CHECK(count() == std::pair<std::size_t, std::size_t>(0, total));
  x(4, 63, 63, 3) = 127.6f * scale;
  x(2, 5, 7, 0) = -1e30f;
  CHECK(count() == std::pair<std::size_t, std::size_t>(2, 2 * total));
  x(3, 0, 0, 0) = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(model.predict(found, x), q::Error);
  CHECK(found[0].total == 2 * total);
}

TEST_CASE("threads that share the rows of a sample give the same bits") {
  const auto batches = q::random_batches<LargeMaps>(q::Seed{1}, 1, 1);
  auto one = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<LargeMaps>{q::Seed{2}}), batches));
  auto several = one;
  several.set_workers(q::Workers{4});
  for (const int samples : {1, 3, 4}) {
    CAPTURE(samples);
    const auto x = q::random_batches<LargeMaps>(q::Seed{3}, 1, samples)[0].images;
    CHECK(several.predict(x) == one.predict(x));
  }
  if (q::host::best_int8_level() != q::host::Int8Level::Portable) {
    const q::Graph& graph = q::graph<LargeMaps>;
    for (int n = 0; n < graph.node_count; ++n)
      if (graph.nodes[n].op == q::Operator::Conv2d) CHECK(one.core().network().parts(n) > 1);
  }
}
