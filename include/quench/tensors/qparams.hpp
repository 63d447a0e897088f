// SPDX-License-Identifier: Apache-2.0
// Quantization parameters: the dtype of a tensor, and its scales, one for all of it or one for each channel.
#pragma once

#include <optional>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/host/fake_quantize/layout.hpp>
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
ChannelLayout channel_layout(const Extents& extents, int axis);

/// The scales of a quantized tensor. Zero points are 0.
struct QParams {
  DType dtype = DType::Int8;
  std::vector<float> scales;
  std::optional<int> axis;  // of the channels; none for one scale

  friend bool operator==(const QParams&, const QParams&) = default;

  /// The layout of a tensor with these parameters.
  /// Errors   shape-mismatch if the number of channels is not that of the scales; scale-out-of-range
  ChannelLayout layout(const Extents& extents) const;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/qparams_impl.hpp>
#endif
