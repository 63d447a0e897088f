// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/float_model.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("predict uses running statistics, forward those of the batch") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  const auto before = model.predict(batch.images);
  CHECK(model.predict(batch.images) == before);
  CHECK(model.forward(batch.images) != before);
  CHECK(model.predict(batch.images) != before);
}

TEST_CASE("a copy of a model is another model") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}}, copy = model;
  const auto before = model.predict(batch.images);
  for (auto& parameter : copy.parameters())
    for (float& value : parameter.values) value = 1;
  CHECK(model.predict(batch.images) == before);
  CHECK(copy.predict(batch.images) != before);
}
