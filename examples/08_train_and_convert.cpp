// SPDX-License-Identifier: Apache-2.0
// The whole way from float to integers on a small network: training, calibration, quantization-aware training,
// conversion, and the export for a device.
//
//   08_train_and_convert [FOLDER [EPOCHS]]        writes the headers for 10_on_a_device to FOLDER; without it writes nothing
#include <quench/quench.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numbers>

#include "device/write_test_images.hpp"
#include "fashion_net.hpp"

namespace q = quench;
using Batch = q::Batch<FashionNet>;

namespace {

/// Noisy stripes. Their width and direction give the class of an image.
std::vector<Batch> stripes(int batches, int size, q::Seed seed) {
  q::training::Random random(seed);
  std::vector<Batch> result;
  for (int b = 0; b < batches; ++b) {
    Batch batch{{static_cast<std::size_t>(size), 28, 28}};
    auto code = batch.images.codes().begin();
    for (int n = 0; n < size; ++n) {
      const int label = random.below(10);
      const float period = 2.5f + 1.5f * static_cast<float>(label / 2), phase = random.uniform(0, period);
      for (int y = 0; y < 28; ++y)
        for (int x = 0; x < 28; ++x) {
          const float along = static_cast<float>(label % 2 == 0 ? x : y) + phase;
          const float value = 80 * std::sin(2 * std::numbers::pi_v<float> * along / period) + random.uniform(-40, 40);
          *code++ = static_cast<std::int8_t>(value);
        }
      batch.labels.push_back(label);
    }
    result.push_back(std::move(batch));
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const int epochs = argc > 2 ? std::atoi(argv[2]) : 6;
  const auto train_batches = stripes(60, 32, q::Seed{1}), calibration_batches = stripes(4, 32, q::Seed{2}),
             test_batches = stripes(8, 32, q::Seed{3});
  // region tour
  q::FloatModel<FashionNet> model{q::Seed{7}};  // FashionNet is checked here
  q::Adam adam{.learning_rate = 0.01f};
  const auto train = [&](auto& any_model) {
    for (const auto& batch : train_batches) {
      auto logits = any_model.forward(batch.images);
      auto loss = q::cross_entropy(logits, batch.labels);  // .value, .gradient
      any_model.backward(loss.gradient);
      adam.step(any_model);
    }
  };
  for (int epoch = 0; epoch < epochs; ++epoch) train(model);
  auto health = q::diagnose_overfitting(model, train_batches, test_batches);  // only data can show this mistake

  auto prepared = q::prepare<q::march::NashE>(model);  // folds batch norm; default setter
  auto calibrated = q::calibrate(std::move(prepared), calibration_batches);
  auto qat = q::start_qat(calibrated);  // trained like the float model
  adam = {.learning_rate = 0.001f};
  train(qat);
  auto progress = q::monitor(qat, test_batches);  // for watching, not for reporting

  auto quantized = q::convert(qat);                           // or q::convert(calibrated)
  auto accuracy = q::evaluate(quantized, test_batches);       // integers only
  auto deployment = q::deploy<q::processor::J6E>(quantized);  // march and processor must agree
  // end region
  std::cout << q::summary(quantized) << '\n' << q::compare(model, quantized, test_batches) << '\n' << health << '\n';
  std::printf("float                %.1f %%\n", 100 * q::monitor(model, test_batches).accuracy);
  std::printf("calibrated only      %.1f %%\n", 100 * q::evaluate(q::convert(calibrated), test_batches));
  std::printf("QAT (monitor)        %.1f %%\n", 100 * progress.accuracy);
  std::printf("quantized            %.1f %%\n", 100 * accuracy);
  std::printf("arena                %d bytes\n", deployment.arena_bytes);
  if (argc > 1) write_test_images(argv[1], "fashion_net.hpp", deployment, test_batches[0]);
}
