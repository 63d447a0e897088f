// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/qat.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/prepare.hpp>

namespace {

using Fixed = q::setter::FixedActivationQat;

}  // namespace

TEST_CASE("training begins at the scales of calibration, also with a setter of its own") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 6);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<toy::Net>{q::Seed{2}}), batches);
  auto qat = q::start_qat(calibrated);
  auto fixed = q::start_qat<Fixed>(calibrated);
  const auto are_near = [&](const std::vector<float>& scales) {
    bool near = true;
    for (std::size_t m = 0; m < scales.size(); ++m)
      near = near && std::abs(scales[m] - calibrated.activation_scales()[m]) <= 1e-6f * scales[m];
    return near;
  };
  CHECK(are_near(qat.core().scales().activation));
  CHECK(are_near(fixed.core().scales().activation));
  qat.forward(batches[0].images);
  fixed.forward(batches[0].images);
  CHECK_FALSE(are_near(qat.core().scales().activation));
  CHECK(are_near(fixed.core().scales().activation));
}
