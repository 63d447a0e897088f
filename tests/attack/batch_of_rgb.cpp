// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] Rgb CenteredYuv444
// A batch for training is filled with images in RGB.
#include <quench/quench.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 6, 6>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(a(quant(x))); }
};

int main() {
  const q::ImageBatch<q::color::Rgb> photos(2, 6, 6);
  q::Batch<Net> batch;
  batch.images = photos;
  return static_cast<int>(batch.images.count());
}
