// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/prepared_model.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("a prepared model computes what the float model predicts") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  model.forward(batch.images);
  q::PreparedModel<toy::Net, q::march::NashE, q::setter::DefaultCalibration> prepared(
      model.core().parameters().folded(q::graph<toy::Net>));
  const auto expected = model.predict(batch.images), given = prepared.predict(batch.images);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(given.data()[i]) ==
          doctest::Approx(static_cast<double>(expected.data()[i])).epsilon(1e-4));
}

TEST_CASE("a batch that is refused has been observed by nobody") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  q::PreparedModel<toy::Net, q::march::NashE, q::setter::DefaultCalibration> prepared(
      model.core().parameters().folded(q::graph<toy::Net>));
  for (auto& parameter : prepared.parameters())
    if (parameter.name == "head.weight") parameter.values[0] = 3e38f;  // the head overflows behind good layers
  auto large = batch.images;
  for (float& value : large) value = 1e30f;
  CHECK_THROWS_AS(prepared.observe(large), q::Error);
  const int quant = q::graph<toy::Net>.find_module("quant");
  CHECK_THROWS_AS(prepared.quantizers().activation[static_cast<std::size_t>(quant)]->scales(), q::Error);
}
