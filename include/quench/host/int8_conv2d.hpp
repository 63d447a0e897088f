// SPDX-License-Identifier: Apache-2.0
// Convolutions of int8 maps with weights that are packed once.
#pragma once

#include <vector>

#include <quench/kernels/conv2d.hpp>

namespace quench::host {

/// Weights of a convolution, packed for the host.
class PackedConv2d {
 public:
  PackedConv2d() = default;
  PackedConv2d(const kernels::Convolution& conv, const std::int8_t* weight) : conv_(conv) { repack(weight); }

  /// Other weights of the same shape.
  void repack(const std::int8_t* weight) {
    const Pair kernel = conv_.window.kernel_size;
    weight_.assign(weight, weight + static_cast<std::ptrdiff_t>(conv_.y[2]) * kernel.height * kernel.width *
                                        (conv_.x[2] / conv_.groups));
  }

  /// kernels::conv2d for each of `samples` maps.
  template <class Y>
  void run(int samples, const std::int8_t* x, Y* y, const kernels::OutputChannels& output) const {
    for (int n = 0; n < samples; ++n)
      kernels::conv2d(x + static_cast<std::ptrdiff_t>(n) * conv_.x.elements(), weight_.data(),
                      y + static_cast<std::ptrdiff_t>(n) * conv_.y.elements(), conv_, output);
  }

 private:
  kernels::Convolution conv_;
  std::vector<std::int8_t> weight_;
};

}  // namespace quench::host
