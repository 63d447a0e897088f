// SPDX-License-Identifier: Apache-2.0
// A picture that forward normalizes, as recipes of PyTorch do, is still in its colours. Centred images need no scaling.
// With WRONG defined this must not compile; expect: quench[input-not-centered-yuv444] quant Rgb
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
#ifdef WRONG
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 16, 16>>;
#else
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 16, 16>>;
#endif
  q::FloatFunctional scale;
  q::QuantStub quant;
  q::Conv2d classifier{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const { return dequant(classifier(quant(scale.mul_scalar(image, 0.25f)))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
