// SPDX-License-Identifier: Apache-2.0
// Pools of int8 codes with DSP instructions: four channels at a time. Freestanding.
#pragma once

#include <quench/device/dsp/words.hpp>
#include <quench/device/pool_window.hpp>
#include <quench/kernels/pooling.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// Calls `function` with the address of each tap, moved on by `channel`.
template <class Function>
[[gnu::always_inline]] inline void for_each_tap(const PoolWindow& window, int channel, Function function) {
  const std::int8_t* row = window.x + channel;
  const int column_step = window.column_step;
  for (int ky = window.rows; ky > 0; --ky, row += window.row_step) {
    const std::int8_t* codes = row;
    for (int kx = window.columns; kx > 0; --kx, codes += column_step) function(codes);
  }
}

/// kernels::max_pool2d, bit for bit.
inline void max_pool2d(const std::int8_t* x, std::int8_t* y, const kernels::Pool& pool) {
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const int channels = pool.x[2];
  for (int oy = 0; oy < down.outputs; ++oy)
    for (int ox = 0; ox < across.outputs; ++ox, y += channels) {
      const PoolWindow window(x, pool, down.taps(oy), across.taps(ox));
      int c = 0;
      for (; c <= channels - 4; c += 4) {
        std::uint32_t most = 0x80808080;
        for_each_tap(
            window, c, [&](const std::int8_t* codes) __attribute__((always_inline)) {
              most = larger(most, load_word(codes, 0));
            });
        store_word(y + c, most);
      }
      for (; c < channels; ++c) {
        std::int32_t most = INT8_MIN;
        for_each_tap(window, c, [&](const std::int8_t* code) { most = *code > most ? *code : most; });
        y[c] = static_cast<std::int8_t>(most);
      }
    }
}

/// kernels::avg_pool2d, bit for bit. Sums of at most 256 codes fit the halves of words.
template <class Y>
void avg_pool2d(const std::int8_t* x, Y* y, const kernels::Pool& pool, const kernels::MeanRecords& means) {
  static_assert(kernels::is_code<Y>);
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const int channels = pool.x[2];
  for (int oy = 0; oy < down.outputs; ++oy)
    for (int ox = 0; ox < across.outputs; ++ox, y += channels) {
      const PoolWindow window(x, pool, down.taps(oy), across.taps(ox));
      const Requantization record = means.records[means.index_of(down.count(oy) * across.count(ox))];
      int c = 0;
      if (window.rows * window.columns <= 256)
        for (; c <= channels - 4; c += 4) {
          std::uint32_t evens = 0, odds = 0;
          for_each_tap(
              window, c, [&](const std::int8_t* codes) __attribute__((always_inline)) {
                const std::uint32_t word = load_word(codes, 0);
                add_even(evens, word);
                add_odd(odds, word);
              });
          y[c] = code_of<Y>(static_cast<std::int16_t>(evens), record);
          y[c + 1] = code_of<Y>(static_cast<std::int16_t>(odds), record);
          y[c + 2] = code_of<Y>(static_cast<std::int32_t>(evens) >> 16, record);
          y[c + 3] = code_of<Y>(static_cast<std::int32_t>(odds) >> 16, record);
        }
      for (; c < channels; ++c) {
        std::int32_t sum = 0;
        for_each_tap(window, c, [&](const std::int8_t* code) { sum += *code; });
        y[c] = code_of<Y>(sum, record);
      }
    }
}

}  // namespace quench::device::dsp

#endif
