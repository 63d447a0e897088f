// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of int8 codes on a Cortex-M with vectors: eight channels at a time.
//
// Weights of neighbouring channels are not neighbours, so those of eight channels are first copied into a table, a row
// for each tap. It serves all pixels of the map. Products of the even and of the odd channels are summed apart. They
// meet again when they are narrowed to 16 bits. Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/device/patches.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// The largest window of `depthwise`: a table of 400 bytes on the stack.
inline constexpr int most_depthwise_taps = 25;

/// True if `depthwise` covers a convolution.
constexpr bool is_fast_depthwise(const kernels::Convolution& conv) {
  const Pair kernel = conv.window.kernel_size;
  return conv.groups == conv.x[2] && conv.groups == conv.y[2] && conv.groups >= 8 &&
         kernel.height * kernel.width <= most_depthwise_taps;
}

/// What eight channels have in common for all pixels.
class EightChannels {
 public:
  [[gnu::always_inline]] EightChannels(const std::int8_t* w, int taps, const kernels::OutputChannels& output,
                                       int channel, std::int32_t low, std::int32_t high)
      : low_(static_cast<std::int16_t>(low)), high_(static_cast<std::int16_t>(high)) {
    for (int i = 0; i < 8; ++i) {
      const Requantization& record = output.requantization[channel + i];
      const int at = i % 2 * 4 + i / 2;  // even channels first
      bias_[at] = output.bias != nullptr ? output.bias[channel + i] : 0;
      before_[at] = -record.pre_shift;
      after_[at] = -record.post_shift;
      multiplier_[i] = record.multiplier;
      const std::int8_t* filter = w + (channel + i) * taps;
      for (int tap = 0; tap < taps; ++tap) weights_[tap * 8 + i] = filter[tap];
    }
  }

  /// The weights of a tap.
  [[gnu::always_inline]] const std::int16_t* weights(int tap) const { return weights_ + tap * 8; }
  [[gnu::always_inline]] int32x4_t even_bias() const { return vldrwq_s32(bias_); }
  [[gnu::always_inline]] int32x4_t odd_bias() const { return vldrwq_s32(bias_ + 4); }

  [[gnu::always_inline]] int16x8_t low() const { return vdupq_n_s16(low_); }
  [[gnu::always_inline]] int16x8_t high() const { return vdupq_n_s16(high_); }

  /// Eight accumulators at the output's scale, before the clamp.
  [[gnu::always_inline]] int16x8_t scaled(int32x4_t even, int32x4_t odd) const {
    int16x8_t narrowed = vqmovnbq_s32(vreinterpretq_s16_s32(even), vrshlq_s32(even, vldrwq_s32(before_)));
    narrowed = vqmovntq_s32(narrowed, vrshlq_s32(odd, vldrwq_s32(before_ + 4)));
    const int16x8_t multiplier = vldrhq_s16(multiplier_);
    even = vrshlq_s32(vmullbq_int_s16(narrowed, multiplier), vldrwq_s32(after_));
    odd = vrshlq_s32(vmulltq_int_s16(narrowed, multiplier), vldrwq_s32(after_ + 4));
    return vqmovntq_s32(vqmovnbq_s32(narrowed, even), odd);
  }

 private:
  std::int32_t bias_[8], before_[8], after_[8];
  std::int16_t multiplier_[8], low_, high_;
  std::int16_t weights_[most_depthwise_taps * 8];
};

[[gnu::always_inline]] inline void store_eight(std::int8_t* y, int16x8_t codes) { vstrbq_s16(y, codes); }
[[gnu::always_inline]] inline void store_eight(std::int16_t* y, int16x8_t codes) { vstrhq_s16(y, codes); }

/// Adds x * w of eight channels at `taps` taps, whose codes lie `step` apart. Moves x and w past them.
[[gnu::always_inline]] inline void add_taps(int32x4_t& even, int32x4_t& odd, std::intptr_t& x, const std::int16_t*& w,
                                            int taps, int step) {
  __asm__ volatile(
      "dls lr, %[taps]\n"
      "1:\n\t"
      "vldrb.s16 q0, [%[x]]\n\t"
      "vldrh.16 q1, [%[w]], #16\n\t"
      "add %[x], %[x], %[step]\n\t"
      "vmullb.s16 q2, q0, q1\n\t"
      "vmullt.s16 q0, q0, q1\n\t"
      "vadd.i32 %q[even], %q[even], q2\n\t"
      "vadd.i32 %q[odd], %q[odd], q0\n\t"
      "le lr, 1b"
      : [even] "+w"(even), [odd] "+w"(odd), [x] "+l"(x), [w] "+r"(w)  // the widening load takes r0 to r7
      : [taps] "r"(taps), [step] "r"(step)
      : "q0", "q1", "q2", "lr", "memory");
}

