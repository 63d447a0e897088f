// SPDX-License-Identifier: Apache-2.0
// The header was exported, then the ReLU became a ReLU6: shapes and weights agree.
#ifdef DEVICE
#include <quench/embedded.hpp>
#else
#include <quench/quench.hpp>

#include "expect_error.hpp"
#endif

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1};

#ifdef DEVICE
  q::ReLU6 relu{};
#else
  q::ReLU relu{};
#endif
  q::Conv2d head{.in_channels = 4, .out_channels = 2, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(relu(a(quant(x))))); }
};

#ifdef DEVICE
#include "weights.hpp"
quench::embedded::Model<weights> model;
#else
int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  const auto batches = q::random_batches<Net>(q::Seed{2}, 2, 4);
  q::export_cpp(q::deploy<q::processor::J6E>(q::convert(q::calibrate(q::prepare<q::march::NashE>(model), batches))),
                "weights.hpp");
  return attack::device_refused(__FILE__, "weights-of-another-network");
}
#endif
