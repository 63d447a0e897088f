// SPDX-License-Identifier: Apache-2.0
// A linear layer on a RISC-V with vectors: four outputs at a time. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/device/rvv/dot.hpp>
#include <quench/kernels/linear.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// kernels::linear, bit for bit.
template <class X, class Y>
void linear_of(const X* x, const std::int8_t* w, Y* y, const kernels::LinearLayer& layer,
               const kernels::OutputChannels& output) {
  const int features = layer.in_features, filters = layer.out_features;
  if (features < least_codes) return kernels::linear(x, w, y, layer, output);
  for (int row = 0; row < layer.rows; ++row, x += features, y += filters)
    dot(x, w, y, filters, features, run_of(0, features), layer.x_shift, output, 0);
}
template <class Y>
void linear(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::LinearLayer& layer,
            const kernels::OutputChannels& output) {
  linear_of(x, w, y, layer, output);
}
template <class Y>
void linear(const std::int16_t* x, const std::int8_t* w, Y* y, const kernels::LinearLayer& layer,
            const kernels::OutputChannels& output) {
  linear_of(x, w, y, layer, output);
}

}  // namespace quench::device::rvv

#endif
