// SPDX-License-Identifier: Apache-2.0
// A conv that keeps the extent at stride 1, and its batch norm.
#pragma once

#include <quench/network.hpp>

namespace networks {

namespace q = quench;

template <int In, int Out, int Kernel, int Stride = 1, int Groups = 1>
struct ConvBn {
  q::Conv2d conv{.in_channels = In,
                 .out_channels = Out,
                 .kernel_size = Kernel,
                 .stride = Stride,
                 .padding = Kernel / 2,
                 .groups = Groups,
                 .bias = false};
  q::BatchNorm2d bn{.channels = Out};
  constexpr auto forward(auto x) const { return bn(conv(x)); }
};

}  // namespace networks
