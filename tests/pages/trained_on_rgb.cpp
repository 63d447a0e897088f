// SPDX-License-Identifier: Apache-2.0
// The code of interop/trained_on_rgb.md: weights for normalised RGB, brought to centred YUV444.
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <span>
#include <stdexcept>

#include <quench/flow/attach.hpp>
#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/interop/state.hpp>
#include <quench/network.hpp>
#include <quench/phases/float_model.hpp>

#include "temporary_folder.hpp"

namespace {

template <class Input>
struct PhotoNet {
  using Inputs = quench::Inputs<Input>;
  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 3, .out_channels = 8, .kernel_size = 3};
  quench::ReLU relu;
  quench::Conv2d head{.in_channels = 8, .out_channels = 4, .kernel_size = 3, .padding = 1};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto image) const { return dequant(head(relu(stem(quant(image))))); }
};
using TrainedNet = PhotoNet<quench::Features<16, 16, 3>>;                          // (rgb / 255 - mean) / std
using DeviceNet = PhotoNet<quench::Image<quench::color::CenteredYuv444, 16, 16>>;  // what the chip takes

template <class Input>
struct NormNet {  // no bias, a batch norm, padding
  using Inputs = quench::Inputs<Input>;
  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 3, .out_channels = 8, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d stem_bn{.channels = 8};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto image) const { return dequant(stem_bn(stem(quant(image)))); }
};

// region fold
/// Changes the first convolution of a network. It was trained on (rgb / 255 - mean) / deviation, and will be given
/// centred YUV444. Its weight is [out, kh, kw, 3].
void take_centered_yuv444(std::span<float> weight, std::span<float> bias, std::array<double, 3> mean,
                          std::array<double, 3> deviation) {
  const double to_rgb[3][3] = {{1, 0, 1.402}, {1, -0.344136, -0.714136}, {1, 1.772, 0}};  // full-range BT.601
  const std::size_t taps = weight.size() / bias.size() / 3;
  for (std::size_t k = 0; k < bias.size(); ++k)
    for (std::size_t tap = 0; tap < taps; ++tap) {
      float* w = &weight[(k * taps + tap) * 3];
      double of_yuv[3] = {};
      for (std::size_t c = 0; c < 3; ++c) {  // rgb / 255 = 128 / 255 * (to_rgb * yuv + 1)
        for (std::size_t d = 0; d < 3; ++d) of_yuv[d] += w[c] * to_rgb[c][d] * (128.0 / 255) / deviation[c];
        bias[k] += static_cast<float>(w[c] * (128.0 / 255 - mean[c]) / deviation[c]);
      }
      for (std::size_t d = 0; d < 3; ++d) w[d] = static_cast<float>(of_yuv[d]);
    }
}
// end region

// region parameter
std::span<float> parameter(auto& model, const std::string& name) {
  for (const auto& view : model.parameters())
    if (view.name == name) return view.values;
  throw std::invalid_argument("no parameter " + name);
}
// end region

quench::ImageBatch<quench::color::Rgb> photos() {
  quench::training::Random random(quench::Seed{5});
  quench::ImageBatch<quench::color::Rgb> result(4, 16, 16);
  for (auto& code : result.codes()) code = static_cast<std::uint8_t>(40 + random.below(176));
  return result;
}

double largest_difference(const xt::xtensor<float, 4>& a, const xt::xtensor<float, 4>& b) {
  REQUIRE(a.shape() == b.shape());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  return largest;
}

}  // namespace

