// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/qat.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "networks/small.hpp"
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

TEST_CASE("gradients point where those of the float model point, also in float layers before a QuantStub") {
  using Net = small::WithFloatEnds;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 6);
  q::FloatModel<Net> model{q::Seed{2}};
  auto qat = q::start_qat(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  auto gradient = model.forward(batches[0].images);
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient.data()[i] = static_cast<float>(i % 5) - 2.0f;
  model.backward(gradient);
  qat.forward(batches[0].images);
  qat.backward(gradient);
  std::map<std::string, q::ParameterView> expected;
  for (const auto& parameter : model.parameters()) expected[parameter.name] = parameter;
  for (const auto& parameter : qat.parameters()) {
    CAPTURE(parameter.name);
    double product = 0, own = 0, other = 0;
    for (std::size_t i = 0; i < parameter.gradients.size(); ++i) {
      const auto a = static_cast<double>(parameter.gradients[i]),
                 b = static_cast<double>(expected.at(parameter.name).gradients[i]);
      product += a * b;
      own += a * a;
      other += b * b;
    }
    CHECK(product > 0.95 * std::sqrt(own * other));
    CHECK(own > 0.5 * other);
  }
}