/// The same at three taps in each of `rows` rows, whose weights follow each other. `next_row` goes from the third tap of
/// a row to the first one of the next. Moves x past the rows.
[[gnu::always_inline]] inline void add_rows_of_three(int32x4_t& even, int32x4_t& odd, std::intptr_t& x,
                                                     const std::int16_t* w, int rows, int step, int next_row) {
  __asm__ volatile(
      "dls lr, %[rows]\n"
      "1:\n\t"
      "vldrb.s16 q0, [%[x]]\n\t"
      "vldrh.16 q1, [%[w]], #16\n\t"
      "add %[x], %[x], %[step]\n\t"
      "vmullb.s16 q2, q0, q1\n\t"
      "vmullt.s16 q0, q0, q1\n\t"
      "vadd.i32 %q[even], %q[even], q2\n\t"
      "vadd.i32 %q[odd], %q[odd], q0\n\t"
      "vldrb.s16 q0, [%[x]]\n\t"
      "vldrh.16 q1, [%[w]], #16\n\t"
      "add %[x], %[x], %[step]\n\t"
      "vmullb.s16 q2, q0, q1\n\t"
      "vmullt.s16 q0, q0, q1\n\t"
      "vadd.i32 %q[even], %q[even], q2\n\t"
      "vadd.i32 %q[odd], %q[odd], q0\n\t"
      "vldrb.s16 q0, [%[x]]\n\t"
      "vldrh.16 q1, [%[w]], #16\n\t"
      "add %[x], %[x], %[next_row]\n\t"
      "vmullb.s16 q2, q0, q1\n\t"
      "vmullt.s16 q0, q0, q1\n\t"
      "vadd.i32 %q[even], %q[even], q2\n\t"
      "vadd.i32 %q[odd], %q[odd], q0\n\t"
      "le lr, 1b"
      : [even] "+w"(even), [odd] "+w"(odd), [x] "+l"(x), [w] "+r"(w)
      : [rows] "r"(rows), [step] "r"(step), [next_row] "r"(next_row)
      : "q0", "q1", "q2", "lr", "memory");
}

/// The codes of eight channels at `count` pixels, whose windows begin `x_step` codes apart.
template <class Y>
[[gnu::noinline]] void depthwise_pixels(const std::int8_t* x, int x_step, Y* y, int y_step, int count,
                                        const Patch& patch, int kernel_width, const EightChannels& eight) {
  const int rows = patch.rows, taps = patch.runs, tap_step = patch.x_run;
  const int next_x = patch.x_row - taps * tap_step, next_w = 8 * (kernel_width - taps);
  const int next_pixel = x_step - rows * patch.x_row;
  const bool is_three_wide = taps == 3 && kernel_width == 3 && rows > 0;
  const std::int16_t* const weights = eight.weights(patch.w);
  const int16x8_t low = eight.low(), high = eight.high();
  // Addresses are integers: after the last tap they may lie outside of the map.
  auto pixel = reinterpret_cast<std::intptr_t>(x + patch.x);
  for (;;) {
    int32x4_t even = eight.even_bias(), odd = eight.odd_bias();
    if (is_three_wide) {
      add_rows_of_three(even, odd, pixel, weights, rows, tap_step, next_x + tap_step);
    } else {
      const std::int16_t* w = weights;
      for (int left = rows; left > 0; --left) {
        add_taps(even, odd, pixel, w, taps, tap_step);
        pixel += next_x, w += next_w;
      }
    }
    store_eight(y, vminq_s16(vmaxq_s16(eight.scaled(even, odd), low), high));
    if (--count == 0) return;
    pixel += next_pixel, y += y_step;
  }
}

/// As kernels::conv2d with one channel in each group.
/// Errors   none; undefined unless `is_fast_depthwise`
template <class Y>
[[gnu::noinline]] void depthwise(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
                                 const kernels::OutputChannels& output) {
  const int channels = conv.groups, height = conv.y[0], width = conv.y[1];
  const int kernel_width = conv.window.kernel_size.width, taps = conv.window.kernel_size.height * kernel_width;
  for (int left = channels; left > 0; left -= 8) {
    const int channel = left >= 8 ? channels - left : channels - 8;  // the last ones may be computed twice
    const EightChannels eight(w, taps, output, channel, lowest_code<Y>(output.low), highest_code<Y>(output.high));
    Y* to = y + channel;
    for (int oy = 0; oy < height; ++oy) {
      const PatchRow patches(conv, oy);
      for (int ox = 0; ox < width;) {
        const int count = patches.count(ox) < width - ox ? patches.count(ox) : width - ox;
        depthwise_pixels(x + channel, patches.step(), to, channels, count, patches.at(ox), kernel_width, eight);
        ox += count, to += count * channels;
      }
    }
  }
}

}  // namespace quench::device::mve

#endif
