// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/qat_core.hpp>

#include <doctest/doctest.h>

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
