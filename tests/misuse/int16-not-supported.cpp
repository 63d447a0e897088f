// SPDX-License-Identifier: Apache-2.0
// Max pooling takes int8 on Nash; the vendor tool would fall back without a word.
// With WRONG defined this must not compile; expect: quench[int16-not-supported] pool NashE
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::MaxPool2d pool{.kernel_size = 2};
  q::Conv2d classifier{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(classifier(pool(conv0(quant(x))))); }
};

// A dtype table: what each module gives.
struct DTypes {
  static constexpr q::DType of(int module) {
#ifdef WRONG
    if (module == q::graph<ToyNet>.find_module("conv0")) return q::DType::Int16;
#else
    if (module == q::graph<ToyNet>.find_module("classifier")) return q::DType::Int32;
#endif
    return q::DType::Int8;
  }
};
int main() { return q::verified<ToyNet, q::march::NashE, DTypes>() ? 0 : 1; }
