// SPDX-License-Identifier: Apache-2.0
// Several mistakes in one network are all reported, each once.
// With WRONG defined this must not compile; expect: quench[functional-called-once] skip
// expect: quench[module-called-once] blocks.1.conv
// expect: quench[module-never-called] neck
// expect: quench[missing-quant-stub] merge
// expect: quench[missing-dequant-stub] head
// expect: quench[shape-mismatch] head
// expect: quench[batch-norm-not-foldable] norm
// expect: quench[input-not-centered-yuv444] quant Bgr
// expect: quench[setting-out-of-range] pool padding
// Without, it must compile, run and return 0.
#include <array>
#include <quench/network.hpp>
namespace q = quench;

struct Block {
  q::Conv2d conv{.in_channels = 3, .out_channels = 3, .kernel_size = 3, .padding = 1};
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(conv(x)); }
};

struct ToyNet {
#ifdef WRONG
  using Inputs = q::Inputs<q::Image<q::color::Bgr, 16, 16>, q::Features<16, 16, 3>>;
#else
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 16, 16>, q::Features<16, 16, 3>>;
#endif
  q::QuantStub quant, quant_side;
  std::array<Block, 3> blocks;
  q::FloatFunctional skip, again, merge;
  q::BatchNorm2d norm{.channels = 3};
  Block neck;
#ifdef WRONG
  q::MaxPool2d pool{.kernel_size = 2, .padding = 2};
  q::Linear head{.in_features = 100, .out_features = 10};
#else
  q::MaxPool2d pool{.kernel_size = 2, .padding = 1};
  q::Linear head{.in_features = 243, .out_features = 10};
#endif
  q::DeQuantStub dequant;

  constexpr auto forward(auto image, auto side) const {
    auto x = quant(image);
#ifdef WRONG
    x = skip.add(x, blocks[0].forward(x));
    x = skip.add(x, blocks[1].forward(x));
    x = blocks[2].forward(blocks[1].forward(x));
    auto y = quant_side(side);
    x = merge.add(norm(x), side);
    return std::tuple(head(q::flatten(x)), dequant(pool(again.add(x, y))));
#else
    x = skip.add(x, norm(blocks[0].conv(x)));
    x = again.add(blocks[0].relu(x), blocks[1].forward(x));
    x = neck.forward(blocks[2].forward(x));
    x = merge.add(x, quant_side(side));
    return dequant(head(q::flatten(pool(x))));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
