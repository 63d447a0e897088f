// SPDX-License-Identifier: Apache-2.0
// Quantization parameters: the dtype of a tensor, and its scales, one for all of it or one for each channel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <quench/host/fake_quantize/channels.hpp>
#include <quench/tensors/float_tensor.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

/// One scale for the whole tensor.
struct PerTensor {};

/// One scale for each index of an axis. Negative axes count from the end. Weights have their output channels on axis 0,
/// activations their channels on axis -1.
template <int Axis = 0>
struct PerChannel {};

using host::ChannelLayout;

/// The layout of a tensor along an axis.
/// Errors   shape-mismatch if there is no such axis
inline ChannelLayout channel_layout(const Extents& extents, int axis) {
  const std::size_t at = tensors::front_axis(extents, axis);
  ChannelLayout layout;
  for (std::size_t a = 0; a < extents.rank; ++a)
    (a < at ? layout.outer : a == at ? layout.channels : layout.inner) *= extents[a];
  return layout;
}

/// The scales of a quantized tensor. Zero points are 0.
struct QParams {
  DType dtype = DType::Int8;
  std::vector<float> scales;
  std::optional<int> axis;  // of the channels; none for one scale

  friend bool operator==(const QParams&, const QParams&) = default;

  /// The layout of a tensor with these parameters.
  /// Errors   shape-mismatch if the number of channels is not that of the scales; scale-out-of-range
  ChannelLayout layout(const Extents& extents) const {
    const ChannelLayout layout = axis ? channel_layout(extents, *axis) : ChannelLayout{1, 1, extents.elements()};
    if (scales.size() != layout.channels)
      throw Error(diagnosis::shape_mismatch, "needed " + std::to_string(scales.size()) + " channels, given " +
                                                 std::to_string(layout.channels) + " in " + extents.text());
    for (const float scale : scales) checked_scale(scale);
    return layout;
  }
};

}  // namespace quench
