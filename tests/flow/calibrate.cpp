// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/calibrate.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/prepare.hpp>

TEST_CASE("calibration tells how far it is, and the order of batches does not matter to observers that merge") {
  auto batches = q::random_batches<toy::Net>(q::Seed{1}, 3, 6);
  const q::FloatModel<toy::Net> model{q::Seed{2}};
  std::vector<std::size_t> told;
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches,
                                       [&](std::size_t done, std::size_t all) { told.push_back(10 * done + all); });
  CHECK(told == std::vector<std::size_t>{13, 23, 33});
  std::swap(batches[0], batches[2]);
  const auto turned_round = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  CHECK(turned_round.activation_scales() == calibrated.activation_scales());
}
