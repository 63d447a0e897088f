// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/qparams.hpp>

#include <string>

namespace quench {

QUENCH_INLINE ChannelLayout channel_layout(const Extents& extents, int axis) {
  const std::size_t at = tensors::front_axis(extents, axis);
  ChannelLayout layout;
  for (std::size_t a = 0; a < extents.rank; ++a)
    (a < at ? layout.outer : a == at ? layout.channels : layout.inner) *= extents[a];
  return layout;
}

QUENCH_INLINE ChannelLayout QParams::layout(const Extents& extents) const {
  const ChannelLayout layout = axis ? channel_layout(extents, *axis) : ChannelLayout{1, 1, extents.elements()};
  if (scales.size() != layout.channels)
    throw Error(diagnosis::shape_mismatch, "needed " + std::to_string(scales.size()) + " channels, given " +
                                               std::to_string(layout.channels) + " in " + extents.text());
  for (const float scale : scales) checked_scale(scale);
  return layout;
}

}  // namespace quench
