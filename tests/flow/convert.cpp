// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/convert.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

TEST_CASE("converting a calibrated model and one that only began to train gives nearly the same integers") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 6);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<toy::Net>{q::Seed{2}}), batches);
  const auto qat = q::start_qat(calibrated);
  auto one = q::convert(calibrated), other = q::convert(qat);
  const auto a = one.predict(batches[0].images), b = other.predict(batches[0].images);
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(std::abs(static_cast<double>(a.data()[i] - b.data()[i])) < 0.02);  // the scales differ by their last bit
  auto copy = one;
  CHECK(copy.predict(batches[1].images) == one.predict(batches[1].images));
}
