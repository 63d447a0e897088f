// SPDX-License-Identifier: Apache-2.0
// Convolution of int8 codes with DSP instructions: two pixels and two filters at a time.
//
// The windows of two pixels are first widened to 16 bits on the stack, with zeros in the padding. So each code is widened
// once for all filters, and a filter meets its codes in a single run. Larger windows are read where they are. Freestanding.
#pragma once

#include <quench/device/dsp/depthwise.hpp>
#include <quench/device/dsp/dot.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// The largest window that is widened, 3x3 of 32 channels: 1152 bytes for two pixels.
inline constexpr int most_widened_codes = 288;

/// The windows of two pixels, which alternate at every four codes: those of the second one begin at of + 1.
struct WidenedWindows {
  FourCodes of[most_widened_codes / 4 * 2];
};

/// Widens neighbouring codes of one pixel. The last four are filled up with zeros.
[[gnu::noinline]] inline void widen(const std::int8_t* codes, int count, FourCodes* to) {
  for (; count >= 4; count -= 4, to += 2) {
    const std::uint32_t word = load_next_word(codes);
    to->even = even(word), to->odd = odd(word);
  }
  if (count > 0) {
    const std::uint32_t word = load_few(codes, count);
    to->even = even(word), to->odd = odd(word);
  }
}

/// Widens a patch to the places of the codes of its filter.
[[gnu::noinline]] inline void widen_patch(const std::int8_t* x, const Patch& patch, int filter_size, FourCodes* to) {
  const bool is_whole = patch.rows * patch.runs * patch.length == filter_size;
  if (is_whole && patch.rows * patch.runs == 1) return widen(x + patch.x, filter_size, to);
  if (((patch.length | patch.w | patch.w_run | patch.w_row) & 3) == 0) {
    if (!is_whole)
      for (int i = 0; i < filter_size; i += 4) to[i / 2] = {0, 0};
    for (int row = 0; row < patch.rows; ++row)
      for (int run = 0; run < patch.runs; ++run)
        widen(x + patch.x + row * patch.x_row + run * patch.x_run, patch.length,
              to + (patch.w + row * patch.w_row + run * patch.w_run) / 2);
    return;
  }
  // Runs begin inside groups of four.
  std::int8_t window[most_widened_codes];
  if (!is_whole)
    for (int i = 0; i < filter_size; ++i) window[i] = 0;
  for (int row = 0; row < patch.rows; ++row)
    for (int run = 0; run < patch.runs; ++run) {
      const std::int8_t* from = x + patch.x + row * patch.x_row + run * patch.x_run;
      std::int8_t* at = window + patch.w + row * patch.w_row + run * patch.w_run;
      for (int i = 0; i < patch.length; ++i) at[i] = from[i];
    }
  widen(window, filter_size, to);
}

/// Σ x * w over the last 1 to 3 codes of a window.
[[gnu::noinline]] inline std::int32_t dot_few(const FourCodes& x, const std::int8_t* w, int count) {
  const std::uint32_t word = load_few(w, count);
  std::int32_t acc = 0;
  add_products(acc, x.even, even(word));
  add_products(acc, x.odd, odd(word));
  return acc;
}

/// Adds the products of a word of weights to the sums of two pixels.
[[gnu::always_inline]] inline void add_word(std::int32_t& first, std::int32_t& second, std::uint32_t first_even,
                                            std::uint32_t first_odd, std::uint32_t second_even,
                                            std::uint32_t second_odd, std::uint32_t w) {
  const std::uint32_t w_even = even(w);
  add_products(first, first_even, w_even);
  add_products(second, second_even, w_even);
  const std::uint32_t w_odd = odd(w);
  add_products(first, first_odd, w_odd);
  add_products(second, second_odd, w_odd);
}

