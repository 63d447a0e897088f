// SPDX-License-Identifier: Apache-2.0
// Convolution of codes on a RISC-V with vectors: four filters at a time. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/device/rvv/depthwise.hpp>
#include <quench/device/rvv/dot.hpp>
#include <quench/device/rvv/short_filters.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// As kernels::conv2d. A function of its own, so that depthwise convolutions have no copied window on the stack.
template <class X, class Y>
[[gnu::noinline]] void conv2d_windows(const X* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
                                      const kernels::OutputChannels& output) {
  const int filters = conv.y[2] / conv.groups, depth = conv.x[2] / conv.groups;
  const int filter_size = conv.window.kernel_size.height * conv.window.kernel_size.width * depth;
  X copied[most_copied_codes];
  for (int oy = 0; oy < conv.y[0]; ++oy) {
    const PatchRow patches(conv, oy);
    for (int ox = 0; ox < conv.y[1]; ++ox, y += conv.y[2]) {
      const Patch patch = patches.at(ox);
      const bool is_copied = patch.rows * patch.runs != 1 && filter_size <= most_copied_codes;
      for (int group = 0; group < conv.groups; ++group) {
        const X* const codes = x + group * depth;
        const std::int8_t* const weights = w + group * filters * filter_size;
        const int first = group * filters;
        if (is_copied) {
          copy_patch(codes, patch, copied, filter_size);
          dot(copied, weights, y + first, filters, filter_size, run_of(0, filter_size), conv.x_shift, output, first);
        } else {
          dot(codes, weights, y + first, filters, filter_size, patch, conv.x_shift, output, first);
        }
      }
    }
  }
}

/// kernels::conv2d, bit for bit.
template <class X, class Y>
void conv2d_of(const X* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
               const kernels::OutputChannels& output) {
  const Pair kernel = conv.window.kernel_size;
  if (is_fast_depthwise(conv)) return depthwise(x, w, y, conv, output);
  if (has_short_filters(conv)) return conv2d_short(x, w, y, conv, output);
  if (kernel.height * kernel.width * (conv.x[2] / conv.groups) < least_codes)
    return kernels::conv2d(x, w, y, conv, output);
  conv2d_windows(x, w, y, conv, output);
}
template <class Y>
void conv2d(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
            const kernels::OutputChannels& output) {
  conv2d_of(x, w, y, conv, output);
}
template <class Y>
void conv2d(const std::int16_t* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
            const kernels::OutputChannels& output) {
  conv2d_of(x, w, y, conv, output);
}

}  // namespace quench::device::rvv

#endif
