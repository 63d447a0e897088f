// SPDX-License-Identifier: Apache-2.0
// Linear layers of int8 rows with weights that are packed once: a convolution of 1 x 1 over a row of pixels.
#pragma once

#include <quench/host/int8_conv2d.hpp>
#include <quench/kernels/linear.hpp>

namespace quench::host {

/// Weights of a linear layer, packed for the host.
class PackedLinear {
 public:
  PackedLinear() = default;
  PackedLinear(const kernels::LinearLayer& layer, const std::int8_t* weight, bool is_fast = has_vnni())
      : conv_({Shape(1, layer.rows, layer.in_features), Shape(1, layer.rows, layer.out_features)}, weight, is_fast) {}

  /// Other weights of the same shape.
  void repack(const std::int8_t* weight) { conv_.repack(weight); }

  /// kernels::linear for each of `samples` times `layer.rows` rows. Several threads may run one object.
  template <class Y>
  void run(int samples, const std::int8_t* x, Y* y, const kernels::OutputChannels& output) const {
    conv_.run(samples, x, y, output);
  }

 private:
  PackedConv2d conv_;
};

}  // namespace quench::host
