// SPDX-License-Identifier: Apache-2.0
// Where a convolution reads: for each output pixel, the codes of the window that lie inside the map.
//
// Padding adds 0, so taps in the padding are left out. Fast kernels walk over what is left as over runs of neighbouring
// codes: a whole row of the window if there is one group and no dilation, else the channels of one group at one tap.
// Offsets are integers, so no pointer ever leaves its array. Freestanding.
#pragma once

#include <quench/kernels/conv2d.hpp>

namespace quench::device {

/// The codes of one window: `rows` times `runs` runs of `length` neighbours. `x` and `w` are the places of the first code
/// in the map and in a filter. No rows: the whole window lies in the padding.
struct Patch {
  int x = 0, w = 0;
  int rows = 0, x_row = 0, w_row = 0;
  int runs = 0, x_run = 0, w_run = 0;
  int length = 0;
};

/// The patches of one row of output pixels. Those without padding at the sides differ only in where they begin.
class PatchRow {
 public:
  constexpr PatchRow(const kernels::Convolution& conv, int y)
      : kernel_(conv.window.kernel_size.width),
        stride_(conv.window.stride.width),
        padding_(conv.window.padding.width),
        dilation_(conv.window.dilation.width),
        width_(conv.x[1]),
        channels_(conv.x[2]),
        depth_(conv.x[2] / conv.groups),
        is_row_one_run_(conv.groups == 1 && dilation_ == 1),
        rows_(kernels::taps_inside(y * conv.window.stride.height - conv.window.padding.height,
                                   conv.window.kernel_size.height, conv.window.dilation.height, conv.x[0])),
        row_step_(conv.window.dilation.height * width_ * channels_),
        last_origin_(width_ - 1 - (kernel_ - 1) * dilation_) {
    whole_ = patch({0, 0, kernel_});
  }

  /// The patch of the first group at an output column; that of group g begins g * depth codes later in the map.
  constexpr Patch at(int x) const {
    const int origin = x * stride_ - padding_;
    if (origin < 0 || origin > last_origin_) return patch(kernels::taps_inside(origin, kernel_, dilation_, width_));
    Patch result = whole_;
    result.x += origin * channels_;
    return result;
  }

  /// How many patches from column x on differ only in where they begin, by `step` codes each.
  constexpr int count(int x) const {
    const int origin = x * stride_ - padding_;
    return origin < 0 || origin > last_origin_ ? 1 : (last_origin_ - origin) / stride_ + 1;
  }
  constexpr int step() const { return stride_ * channels_; }

 private:
  constexpr Patch patch(const kernels::Taps& columns) const {
    if (rows_.begin == rows_.end || columns.begin == columns.end) return {};
    const int tap_step = dilation_ * channels_, w_row = kernel_ * depth_;
    const int height = rows_.end - rows_.begin, taps = columns.end - columns.begin;
    Patch result;
    result.x =
        (rows_.origin * width_ + columns.origin) * channels_ + rows_.begin * row_step_ + columns.begin * tap_step;
    result.w = rows_.begin * w_row + columns.begin * depth_;
    if (is_row_one_run_) {
      result.rows = 1;
      result.runs = height, result.x_run = row_step_, result.w_run = w_row;
      result.length = taps * depth_;
    } else {
      result.rows = height, result.x_row = row_step_, result.w_row = w_row;
      result.runs = taps, result.x_run = tap_step, result.w_run = depth_;
      result.length = depth_;
    }
    return result;
  }

  int kernel_, stride_, padding_, dilation_, width_, channels_, depth_;
  bool is_row_one_run_;
  kernels::Taps rows_;
  int row_step_;
  int last_origin_;  // the last pixel that a window without padding may begin at
  Patch whole_{};
};

}  // namespace quench::device
