// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/prepare.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("prepare leaves the float model as it was, and folds its batch norms") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  model.forward(batch.images);
  const auto before = model.predict(batch.images);
  auto prepared = q::prepare<q::march::NashE>(model);
  CHECK(prepared.parameters().size() == 4);  // conv.weight, conv.bias, head.weight, head.bias
  CHECK(model.predict(batch.images) == before);
  CHECK(model.parameters().size() == 7);
  using Int16 = decltype(q::prepare<q::march::NashE, q::setter::Int16WhereSupported>(model));
  static_assert(std::is_same_v<Int16::QConfigSetter, q::setter::Int16WhereSupported>);
}
