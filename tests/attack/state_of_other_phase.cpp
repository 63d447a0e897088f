// SPDX-License-Identifier: Apache-2.0
// The state of a QAT model, whose scales have moved since, is loaded into the calibrated model that it came from.
#include <quench/interop/state.hpp>
#include <quench/quench.hpp>

#include "expect_error.hpp"

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::ReLU relu{};
  q::Conv2d head{.in_channels = 4, .out_channels = 2, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(relu(a(quant(x))))); }
};

int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  const auto batches = q::random_batches<Net>(q::Seed{2}, 2, 4);
  auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  const auto qat = q::start_qat(calibrated);
  q::interop::save(qat, "qat.npz");
  return attack::refused("state-not-valid", "activation_state", [&] { q::interop::load(calibrated, "qat.npz"); });
}
