// SPDX-License-Identifier: Apache-2.0
// Windows that slide over a map, and their taps inside the map. Convolutions and pools share them.
//
// A tap is one position of a kernel along one axis. Only the taps at the two ends of a kernel can lie in the padding,
// so the others are a range. The range is found once for each row and each column, so the loops over pixels contain no
// test. Freestanding.
#pragma once

#include <quench/network/settings.hpp>
#include <quench/types/shape.hpp>

namespace quench::kernels {

/// A window over a map [H, W, C], the settings of PyTorch's layers. `padding` is that at the top and the left, where the
/// first window begins. The extents of the output say how many windows follow, so the other two sides are not needed.
/// Errors   none; undefined unless kernel sizes, strides and dilations are at least 1 and paddings at least 0
struct Window {
  Pair kernel_size{1};
  Pair stride{1};
  Pair padding{0};
  Pair dilation{1};
};

/// The window of a node with these settings.
constexpr Window window_of(const Settings& s) { return {s.kernel_size, s.stride, s.padding.before(), s.dilation}; }

/// The taps [begin, end) of a window inside the map, and the pixel of tap 0 (perhaps outside the map).
struct Taps {
  int origin;
  int begin;
  int end;
};

/// Tap k of the window reads pixel origin + k * dilation.
/// Equals   the k in [0, kernel) with 0 <= origin + k * dilation < extent
constexpr Taps taps_inside(int origin, int kernel, int dilation, int extent) {
  const int begin = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  const int end = origin < extent ? (extent - origin + dilation - 1) / dilation : 0;
  const int last = end < kernel ? end : kernel;
  return {origin, begin < last ? begin : last, last};
}

}  // namespace quench::kernels
