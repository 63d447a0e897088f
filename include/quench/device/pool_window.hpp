// SPDX-License-Identifier: Apache-2.0
// Where a window of a pool reads its map, in steps that fast kernels add. Freestanding.
#pragma once

#include <cstdint>

#include <quench/kernels/pool.hpp>

namespace quench::device {

/// The taps of a window inside the map: where the first one lies, how many there are, and how far apart.
struct PoolWindow {
  const std::int8_t* x;
  int rows, columns, row_step, column_step;

  constexpr PoolWindow(const std::int8_t* map, const kernels::Pool& pool, kernels::Taps down, kernels::Taps across)
      : x(map),
        rows(down.end - down.begin),
        columns(across.end - across.begin),
        row_step(pool.window.dilation.height * pool.x[1] * pool.x[2]),
        column_step(pool.window.dilation.width * pool.x[2]) {
    x += (down.origin * pool.x[1] + across.origin) * pool.x[2] + down.begin * row_step + across.begin * column_step;
  }
};

}  // namespace quench::device
