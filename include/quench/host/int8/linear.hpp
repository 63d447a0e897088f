// SPDX-License-Identifier: Apache-2.0
// Linear layers of int8 rows with weights that are packed once: a convolution of 1 x 1 over a row of pixels.
#pragma once

#include <quench/host/int8/conv2d.hpp>
#include <quench/kernels/linear.hpp>

namespace quench::host {

/// A linear layer, packed for the host.
class PackedLinear : public PackedConv2d {
 public:
  PackedLinear() = default;
  PackedLinear(const kernels::LinearLayer& layer, const std::int8_t* weight, const kernels::OutputChannels& output,
               Int8Level level = best_int8_level())
      : PackedConv2d({Shape(1, layer.rows, layer.in_features), Shape(1, layer.rows, layer.out_features)}, weight,
                     output, level) {}
};

}  // namespace quench::host
