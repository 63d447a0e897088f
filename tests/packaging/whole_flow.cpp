// SPDX-License-Identifier: Apache-2.0
// The way of examples/08 in few steps: everything that a flow prints and writes, for builds that must agree in every bit.
#include <quench/quench.hpp>

#include <cstdio>
#include <iostream>

#include "device/write_test_images.hpp"
#include "fashion_net.hpp"

namespace q = quench;

int main(int, char** argv) {
  q::training::Random random(q::Seed{1});
  std::vector<q::Batch<FashionNet>> batches;
  for (int b = 0; b < 3; ++b) {
    auto& batch = batches.emplace_back(q::Batch<FashionNet>{{8, 28, 28}});
    for (auto& code : batch.images.codes()) code = static_cast<std::int8_t>(random.below(256) - 128);
    for (int n = 0; n < 8; ++n) batch.labels.push_back(random.below(10));
  }
  q::FloatModel<FashionNet> model{q::Seed{7}};
  q::Adam adam{.learning_rate = 0.01f};
  const auto train = [&](auto& any_model) {
    for (const auto& batch : batches) {
      const auto loss = q::cross_entropy(any_model.forward(batch.images), batch.labels);
      std::printf("loss %a\n", static_cast<double>(loss.value));
      any_model.backward(loss.gradient);
      adam.step(any_model);
    }
  };
  train(model);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  auto qat = q::start_qat(calibrated);
  train(qat);
  const auto quantized = q::convert(qat);
  const auto deployment = q::deploy<q::processor::J6E>(quantized);
  std::cout << q::diagnose_overfitting(model, batches, batches) << '\n'
            << q::summary(quantized) << '\n'
            << q::compare(model, quantized, batches) << '\n';
  std::printf("%a %a %d\n", q::monitor(qat, batches).accuracy + 0.0, q::evaluate(quantized, batches) + 0.0,
              deployment.arena_bytes);
  write_test_images(argv[1], "fashion_net.hpp", deployment, batches[0]);
}
