// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/padded_windows.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <quench/interop/cpp_text.hpp>

namespace quench::interop {

namespace detail {

/// The windows of a layer along one axis.
struct WindowAxis {
  std::int64_t kernel = 1, stride = 1, dilation = 1, before = 0, count = 1;

  /// How many windows have only the taps [first, second) in [begin, end).
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> taps_inside(std::int64_t begin,
                                                                            std::int64_t end) const {
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> found;
    const auto taps_before = [&](std::int64_t distance) {
      return distance <= 0 ? 0 : std::min(kernel, (distance + dilation - 1) / dilation);
    };
    for (std::int64_t window = 0; window < count; ++window) {
      const std::int64_t at = window * stride - before;
      const std::int64_t first = taps_before(begin - at);
      ++found[{first, std::max(first, taps_before(end - at))}];
    }
    return found;
  }
};

/// The axes of a convolution, two of them: a sequence is a map of one row.
inline std::array<WindowAxis, 2> window_axes(const ImportedStep& step, const std::vector<std::int64_t>& x_shape) {
  const std::size_t rank = x_shape.size() - 1;
  const auto setting = [&](std::string_view name, std::string_view otherwise) {
    std::vector<std::int64_t> values = integers_of(setting_of(step.settings, name, otherwise));
    if (values.size() == 1) values.resize(rank, values[0]);
    return values;
  };
  const std::vector<std::int64_t> kernel = setting("kernel_size", ""), stride = setting("stride", "1"),
                                  dilation = setting("dilation", "1");
  const std::string padding = setting_of(step.settings, "padding", "0");
  const bool is_same = padding == "Padding::Same";
  std::vector<std::int64_t> sides = is_same ? kernel : setting("padding", "0");
  if (rank == 2 && sides.size() == 2) sides = {sides[0], sides[0], sides[1], sides[1]};
  std::array<WindowAxis, 2> axes;
  for (std::size_t i = 0; i < rank; ++i) {
    WindowAxis& axis = axes[2 - rank + i];
    axis = {kernel[i], stride[i], dilation[i], 0, step.shape[i]};
    const std::int64_t reach = (axis.count - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1;
    axis.before = is_same ? std::max<std::int64_t>(reach - x_shape[i], 0) / 2 : sides[2 * i % sides.size()];
  }
  return axes;
}

QUENCH_INLINE PaddedWindows padded_windows(const ImportedStep& step, const std::vector<std::int64_t>& x_shape,
                                           const std::vector<std::int64_t>& begin, const std::vector<std::int64_t>& end,
                                           const std::vector<double>& of_taps) {
  const std::array<WindowAxis, 2> axes = window_axes(step, x_shape);
  const bool is_map = x_shape.size() == 3;
  const auto rows = is_map ? axes[0].taps_inside(begin[0], end[0]) : axes[0].taps_inside(0, 1);
  const auto columns = axes[1].taps_inside(begin[is_map], end[is_map]);
  const auto height = static_cast<std::size_t>(axes[0].kernel), width = static_cast<std::size_t>(axes[1].kernel);
  PaddedWindows windows{.all = axes[0].count * axes[1].count};
  for (const auto& [row, row_count] : rows)
    for (const auto& [column, column_count] : columns)
      if (row.second - row.first < axes[0].kernel || column.second - column.first < axes[1].kernel)
        windows.reaching += row_count * column_count;
  const std::size_t stride = width + 1;
  std::vector<double> sums((height + 1) * stride);  // of the taps above and to the left
  const auto sum = [&](std::int64_t i, std::int64_t j) {
    return sums[static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(j)];
  };
  for (std::size_t filter = 0; windows.reaching > 0 && filter < of_taps.size(); filter += height * width) {
    for (std::size_t i = 0; i < height; ++i)
      for (std::size_t j = 0; j < width; ++j)
        sums[(i + 1) * stride + j + 1] = of_taps[filter + i * width + j] + sums[i * stride + j + 1] +
                                         sums[(i + 1) * stride + j] - sums[i * stride + j];
    for (const auto& [row, row_count] : rows)
      for (const auto& [column, column_count] : columns) {
        const double inside = sum(row.second, column.second) - sum(row.first, column.second) -
                              sum(row.second, column.first) + sum(row.first, column.first);
        windows.most = std::max(windows.most, std::abs(sums.back() - inside));
      }
  }
  return windows;
}

}  // namespace detail

}  // namespace quench::interop
