// SPDX-License-Identifier: Apache-2.0
// Indices name rows of a table: they have no scale, and no layer computes with them.
// With WRONG defined this must not compile; expect: quench[indices-not-looked-up] quant
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Indices<8>>;
#ifdef WRONG
  q::QuantStub quant;
#endif
  q::Embedding embedding{.num_embeddings = 100, .embedding_dim = 8};
  q::Linear linear{.in_features = 8, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const {
#ifdef WRONG
    return dequant(linear(embedding(quant(words))));
#else
    return dequant(linear(embedding(words)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
