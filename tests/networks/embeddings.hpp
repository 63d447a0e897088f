// SPDX-License-Identifier: Apache-2.0
// Networks with inputs of indices: a text classifier as its weights come from PyTorch, and each way to look indices up.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace embeddings {

namespace q = quench;

// Kim 2014, "Convolutional Neural Networks for Sentence Classification", with a mean in place of the largest value.
struct TextClassifier {
  using Inputs = q::Inputs<q::Indices<12>>;
  q::Embedding embedding{.num_embeddings = 20, .embedding_dim = 8, .padding_idx = 0};
  q::Conv1d conv{.in_channels = 8, .out_channels = 10, .kernel_size = 3, .padding = 1};
  q::ReLU relu;
  q::FloatFunctional mean;
  q::Linear classifier{.in_features = 10, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return dequant(classifier(mean.mean(relu(conv(embedding(words))), 0))); }
};

// An input in two tables of different sizes; indices of rank 2; a fused ReLU and ReLU6; an output of its own; a sum of a
// lookup and of features.
struct Lookups {
  using Inputs = q::Inputs<q::Indices<6>, q::Features<6, 5>, q::Indices<2, 3>>;
  q::Embedding large{.num_embeddings = 9, .embedding_dim = 5, .padding_idx = -1};
  q::Embedding small{.num_embeddings = 7, .embedding_dim = 5};
  q::Embedding square{.num_embeddings = 300, .embedding_dim = 3};
  q::QuantStub quant;
  q::ReLU relu;
  q::ReLU6 relu6;
  q::FloatFunctional sum, joined;
  q::DeQuantStub dequant;
  constexpr auto forward(auto words, auto features, auto grid) const {
    auto y = joined.cat(sum.add(large(words), quant(features)), relu(small(words)));
    return std::tuple(dequant(y), dequant(relu6(square(grid))));
  }
};

// Two tables with one set of rows, each with its own scale.
struct Tied {
  using Inputs = q::Inputs<q::Indices<4>, q::Indices<3>>;
  using Ties = q::Ties<q::Tie<"left", "right">>;
  q::Embedding left{.num_embeddings = 6, .embedding_dim = 4}, right{.num_embeddings = 6, .embedding_dim = 4};
  q::Linear linear{.in_features = 4, .out_features = 4};
  q::FloatFunctional scores;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const {
    return dequant(scores.matmul(linear(left(a)), q::permute(right(b), {1, 0})));
  }
};

}  // namespace embeddings
