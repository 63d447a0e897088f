// SPDX-License-Identifier: Apache-2.0
// Pools of int8 codes on a Cortex-M with vectors: sixteen channels at a time for a maximum, eight for a mean.
// Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/device/pool_window.hpp>
#include <quench/kernels/pooling.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// kernels::max_pool2d, bit for bit.
inline void max_pool2d(const std::int8_t* x, std::int8_t* y, const kernels::Pool& pool) {
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const int channels = pool.x[2];
  for (int oy = 0; oy < down.outputs; ++oy)
    for (int ox = 0; ox < across.outputs; ++ox, y += channels) {
      const PoolWindow window(x, pool, down.taps(oy), across.taps(ox));
      for (int c = 0; c < channels; c += 16) {
        const mve_pred16_t some = vctp8q(static_cast<std::uint32_t>(channels - c));
        int8x16_t most = vdupq_n_s8(INT8_MIN);
        const std::int8_t* row = window.x + c;
        for (int ky = 0; ky < window.rows; ++ky, row += window.row_step) {
          const std::int8_t* codes = row;
          for (int kx = 0; kx < window.columns; ++kx, codes += window.column_step)
            most = vmaxq_s8(most, vldrbq_z_s8(codes, some));
        }
        vstrbq_p_s8(y + c, most, some);
      }
    }
}

/// kernels::avg_pool2d, bit for bit.
template <class Y>
void avg_pool2d(const std::int8_t* x, Y* y, const kernels::Pool& pool, const kernels::MeanRecords& means) {
  static_assert(kernels::is_code<Y>);
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const int channels = pool.x[2];
  const int32x4_t low = vdupq_n_s32(lowest_code<Y>(INT32_MIN)), high = vdupq_n_s32(highest_code<Y>(INT32_MAX));
  for (int oy = 0; oy < down.outputs; ++oy)
    for (int ox = 0; ox < across.outputs; ++ox, y += channels) {
      const PoolWindow window(x, pool, down.taps(oy), across.taps(ox));
      const OneRecord record(means.records[means.index_of(down.count(oy) * across.count(ox))]);
      for (int c = 0; c < channels; c += 8) {
        const int left = channels - c;
        const mve_pred16_t some = vctp32q(static_cast<std::uint32_t>(left)),
                           others = vctp32q(static_cast<std::uint32_t>(left > 4 ? left - 4 : 0));
        int32x4_t sum = vdupq_n_s32(0), next = sum;
        const std::int8_t* row = window.x + c;
        for (int ky = 0; ky < window.rows; ++ky, row += window.row_step) {
          const std::int8_t* codes = row;
          for (int kx = 0; kx < window.columns; ++kx, codes += window.column_step) {
            sum = vaddq_s32(sum, vldrbq_z_s32(codes, some));
            next = vaddq_s32(next, vldrbq_z_s32(codes + 4, others));
          }
        }
        store_some(y + c, vminq_s32(vmaxq_s32(scaled_four(sum, record), low), high), some);
        store_some(y + c + 4, vminq_s32(vmaxq_s32(scaled_four(next, record), low), high), others);
      }
    }
}

}  // namespace quench::device::mve

#endif
