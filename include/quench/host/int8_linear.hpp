// SPDX-License-Identifier: Apache-2.0
// Linear layers of int8 rows with weights that are packed once.
#pragma once

#include <vector>

#include <quench/kernels/linear.hpp>

namespace quench::host {

/// Weights of a linear layer, packed for the host.
class PackedLinear {
 public:
  PackedLinear() = default;
  PackedLinear(const kernels::LinearLayer& layer, const std::int8_t* weight) : layer_(layer) { repack(weight); }

  /// Other weights of the same shape.
  void repack(const std::int8_t* weight) {
    weight_.assign(weight, weight + static_cast<std::ptrdiff_t>(layer_.out_features) * layer_.in_features);
  }

  /// kernels::linear for each of `samples` times `layer.rows` rows.
  template <class Y>
  void run(int samples, const std::int8_t* x, Y* y, const kernels::OutputChannels& output) const {
    kernels::LinearLayer layer = layer_;
    layer.rows *= samples;
    kernels::linear(x, weight_.data(), y, layer, output);
  }

 private:
  kernels::LinearLayer layer_;
  std::vector<std::int8_t> weight_;
};

}  // namespace quench::host
