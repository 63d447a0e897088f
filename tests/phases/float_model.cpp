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

TEST_CASE("backward needs a forward pass, once for each, and gradients of its shape") {
  q::FloatModel<toy::Net> model;
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 3)[0];
  const auto gradient = model.predict(batch.images);
  CHECK_THROWS_WITH_AS(model.backward(gradient), doctest::Contains("backward-before-forward"), q::Error);
  model.forward(batch.images);
  CHECK_THROWS_WITH_AS(model.backward(xt::xtensor<float, 2>(xt::ones<float>({2, 4}))),
                       doctest::Contains("needed [3, 4], given [2, 4]"), q::Error);
  model.backward(gradient);
  CHECK_THROWS_WITH_AS(model.backward(gradient), doctest::Contains("backward-before-forward"), q::Error);
}
