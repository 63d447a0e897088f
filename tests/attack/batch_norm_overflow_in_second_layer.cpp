// SPDX-License-Identifier: Apache-2.0
// Finite inputs whose squares overflow in the batch norm of the second layer: its running variance would be infinite
// for good.
#include <quench/quench.hpp>

#include "expect_error.hpp"

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 2, .out_channels = 2, .kernel_size = 1},
      b{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
  q::ReLU relu;
  q::BatchNorm2d bn{.channels = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(bn(b(relu(a(quant(x)))))); }
};

int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  auto batch = q::random_batches<Net>(q::Seed{2}, 1, 3)[0];
  batch.images = batch.images * 1e22f;
  return attack::refused("value-not-finite", "bn", [&] { model.forward(batch.images); });
}
