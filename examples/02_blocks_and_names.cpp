// SPDX-License-Identifier: Apache-2.0
// A block is a struct with `forward`. Blocks may contain blocks, be templates, and form sequences: a std::array of one
// type, or a std::tuple of several. A module's name is the path of members to it, as in PyTorch:
// "stages.1.blocks.1.skip".
#include <array>
#include <tuple>

#include "print_graph.hpp"

// region blocks
template <int Channels>
struct ResidualBlock {
  quench::Conv2d conv{.in_channels = Channels, .out_channels = Channels, .kernel_size = 3, .padding = 1};
  quench::BatchNorm2d bn{.channels = Channels};
  quench::FloatFunctional skip;
  quench::ReLU relu;

  constexpr auto forward(auto x) const { return relu(skip.add(x, bn(conv(x)))); }
};

template <int Channels>
struct Stage {
  std::array<ResidualBlock<Channels>, 2> blocks;
  quench::Conv2d down{.in_channels = Channels, .out_channels = 2 * Channels, .kernel_size = 2, .stride = 2};

  constexpr auto forward(auto x) const { return down(quench::sequential(blocks, x)); }
};
// end region

struct Net {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 32, 32>>;
  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 3, .out_channels = 8, .kernel_size = 3, .padding = 1};
  std::tuple<Stage<8>, Stage<16>> stages;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const { return dequant(quench::sequential(stages, stem(quant(image)))); }
};
static_assert(quench::verified<Net>());
static_assert(quench::graph<Net>.find_module("stages.1.blocks.1.skip") >= 0);

int main() { print(quench::graph<Net>); }
