// SPDX-License-Identifier: Apache-2.0
// expect: quench[result-never-used] permute
// A branch of attention ends in a permute that nothing reads.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4, 4>>;
  q::QuantStub quant;
  q::FloatFunctional scores;
  q::Softmax attention;
  q::Linear head{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto tokens) const {
    auto x = quant(tokens);
    [[maybe_unused]] auto weights = q::permute(attention(scores.matmul(x, q::permute(x, {1, 0}))), {1, 0});
    return dequant(head(x));
  }
};
static_assert(q::verified<Net>());
int main() {}