TEST_CASE("page: weights for normalised RGB are brought to centred YUV444") {
  const TemporaryFolder folder;
  const auto path = folder / "trained.safetensors";
  const quench::FloatModel<TrainedNet> trained{quench::Seed{3}};
  quench::interop::save(trained, path);

  // region load
  quench::FloatModel<DeviceNet> model;
  quench::interop::load(model, path);  // PyTorch's state_dict; the names are those of the description
  take_centered_yuv444(parameter(model, "stem.weight"), parameter(model, "stem.bias"), {0.485, 0.456, 0.406},
                       {0.229, 0.224, 0.225});
  // end region

  const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
  const auto rgb = photos();
  xt::xtensor<float, 4> x = xt::empty<float>({4, 16, 16, 3});
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<float>((rgb.codes()[i] / 255.0 - mean[i % 3]) / deviation[i % 3]);
  const auto wanted = trained.predict(x);
  // The colours themselves are rounded to codes: up to half a code of each of Y, U and V.
  CHECK(largest_difference(model.predict(quench::to_centered_yuv444(rgb)), wanted) < 0.05);
  // The sizes: without the fold the difference is of the size of the outputs.
  quench::FloatModel<DeviceNet> unchanged;
  quench::interop::load(unchanged, path);
  CHECK(largest_difference(unchanged.predict(quench::to_centered_yuv444(rgb)), wanted) > 0.5);

  // Exactly: gray pixels have exact codes.
  quench::ImageBatch<quench::color::Rgb> gray(1, 16, 16);
  for (std::size_t i = 0; i < gray.codes().size(); ++i) gray.codes()[i] = static_cast<std::uint8_t>(i / 3);
  xt::xtensor<float, 4> y = xt::empty<float>({1, 16, 16, 3});
  for (std::size_t i = 0; i < y.size(); ++i)
    y.data()[i] = static_cast<float>((gray.codes()[i] / 255.0 - mean[i % 3]) / deviation[i % 3]);
  CHECK(largest_difference(model.predict(quench::to_centered_yuv444(gray)), trained.predict(y)) < 1e-5);

  const std::vector<std::uint8_t> bytes(rgb.codes().begin(), rgb.codes().end());
  // region batch
  quench::ImageBatch<quench::color::Rgb> pictures(4, 16, 16, bytes);  // N, height, width; the bytes are N, H, W, C
  quench::Batch<DeviceNet> batch{quench::to_centered_yuv444(pictures), {0, 1, 2, 1}};  // .images, .labels
  // end region
  const std::vector<quench::Batch<DeviceNet>> batches{std::move(batch)};
  // region camera
  auto quantized = quench::convert(quench::calibrate(quench::prepare<quench::march::NashE>(model), batches));
  auto for_rgb = quench::attach_input<quench::RgbToCenteredYuv444>(quantized);  // takes the bytes of a picture
  auto outputs = for_rgb.predict(rgb);
  // end region
  CHECK(largest_difference(outputs, quantized.predict(quench::to_centered_yuv444(rgb))) == 0);
}

TEST_CASE("page: a first layer without bias keeps the shift in its batch norm, and padding changes the border only") {
  using Trained = NormNet<quench::Features<16, 16, 3>>;
  using Device = NormNet<quench::Image<quench::color::CenteredYuv444, 16, 16>>;
  const TemporaryFolder folder;
  quench::FloatModel<Trained> trained{quench::Seed{3}};
  quench::interop::save(trained, folder / "trained.safetensors");
  quench::FloatModel<Device> model;
  quench::interop::load(model, folder / "trained.safetensors");
  const std::array<double, 3> mean = {0.485, 0.456, 0.406}, deviation = {0.229, 0.224, 0.225};
  // region batch_norm
  std::vector<float> shift(8);  // in place of the bias
  take_centered_yuv444(parameter(model, "stem.weight"), shift, mean, deviation);
  auto running_mean = parameter(model, "stem_bn.running_mean");
  for (std::size_t k = 0; k < shift.size(); ++k) running_mean[k] -= shift[k];
  // end region

  quench::ImageBatch<quench::color::Rgb> gray(1, 16, 16);
  for (std::size_t i = 0; i < gray.codes().size(); ++i) gray.codes()[i] = static_cast<std::uint8_t>(i / 3);
  xt::xtensor<float, 4> x = xt::empty<float>({1, 16, 16, 3});
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<float>((gray.codes()[i] / 255.0 - mean[i % 3]) / deviation[i % 3]);
  const auto given = model.predict(quench::to_centered_yuv444(gray)), wanted = trained.predict(x);
  double inside = 0, border = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::size_t row = i / 8 / 16, column = i / 8 % 16;
    const bool is_inside = row > 0 && row < 15 && column > 0 && column < 15;
    double& largest = is_inside ? inside : border;
    largest = std::max(largest, std::abs(static_cast<double>(given.data()[i]) - static_cast<double>(wanted.data()[i])));
  }
  CHECK(inside < 1e-5);
  CHECK(border > 0.01);
}
