// SPDX-License-Identifier: Apache-2.0
// Windows that slide over a map, and which of their taps meet a pixel. Shared by convolutions and pools.
//
// A tap is one position of a kernel along one axis. Taps that lie in the padding form the two ends of a kernel, so the
// others are a range: it is found once for each row and each column, and the loops over pixels hold no test.
// Freestanding.
#pragma once

#include <quench/network/settings.hpp>
#include <quench/types/shape.hpp>

namespace quench::kernels {

/// A window over a map [H, W, C], the settings of PyTorch's layers.
/// Errors   none; undefined unless kernel sizes, strides and dilations are at least 1 and paddings at least 0
struct Window {
  Pair kernel_size{1};
  Pair stride{1};
  Pair padding{0};
  Pair dilation{1};
};

/// The taps [begin, end) of a window that meet a pixel, and the pixel that tap 0 would meet (perhaps outside the map).
struct Taps {
  int origin;
  int begin;
  int end;
};

/// Tap k of the window meets pixel origin + k * dilation.
/// Equals   the k in [0, kernel) with 0 <= origin + k * dilation < extent
constexpr Taps taps_inside(int origin, int kernel, int dilation, int extent) {
  const int begin = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  const int end = origin < extent ? (extent - origin + dilation - 1) / dilation : 0;
  const int last = end < kernel ? end : kernel;
  return {origin, begin < last ? begin : last, last};
}

}  // namespace quench::kernels
