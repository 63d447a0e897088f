// SPDX-License-Identifier: Apache-2.0
// From float to integers on real images: trains a residual network on Fashion-MNIST, calibrates it, trains it
// quantization-aware, converts it, and evaluates each model on all 10 000 test images.
//
//   09_fashion_mnist [--quick] [--data DIR] [--export FOLDER] [--report FILE]
//
// --report writes a page that shows, module by module, what calibration alone makes of the float network.
#include "device/write_test_images.hpp"
#include "fashion_data.hpp"

#include <quench/report/html.hpp>

namespace q = quench;

int main(int argc, char** argv) {
  std::string data_folder = "/usr/share/datasets/fashion-mnist", export_folder = "fashion_resnet", report_file;
  bool is_quick = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    std::string* const value = argument == "--data"     ? &data_folder
                               : argument == "--export" ? &export_folder
                               : argument == "--report" ? &report_file
                                                        : nullptr;
    if (argument == "--quick") {
      is_quick = true;
    } else if (value != nullptr && i + 1 < argc) {
      *value = argv[++i];
    } else {
      std::fputs("09_fashion_mnist [--quick] [--data DIR] [--export FOLDER] [--report FILE]\n", stderr);
      return 2;
    }
  }
  FashionData training_data, test_data;
  try {
    training_data = read_fashion(data_folder, "train");
    test_data = read_fashion(data_folder, "t10k");
  } catch (const std::exception& error) {
    std::fprintf(stderr,
                 "%s\nInstall the package dataset-fashion-mnist, or name a folder with its files: --data DIR.\n",
                 error.what());
    return 1;
  }
  const auto test = make_batches(test_data, 10000, 250), calibration = make_batches(training_data, 1000, 100);
  const Schedule schedule = is_quick ? Schedule{36000, 64, 1, 0.05f, false} : Schedule{60000, 128, 8, 0.15f, true};
  const Schedule qat_schedule = is_quick ? Schedule{4000, 64, 1, 0.003f, false} : Schedule{60000, 128, 1, 0.003f, true};

  q::DataParallel model{q::FloatModel<FashionResNet>{q::Seed{1}}, q::Workers{2}};
  train(model, training_data, schedule, "float", q::Seed{2});
  const double float_accuracy = q::monitor(model, test).accuracy;

  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), calibration);
  const auto converted = q::convert(calibrated);
  const double calibrated_accuracy = q::evaluate(converted, test);
  if (!report_file.empty()) q::write_html(report_file, model, converted, calibration);

  q::DataParallel qat{q::start_qat(calibrated), q::Workers{2}};
  train(qat, training_data, qat_schedule, "quantization-aware", q::Seed{3});
  const double qat_accuracy = q::monitor(qat, test).accuracy;
  auto quantized = q::convert(qat);
  const double quantized_accuracy = q::evaluate(quantized, test);

  std::size_t different = 0;
  for (const FashionBatch& batch : test) {
    const auto a = qat.predict(batch.images), b = quantized.predict(batch.images);
    for (std::size_t i = 0; i < a.size(); ++i) different += a.data()[i] != b.data()[i] ? 1u : 0u;
  }
  const auto images_per_second = [&](auto& any_model) {
    const auto begin = std::chrono::steady_clock::now();
    for (const FashionBatch& batch : test) any_model.predict(batch.images);
    return 10000 / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const auto deployment = q::deploy<q::processor::J6E>(quantized);
  write_test_images(export_folder, "fashion_resnet.hpp", deployment, make_batches(test_data, 100, 100)[0]);
  const long parameters = static_cast<long>(q::parameter_count(q::graph<FashionResNet>));
  std::printf("float                %.2f %%\n", 100 * float_accuracy);
  std::printf("calibrated only      %.2f %%\n", 100 * calibrated_accuracy);
  std::printf("QAT (monitor)        %.2f %%\n", 100 * qat_accuracy);
  std::printf("quantized            %.2f %%\n", 100 * quantized_accuracy);
  std::printf("outputs that differ between QAT and quantized   %zu of %d\n", different, 10000 * 10);
  std::printf("weights              %ld bytes in float, about %ld in integers\n", 4 * parameters, parameters);
  std::printf("arena                %d bytes\n", deployment.arena_bytes);
  std::printf("images per second    float %.0f, QAT %.0f, quantized %.0f\n", images_per_second(model),
              images_per_second(qat), images_per_second(quantized));
}
