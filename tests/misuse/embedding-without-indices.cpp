// SPDX-License-Identifier: Apache-2.0
// An Embedding looks whole numbers up; features are real numbers.
// With WRONG defined this must not compile; expect: quench[embedding-without-indices] embedding
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
#ifdef WRONG
  using Inputs = q::Inputs<q::Features<8>>;
#else
  using Inputs = q::Inputs<q::Indices<8>>;
#endif
  q::Embedding embedding{.num_embeddings = 100, .embedding_dim = 8};
  q::Linear linear{.in_features = 8, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return dequant(linear(embedding(words))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
