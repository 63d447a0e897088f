// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/qat_core.hpp>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

#include "networks/small.hpp"
#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("a pass of training uses the scales as they are when it begins, and moves them for the next") {
  using Setter = q::setter::DefaultQat;
  const q::Graph& graph = q::graph<toy::Net>;
  auto quantizers = q::phases::make_quantizers<toy::Net, q::march::NashE, Setter, q::phases::QatForm>();
  const auto quant = static_cast<std::size_t>(graph.find_module("quant")),
             conv = static_cast<std::size_t>(graph.find_module("conv"));
  quantizers.activation[quant]->start_at({0.001f});
  quantizers.activation[conv]->start_at({0.5f});
  q::phases::QatCore core(q::phases::integer_program<toy::Net, q::march::NashE, Setter>(),
                          q::training::Parameters(graph, q::Seed{1}).folded(graph), quantizers);
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 4)[0];
  core.train(q::phases::check_inputs(graph, batch.images));
  CHECK(core.network().constants().scales(1)[0] == doctest::Approx(0.001).epsilon(1e-6));
  CHECK(core.quantizers().activation[quant]->scales()[0] > 0.001f);
  CHECK(core.quantizers().activation[conv]->scales()[0] < 0.5f);
  const auto scales = core.quantizers().activation[quant]->scales();
  core.predict(q::phases::check_inputs(graph, batch.images), [](const auto&, q::Shard) {});
  CHECK(core.quantizers().activation[quant]->scales() == scales);  // at rest
}

TEST_CASE("a step of training takes at most 9 bytes for each element of an int8 activation") {
  using Setter = q::setter::DefaultQat;
  const q::Graph& graph = q::graph<small::ResNet>;
  constexpr int samples = 64;
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE, Setter>(q::FloatModel<small::ResNet>{}),
                                       q::random_batches<small::ResNet>(q::Seed{1}, 1, samples));
  auto qat = q::start_qat(calibrated);
  q::phases::QatCore& core = qat.core();
  const auto batch = q::random_batches<small::ResNet>(q::Seed{1}, 1, samples)[0];
  core.train(q::phases::check_inputs(graph, batch.images));
  std::size_t elements = 0;
  for (int n = 0; n < graph.node_count; ++n)
    if (q::device::is_step(graph, n)) elements += q::index(graph.nodes[n].shape.elements()) * samples;
  std::vector<std::vector<float>> gradients;
  for (int i = 0; i < graph.output_count; ++i)
    gradients.emplace_back(q::index(graph.nodes[graph.outputs[i]].shape.elements()) * samples, 1.0f);
  core.backward(gradients);
  CHECK(core.bytes_of_training() <= 9 * elements);
}
