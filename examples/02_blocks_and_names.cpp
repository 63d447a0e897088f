// SPDX-License-Identifier: Apache-2.0
// A block is a struct with `forward`. Blocks nest, may be templates, and repeat in a std::array. Modules are named by
// the members that lead to them, as in PyTorch: "second.blocks.1.skip".
#include <array>

#include "print_graph.hpp"

// region blocks
template <int Channels>
struct ResidualBlock {
  quench::Conv2d          conv{.in_channels = Channels, .out_channels = Channels, .kernel_size = 3, .padding = 1};
  quench::BatchNorm2d     bn{.channels = Channels};
  quench::FloatFunctional skip;
  quench::ReLU            relu;

  constexpr auto forward(auto x) const { return relu(skip.add(x, bn(conv(x)))); }
};

template <int Channels>
struct Stage {
  std::array<ResidualBlock<Channels>, 2> blocks;
  quench::Conv2d down{.in_channels = Channels, .out_channels = 2 * Channels, .kernel_size = 2, .stride = 2};

  constexpr auto forward(auto x) const {
    for (auto& block : blocks) x = block.forward(x);
    return down(x);
  }
};
// end region

struct Net {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 32, 32>>;
  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 3, .out_channels = 8, .kernel_size = 3, .padding = 1};
  Stage<8> first;
  Stage<16> second;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const { return dequant(second.forward(first.forward(stem(quant(image))))); }
};
static_assert(quench::verified<Net>());
static_assert(quench::graph<Net>.find_module("second.blocks.1.skip") >= 0);

int main() { print(quench::graph<Net>); }