/// The codes of neighbouring filters at two pixels: y[k] and y_of_second[k].
/// `is_last` is true if no weights follow those of the last filter.
/// Errors   none; undefined unless `filters` is at least 2
template <class Y>
[[gnu::noinline]] void dot_two_pixels(const WidenedWindows& windows, const std::int8_t* w, Y* y, Y* y_of_second,
                                      int filters, int filter_size, bool is_last, const kernels::OutputChannels& output,
                                      int first) {
  for (int channel = 0; channel < filters; channel += 2) {
    if (channel == filters - 1) --channel;  // computes one twice
    // The last word may contain weights of the next filter, which meet zeros. After the last filter there are none.
    const int left = is_last && channel + 2 >= filters ? filter_size & 3 : 0;
    const int words = left > 0 ? filter_size - left : (filter_size + 3) & ~3;
    std::int32_t a = bias_of(output, first + channel), b = bias_of(output, first + channel + 1), c = a, d = b;
    const FourCodes* x = windows.of;
    const std::int8_t* filter = w + channel * filter_size;
    const std::int8_t* const end = filter + words;
    while (filter != end) {
      std::uint32_t p_even, p_odd, q_even, q_odd;
      load_next(x, p_even, p_odd);
      load_next(x, q_even, q_odd);
      add_word(b, d, p_even, p_odd, q_even, q_odd, load_word(filter, filter_size));
      add_word(a, c, p_even, p_odd, q_even, q_odd, load_next_word(filter));
    }
    if (left > 0) {
      a += dot_few(x[0], filter, left), b += dot_few(x[0], filter + filter_size, left);
      c += dot_few(x[1], filter, left), d += dot_few(x[1], filter + filter_size, left);
    }
    y[channel] = finished<Y>(a, output, first + channel);
    y_of_second[channel] = finished<Y>(c, output, first + channel);
    y[channel + 1] = finished<Y>(b, output, first + channel + 1);
    y_of_second[channel + 1] = finished<Y>(d, output, first + channel + 1);
  }
}

/// kernels::conv2d, bit for bit.
template <class Y>
void conv2d(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
            const kernels::OutputChannels& output) {
  const int filters = conv.y[2] / conv.groups, depth = conv.x[2] / conv.groups;
  const int filter_size = conv.window.kernel_size.height * conv.window.kernel_size.width * depth;
  const bool is_small = filter_size <= most_widened_codes;
  if constexpr (!std::is_same_v<Y, std::int32_t>)
    if (is_fast_depthwise(conv)) return depthwise(x, w, y, conv, output);
  // A word of a filter may reach into the next one, which has to have four codes too.
  if (filters < (is_small ? 2 : 4) || filter_size < 4) return kernels::conv2d(x, w, y, conv, output);

  WidenedWindows windows;
  Patch waiting;  // of the pixel before
  bool is_waiting = false;
  Y* to = y;
  for (int oy = 0; oy < conv.y[0]; ++oy) {
    const PatchRow patches(conv, oy);
    for (int ox = 0; ox < conv.y[1]; ++ox) {
      const Patch patch = patches.at(ox);
      const bool is_last = oy == conv.y[0] - 1 && ox == conv.y[1] - 1;
      if (is_small && !is_waiting && !is_last) {
        waiting = patch, is_waiting = true;
        continue;
      }
      for (int group = 0; group < conv.groups; ++group) {
        const std::int8_t *codes = x + group * depth, *weights = w + group * filters * filter_size;
        const int channel = group * filters;
        if (is_small) {  // a last pixel alone is computed twice
          Y* const second = is_waiting ? to + conv.y[2] : to;
          widen_patch(codes, is_waiting ? waiting : patch, filter_size, windows.of);
          widen_patch(codes, patch, filter_size, windows.of + 1);
          dot_two_pixels(windows, weights, to + channel, second + channel, filters, filter_size,
                         group == conv.groups - 1, output, channel);
        } else {
          dot_patch(codes, weights, to + channel, filters, filter_size, patch, output, channel);
        }
      }
      to += is_waiting ? 2 * conv.y[2] : conv.y[2];
      is_waiting = false;
    }
  }
  clamp_codes(y, conv.y.elements(), output.low, output.high);
}

}  // namespace quench::device::dsp

#endif
