// SPDX-License-Identifier: Apache-2.0
// The checkpoint of a model with learned scales (LSQ) is loaded into one with learned clips (PACT).
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

template <class Q>
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<Q>>;

int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  const auto batches = q::random_batches<Net>(q::Seed{2}, 2, 4);
  const auto learned =
      q::start_qat(q::calibrate(q::prepare<q::march::NashE, Setter<q::qconfig::LearnedInt8>>(model), batches));
  auto pact = q::start_qat(q::calibrate(q::prepare<q::march::NashE, Setter<q::qconfig::PactInt8>>(model), batches));
  q::interop::save(learned, "learned.npz");
  return attack::refused("state-not-valid", "PactFakeQuantize", [&] { q::interop::load(pact, "learned.npz"); });
}
