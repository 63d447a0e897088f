// SPDX-License-Identifier: Apache-2.0
// One block of a transformer (Vaswani et al. 2017, "Attention Is All You Need") without layer norm: self-attention
// with heads, then a network of two layers, each with a residual connection. 196 tokens of 192 features, 3 heads, as
// ViT-Tiny has. With D features and H = 4D hidden ones, four square layers and two others, each with a bias:
// 4 (D D + D) + (D H + H) + (H D + D) = 444,096 parameters.
#pragma once

#include <quench/network.hpp>

namespace networks {

template <int Tokens, int Dim, int Heads>
struct SelfAttention {
  static constexpr int head_dim = Dim / Heads;
  static constexpr float factor = head_dim == 64 ? 0.125f : 0.5f;
  static_assert(head_dim * Heads == Dim && factor * factor * head_dim == 1,
                "the factor of scale is 1 / sqrt(head_dim)");
  quench::Linear query{.in_features = Dim, .out_features = Dim};
  quench::Linear key{.in_features = Dim, .out_features = Dim};
  quench::Linear value{.in_features = Dim, .out_features = Dim};
  quench::FloatFunctional scores, scale, mix;
  quench::Softmax softmax;
  quench::Linear projection{.in_features = Dim, .out_features = Dim};

  // [tokens, dim] -> [heads, tokens, head_dim]
  constexpr auto split(auto x) const {
    return quench::permute(quench::reshape(x, {Tokens, Heads, head_dim}), {1, 0, 2});
  }

  constexpr auto forward(auto x) const {
    auto q = split(query(x)), k = split(key(x)), v = split(value(x));
    auto weights = scores.matmul(q, quench::permute(k, {0, 2, 1}));
    weights = softmax(scale.mul_scalar(weights, factor));
    auto mixed = quench::permute(mix.matmul(weights, v), {1, 0, 2});
    return projection(quench::reshape(mixed, {Tokens, -1}));
  }
};

struct AttentionBlock {
  static constexpr int tokens = 196, dim = 192, hidden = 4 * dim;
  using Inputs = quench::Inputs<quench::Features<tokens, dim>>;

  quench::QuantStub quant;
  SelfAttention<tokens, dim, 3> attention;
  quench::FloatFunctional residual1;
  quench::Linear fc1{.in_features = dim, .out_features = hidden};
  quench::GELU gelu;
  quench::Linear fc2{.in_features = hidden, .out_features = dim};
  quench::FloatFunctional residual2;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto input) const {
    auto x = quant(input);
    x = residual1.add(x, attention.forward(x));
    x = residual2.add(x, fc2(gelu(fc1(x))));
    return dequant(x);
  }
};

}  // namespace networks
