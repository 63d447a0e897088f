// SPDX-License-Identifier: Apache-2.0
// The batch norm after a linear, in a block, is trained on batches of one sample: each channel has one value, and its
// variance is 0.
#include <quench/quench.hpp>

#include "expect_error.hpp"

namespace q = quench;

struct Head {
  q::Linear fc{.in_features = 4, .out_features = 3};
  q::BatchNorm2d bn{.channels = 3};
  constexpr auto forward(auto x) const { return bn(fc(x)); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  Head head;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head.forward(quant(x))); }
};

int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  const auto batches = q::random_batches<Net>(q::Seed{2}, 1, 1);
  return attack::refused("too-few-values", "head.bn", [&] { model.forward(batches[0].images); });
}
