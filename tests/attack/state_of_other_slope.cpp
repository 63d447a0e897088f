// SPDX-License-Identifier: Apache-2.0
// The quantized state of a network whose LeakyReLU had another slope: names, shapes and dtypes agree, the tables do
// not.
#include <quench/interop/state.hpp>
#include <quench/quench.hpp>

#include "expect_error.hpp"

namespace q = quench;

template <int Percent>
struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::LeakyReLU act{.negative_slope = Percent / 100.0f};
  q::Conv2d head{.in_channels = 4, .out_channels = 2, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(act(a(quant(x))))); }
};

int main() {
  const auto quantized = [](auto model) {
    const auto batches = q::random_batches<typename decltype(model)::Network>(q::Seed{2}, 2, 4);
    return q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  };
  const auto from = quantized(q::FloatModel<Net<1>>{q::Seed{1}});
  auto to = quantized(q::FloatModel<Net<20>>{q::Seed{1}});
  q::interop::save(from, "quantized.npz");
  return attack::refused("state-not-valid", "network", [&] { q::interop::load(to, "quantized.npz"); });
}
