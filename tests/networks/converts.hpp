// SPDX-License-Identifier: Apache-2.0
// What a right network does: it keeps the rules, calibrates, trains, converts, and has the same bits everywhere.
#pragma once

#include "flow/flow.hpp"

namespace networks {

/// Checks a network that is trained in float. `signal_to_noise`: of the calibrated integers against float, in dB.
template <class Setter = quench::setter::DefaultQat, class March = quench::march::NashE, class Net>
void check_model_converts(const quench::FloatModel<Net>& model, double signal_to_noise) {
  namespace q = quench;
  static_assert(q::verified_setter<Net, March, Setter>());
  constexpr int samples = 4;
  const auto batches = q::random_batches<Net>(q::Seed{5}, 3, samples);
  const auto calibrated = q::calibrate(q::prepare<March, Setter>(model), batches);
  const auto quantized = q::convert(calibrated);
  const auto expected = flow::outputs(calibrated, batches[0]);
  CHECK(flow::signal_to_noise(expected, flow::outputs(quantized, batches[0])) > signal_to_noise);

  auto qat = q::start_qat(calibrated);
  std::vector<float> target = flow::outputs(calibrated, batches[1]);
  for (float& value : target) value = value / 2 + 0.1f;
  q::Sgd sgd{.learning_rate = 0.01f, .momentum = 0.5f};
  for (int step = 0; step < 3; ++step) flow::step_towards(qat, batches[1], target, sgd);
  const auto trained = q::convert(qat);
  for (const auto& batch : batches) {
    CHECK(flow::same_bits(flow::outputs(qat, batch), flow::outputs(trained, batch)));
    auto pass = keep_all(trained, batch);
    for (int sample = 0; sample < samples; ++sample)
      CHECK(flow::run_as_device(trained, pass, sample) == flow::integers_of(trained, pass, sample));
  }
}

/// The same with random weights, and statistics of batch norms from random inputs.
template <class Net, class Setter = quench::setter::DefaultQat, class March = quench::march::NashE>
void check_converts(double signal_to_noise) {
  namespace q = quench;
  q::FloatModel<Net> model{q::Seed{7}};
  for (const auto& batch : q::random_batches<Net>(q::Seed{5}, 3, 4))
    q::phases::with_inputs<Net>(batch, [&](const auto&... x) { model.forward(x...); });
  check_model_converts<Setter, March>(model, signal_to_noise);
}

}  // namespace networks
