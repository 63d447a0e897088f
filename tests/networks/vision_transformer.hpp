// SPDX-License-Identifier: Apache-2.0
// A small vision transformer (Dosovitskiy et al. 2020, "An Image Is Worth 16x16 Words") with the norms before the layers:
// patches of 4 x 4 pixels, two blocks, a norm, the mean of all tokens, a linear. It has no embedding of positions.
// 16 tokens of 16 features, 4 heads, 32 hidden features. Parameters: the patches 16 (3 * 16) + 16; in each block two
// norms 2 (2 * 16), attention 4 (16 * 16 + 16) and two layers (32 * 16 + 32) + (16 * 32 + 16); norm 2 * 16; head
// 10 * 16 + 10.
#pragma once

#include <array>

#include "networks/attention.hpp"

namespace networks {

template <int Tokens, int Dim, int Heads, int Hidden>
struct TransformerBlock {
  quench::LayerNorm norm1{.normalized_shape = Dim};
  SelfAttention<Tokens, Dim, Heads> attention;
  quench::FloatFunctional residual1;
  quench::LayerNorm norm2{.normalized_shape = Dim};
  quench::Linear fc1{.in_features = Dim, .out_features = Hidden};
  quench::GELU gelu;
  quench::Linear fc2{.in_features = Hidden, .out_features = Dim};
  quench::FloatFunctional residual2;

  constexpr auto forward(auto x) const {
    x = residual1.add(x, attention.forward(norm1(x)));
    return residual2.add(x, fc2(gelu(fc1(norm2(x)))));
  }
};

struct VisionTransformer {
  static constexpr int tokens = 16, dim = 16;
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 16, 16>>;

  quench::QuantStub quant;
  quench::Conv2d patches{.in_channels = 3, .out_channels = dim, .kernel_size = 4, .stride = 4};
  std::array<TransformerBlock<tokens, dim, 4, 32>, 2> blocks;
  quench::LayerNorm norm{.normalized_shape = dim, .eps = 1e-6f};
  quench::FloatFunctional mean;
  quench::Linear head{.in_features = dim, .out_features = 10};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = quench::reshape(patches(quant(image)), {tokens, dim});
    x = quench::sequential(blocks, x);
    return dequant(head(mean.mean(norm(x), 0)));
  }
};

}  // namespace networks
