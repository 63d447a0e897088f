// SPDX-License-Identifier: Apache-2.0
// A pre-activation block begins with its norm. A ChannelAffine takes its place, or takes it up.
// With WRONG defined this must not compile; expect: quench[batch-norm-not-foldable] bn
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifdef WRONG
  q::BatchNorm2d bn{.channels = 4};
#else
  q::ChannelAffine bn{.channels = 4};  // loads PyTorch's "bn"
  q::ChannelAffine before{.channels = 4};
  q::BatchNorm2d trained{.channels = 4};
#endif
  q::ReLU relu;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
#ifdef WRONG
    auto y = bn(x);
#else
    auto y = trained(before(relu(bn(x))));
#endif
    return dequant(add.add(x, conv(relu(y))));
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
