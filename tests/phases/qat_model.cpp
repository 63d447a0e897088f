// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/qat_model.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("backward needs a forward pass of training, once for each") {
  using Setter = q::setter::DefaultQat;
  const q::Graph& graph = q::graph<toy::Net>;
  auto quantizers = q::detail::make_quantizers<toy::Net, q::march::NashE, Setter, q::detail::QatForm>();
  for (auto& quantizer : quantizers.activation)
    if (quantizer) quantizer->start_at({0.01f});
  q::QatModel<toy::Net, q::march::NashE, Setter> model(
      q::detail::QatCore(q::detail::integer_program<toy::Net, q::march::NashE, Setter>(),
                         q::training::Parameters(graph, q::Seed{1}).folded(graph), quantizers));
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 4)[0];
  const auto gradient = model.predict(batch.images);
  CHECK_THROWS_AS(model.backward(gradient), q::Error);
  model.forward(batch.images);
  model.backward(gradient);
  CHECK_THROWS_AS(model.backward(gradient), q::Error);
  bool any = false;
  for (const auto& parameter : model.parameters())
    for (const float g : parameter.gradients) any = any || g != 0;
  CHECK(any);
  model.zero_gradients();
  for (const auto& parameter : model.parameters())
    for (const float g : parameter.gradients) CHECK(g == 0);
}
