// SPDX-License-Identifier: Apache-2.0
// A network of centred images is calibrated on floats that were normalised with ImageNet's mean and deviation: they
// reach 2.6, and the scale of an image is 1/128.
#include <quench/quench.hpp>

#include "expect_error.hpp"

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 6, 6>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::ReLU relu{};
  q::Conv2d head{.in_channels = 4, .out_channels = 2, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(relu(a(quant(x))))); }
};

int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  auto prepared = q::prepare<q::march::NashE>(model);
  xt::xtensor<float, 4> image = xt::xtensor<float, 4>::from_shape({2, 6, 6, 3});
  for (std::size_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(i % 100) * 0.0475f - 2.1f;
  return attack::refused("value-out-of-range", "input 0", [&] { prepared.observe(image); });
}
