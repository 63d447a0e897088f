// SPDX-License-Identifier: Apache-2.0
// Pools of int8 codes on a RISC-V with vectors: as many channels at a time as registers hold. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/pooling.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// A pool's axes with the taps of one window. `at` is the place of the first channel at a tap.
struct PoolWindow {
  kernels::Taps rows, columns;
  Pair dilation;
  int width, channels;

  constexpr int at(int row, int column) const {
    return ((rows.origin + row * dilation.height) * width + columns.origin + column * dilation.width) * channels;
  }
};

/// kernels::max_pool2d, bit for bit.
inline void max_pool2d(const std::int8_t* x, std::int8_t* y, const kernels::Pool& pool) {
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  for (int oy = 0; oy < down.outputs; ++oy)
    for (int ox = 0; ox < across.outputs; ++ox) {
      const PoolWindow window{down.taps(oy), across.taps(ox), pool.window.dilation, pool.x[1], pool.x[2]};
      for (int channel = 0; channel < window.channels;) {
        const std::size_t count = __riscv_vsetvl_e8m8(size(window.channels - channel));
        vint8m8_t most = __riscv_vmv_v_x_i8m8(INT8_MIN, count);
        for (int row = window.rows.begin; row < window.rows.end; ++row)
          for (int column = window.columns.begin; column < window.columns.end; ++column)
            most = __riscv_vmax_vv_i8m8(most, __riscv_vle8_v_i8m8(x + window.at(row, column) + channel, count), count);
        __riscv_vse8_v_i8m8(y, most, count);
        channel += static_cast<int>(count), y += count;
      }
    }
}

/// kernels::avg_pool2d, bit for bit.
template <class Y>
void avg_pool2d(const std::int8_t* x, Y* y, const kernels::Pool& pool, const kernels::MeanRecords& means) {
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const Bounds<Y> bounds(INT32_MIN, INT32_MAX);
  for (int oy = 0; oy < down.outputs; ++oy)
    for (int ox = 0; ox < across.outputs; ++ox) {
      const PoolWindow window{down.taps(oy), across.taps(ox), pool.window.dilation, pool.x[1], pool.x[2]};
      const Requantization record = means.records[means.index_of(down.count(oy) * across.count(ox))];
      for (int channel = 0; channel < window.channels;) {
        const std::size_t count = __riscv_vsetvl_e8m2(size(window.channels - channel));
        vint32m8_t sum = __riscv_vmv_v_x_i32m8(0, count);
        for (int row = window.rows.begin; row < window.rows.end; ++row)
          for (int column = window.columns.begin; column < window.columns.end; ++column) {
            const vint8m2_t codes = __riscv_vle8_v_i8m2(x + window.at(row, column) + channel, count);
            sum = __riscv_vwadd_wv_i32m8(sum, __riscv_vsext_vf2_i16m4(codes, count), count);
          }
        set_round_half_up();
        store_clamped(y, scaled(sum, record, count), bounds, count);
        channel += static_cast<int>(count), y += count;
      }
    }
}

}  // namespace quench::device::rvv

#endif
