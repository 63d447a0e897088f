// SPDX-License-Identifier: Apache-2.0
// A vision transformer (Dosovitskiy et al. 2020, "An Image Is Worth 16x16 Words") with the structure and the names of timm,
// as with class_token=False, pos_embed="none" and global_pool="avg". Full size: ViT-Tiny, 224 x 224 images in patches of 16,
// 12 blocks of 192 features and 3 heads, 444,864 parameters each; 5,679,400 in all, which is timm's vit_tiny_patch16_224
// without the class token and its 197 positions.
#pragma once

#include <array>

#include <quench/network.hpp>

namespace networks {

/// 1 / sqrt(head_dim), for a power of 4.
constexpr float attention_scale(int head_dim) {
  float scale = 1;
  for (; head_dim > 1; head_dim /= 4) scale /= 2;
  return scale;
}

template <int Tokens, int Dim, int Heads>
struct SelfAttention {
  static constexpr int head_dim = Dim / Heads;
  static constexpr float factor = attention_scale(head_dim);
  static_assert(head_dim * Heads == Dim && factor * factor * head_dim == 1);
  quench::Linear qkv{.in_features = Dim, .out_features = 3 * Dim};
  quench::FloatFunctional scale, scores, mix;
  quench::Softmax softmax;
  quench::Linear proj{.in_features = Dim, .out_features = Dim};

  constexpr auto forward(auto x) const {
    auto all = quench::permute(quench::reshape(qkv(x), {Tokens, 3, Heads, head_dim}), {1, 2, 0, 3});
    auto [q, k, v] = quench::chunk<3>(quench::reshape(all, {3 * Heads, Tokens, head_dim}), 0);
    auto weights = softmax(scores.matmul(scale.mul_scalar(q, factor), quench::permute(k, {0, 2, 1})));
    auto mixed = quench::permute(mix.matmul(weights, v), {1, 0, 2});
    return proj(quench::reshape(mixed, {Tokens, Dim}));
  }
};

template <int Dim>
struct Mlp {
  quench::Linear fc1{.in_features = Dim, .out_features = 4 * Dim};
  quench::GELU act;
  quench::Linear fc2{.in_features = 4 * Dim, .out_features = Dim};
  constexpr auto forward(auto x) const { return fc2(act(fc1(x))); }
};

template <int Tokens, int Dim, int Heads>
struct TransformerBlock {
  quench::LayerNorm norm1{.normalized_shape = Dim, .eps = 1e-6f};
  SelfAttention<Tokens, Dim, Heads> attn;
  quench::FloatFunctional residual1;
  quench::LayerNorm norm2{.normalized_shape = Dim, .eps = 1e-6f};
  Mlp<Dim> mlp;
  quench::FloatFunctional residual2;

  constexpr auto forward(auto x) const {
    x = residual1.add(x, attn.forward(norm1(x)));
    return residual2.add(x, mlp.forward(norm2(x)));
  }
};

template <int Dim, int Patch>
struct PatchEmbed {
  quench::Conv2d proj{.in_channels = 3, .out_channels = Dim, .kernel_size = Patch, .stride = Patch};
  constexpr auto forward(auto x) const { return proj(x); }
};

template <int Size = 224, int Patch = 16, int Dim = 192, int Heads = 3, int Depth = 12, int Classes = 1000>
struct VisionTransformer {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, Size, Size>>;
  static constexpr int tokens = (Size / Patch) * (Size / Patch);

  quench::QuantStub quant;
  PatchEmbed<Dim, Patch> patch_embed;
  std::array<TransformerBlock<tokens, Dim, Heads>, static_cast<std::size_t>(Depth)> blocks;
  quench::FloatFunctional pool;
  quench::LayerNorm fc_norm{.normalized_shape = Dim, .eps = 1e-6f};
  quench::Linear head{.in_features = Dim, .out_features = Classes};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = quench::reshape(patch_embed.forward(quant(image)), {tokens, Dim});
    return dequant(head(fc_norm(pool.mean(quench::sequential(blocks, x), 0))));
  }
};

/// Of 16 x 16 pixels: 16 tokens of 16 features, 4 heads, 2 blocks.
using SmallVisionTransformer = VisionTransformer<16, 4, 16, 4, 2, 10>;

}  // namespace networks
