// SPDX-License-Identifier: Apache-2.0
// Photos in RGB are given to a network that takes centred images. The file describes the network rightly.
// With WRONG defined this must not compile; expect: quench[input-not-centered-yuv444] Rgb CenteredYuv444
// Without, it must compile, run and return 0.
#include <quench/quench.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 16, 16>>;
  q::QuantStub quant;
  q::Conv2d classifier{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const { return dequant(classifier(quant(image))); }
};
int main() {
  const q::ImageBatch<q::color::Rgb> photos(2, 16, 16);
  const q::FloatModel<ToyNet> model{q::Seed{1}};
#ifdef WRONG
  const auto y = model.predict(photos);
#else
  const auto y = model.predict(q::to_centered_yuv444(photos));
#endif
  return y.shape(0) == 2 ? 0 : 1;
}
