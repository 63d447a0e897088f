// SPDX-License-Identifier: Apache-2.0
// Sums of products of int8 codes with DSP instructions: four filters that see the same codes. Freestanding.
#pragma once

#include <quench/device/dsp/words.hpp>
#include <quench/device/patches.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// Adds Σ x * w over a word of codes.
[[gnu::always_inline]] inline void add_word(std::int32_t& acc, std::uint32_t x_even, std::uint32_t x_odd,
                                            std::uint32_t w) {
  add_products(acc, x_even, even(w));
  add_products(acc, x_odd, odd(w));
}

/// Σ x * w over a patch, for 2 or 4 filters `filter_size` codes apart.
template <int Filters>
[[gnu::noinline]] void add_patch(std::int32_t (&sums)[Filters], const std::int8_t* x, const std::int8_t* w,
                                 int filter_size, const Patch& patch) {
  std::int32_t a = sums[0], b = sums[1], c = 0, d = 0;  // variables of their own, which stay in registers
  if constexpr (Filters == 4) c = sums[2], d = sums[3];
  const int step = filter_size, two_steps = 2 * step, three_steps = 3 * step;
  for (int row = 0, x_row = patch.x, w_row = patch.w; row < patch.rows;
       ++row, x_row += patch.x_row, w_row += patch.w_row)
    for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run) {
      const std::int8_t *p = x + at_x, *q = w + at_w;
      const auto add_four = [&]() __attribute__((always_inline)) {
        const std::uint32_t word = load_next_word(p), x_even = even(word), x_odd = odd(word);
        add_word(b, x_even, x_odd, load_word(q, step));
        if constexpr (Filters == 4) {
          add_word(c, x_even, x_odd, load_word(q, two_steps));
          add_word(d, x_even, x_odd, load_word(q, three_steps));
        }
        add_word(a, x_even, x_odd, load_next_word(q));
      };
      const std::int8_t* const end = p + (patch.length & ~7);
      while (p != end) {
        add_four();
        add_four();
      }
      if ((patch.length & 4) != 0) add_four();
      for (int left = patch.length & 3; left > 0; --left, ++q) {
        const std::int32_t code = *p++;
        a += code * q[0], b += code * q[step];
        if constexpr (Filters == 4) c += code * q[two_steps], d += code * q[three_steps];
      }
    }
  sums[0] = a, sums[1] = b;
  if constexpr (Filters == 4) sums[2] = c, sums[3] = d;
}

/// The codes of neighbouring filters at one pixel: y[k] of Σ x * w[k] over a patch, filters `filter_size` codes apart.
/// Errors   none; undefined unless `filters` is at least 4, or if a sum leaves int32
template <class Y>
[[gnu::noinline]] void dot_patch(const std::int8_t* x, const std::int8_t* w, Y* y, int filters, int filter_size,
                                 const Patch& patch, const kernels::OutputChannels& output, int first) {
  const auto dot = [&]<int Filters>(std::int32_t(&&sums)[Filters], int channel) {
    for (int i = 0; i < Filters; ++i) sums[i] = bias_of(output, first + channel + i);
    add_patch(sums, x, w + channel * filter_size, filter_size, patch);
    for (int i = 0; i < Filters; ++i) y[channel + i] = finished<Y>(sums[i], output, first + channel + i);
  };
  int channel = 0;
  for (; filters - channel >= 4; channel += 4) dot({0, 0, 0, 0}, channel);
  if (filters - channel == 3) dot({0, 0, 0, 0}, filters - 4);  // computes channels twice
  if (filters - channel == 2 || filters - channel == 1) dot({0, 0}, filters - 2);
}

}  // namespace quench::device::dsp

#endif
