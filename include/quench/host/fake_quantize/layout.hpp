// SPDX-License-Identifier: Apache-2.0
// What all loops of fake-quantization take: where the channels of a tensor are, and the range of its codes.
#pragma once

#include <cstddef>

#include <quench/ground/prerequisites.hpp>

namespace quench::host {

/// A tensor seen along the axis of its channels.
struct ChannelLayout {
  std::size_t outer = 1, channels = 1, inner = 1;

  std::size_t size() const { return outer * channels * inner; }
  friend bool operator==(const ChannelLayout&, const ChannelLayout&) = default;
};

/// The least and the greatest code, as floats.
struct CodeLimits {
  float qmin = 0, qmax = 0;
};

}  // namespace quench::host
