// SPDX-License-Identifier: Apache-2.0
// The header was exported, then the first conv was dilated: as many weights, the same shapes.
#ifdef DEVICE
#include <quench/embedded.hpp>
#else
#include <quench/quench.hpp>

#include "expect_error.hpp"
#endif

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 2>>;
  q::QuantStub quant;
#ifdef DEVICE
  q::Conv2d conv{.in_channels = 2, .out_channels = 4, .kernel_size = 3, .padding = 2, .dilation = 2};
#else
  q::Conv2d conv{.in_channels = 2, .out_channels = 4, .kernel_size = 3, .padding = 1};
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(x))); }
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
