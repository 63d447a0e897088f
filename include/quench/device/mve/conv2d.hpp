// SPDX-License-Identifier: Apache-2.0
// Convolution of int8 codes on a Cortex-M with vectors: four filters at a time. Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/device/mve/depthwise.hpp>
#include <quench/device/mve/dot.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// kernels::conv2d, bit for bit.
template <class Y>
void conv2d(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
            const kernels::OutputChannels& output) {
  const int filters = conv.y[2] / conv.groups, depth = conv.x[2] / conv.groups;
  if constexpr (!std::is_same_v<Y, std::int32_t>)
    if (is_fast_depthwise(conv)) return depthwise(x, w, y, conv, output);
  if (filters < 4) return kernels::conv2d(x, w, y, conv, output);

  const int filter_size = conv.window.kernel_size.height * conv.window.kernel_size.width * depth;
  std::int8_t copied[most_copied_codes];
  for (int oy = 0; oy < conv.y[0]; ++oy) {
    const PatchRow patches(conv, oy);
    for (int ox = 0; ox < conv.y[1]; ++ox, y += conv.y[2]) {
      const Patch patch = patches.at(ox);
      for (int group = 0; group < conv.groups; ++group) {
        const std::int8_t *codes = x + group * depth, *weights = w + group * filters * filter_size;
        const int first = group * filters;
        if (patch.rows * patch.runs == 1 && patch.length == filter_size) {
          dot_run(codes + patch.x, weights, y + first, filters, filter_size, output, first);
        } else if (filter_size <= most_copied_codes) {
          copy_patch(codes, patch, copied, filter_size);
          dot_run(copied, weights, y + first, filters, filter_size, output, first);
        } else {
          dot_patch(codes, weights, y + first, filters, filter_size, patch, output, first);
        }
      }
    }
  }
}

}  // namespace quench::device::mve

#endif
