// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of int8 codes with DSP instructions: four channels at a time.
//
// Weights of neighbouring channels are not neighbours, so those of four channels are first copied into a table, two words
// for each tap, as the codes of four channels are widened. It serves all pixels of the map. Freestanding.
#pragma once

#include <quench/device/dsp/words.hpp>
#include <quench/device/patches.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// The largest window of `depthwise`: a table of 200 bytes on the stack.
inline constexpr int most_depthwise_taps = 25;

/// True if `depthwise` covers a convolution.
constexpr bool is_fast_depthwise(const kernels::Convolution& conv) {
  const Pair kernel = conv.window.kernel_size;
  return conv.groups == conv.x[2] && conv.groups == conv.y[2] && conv.groups >= 4 &&
         kernel.height * kernel.width <= most_depthwise_taps;
}

[[gnu::always_inline]] inline void add_lower(std::int32_t& acc, std::uint32_t a, std::uint32_t b) {
  __asm__ volatile("smlabb %0, %1, %2, %0" : "+r"(acc) : "r"(a), "r"(b));
}
[[gnu::always_inline]] inline void add_upper(std::int32_t& acc, std::uint32_t a, std::uint32_t b) {
  __asm__ volatile("smlatt %0, %1, %2, %0" : "+r"(acc) : "r"(a), "r"(b));
}

/// Adds the products of four channels at one tap.
[[gnu::always_inline]] inline void add_tap(std::int32_t& a, std::int32_t& b, std::int32_t& c, std::int32_t& d,
                                           std::uint32_t word, const FourCodes*& weights) {
  std::uint32_t w_even, w_odd;
  load_next(weights, w_even, w_odd);
  const std::uint32_t x_even = even(word);
  add_lower(a, x_even, w_even), add_upper(c, x_even, w_even);
  const std::uint32_t x_odd = odd(word);
  add_lower(b, x_odd, w_odd), add_upper(d, x_odd, w_odd);
}

/// What four channels have in common for all pixels.
struct FourChannels {
  std::int32_t bias[4];
  Requantization records[4];
  FourCodes weights[most_depthwise_taps];
};

/// The codes of four channels at `count` pixels, whose windows begin `x_step` codes apart. Without the clamp.
template <class Y>
[[gnu::noinline]] void depthwise_pixels(const std::int8_t* x, int x_step, Y* y, int y_step, int count,
                                        const Patch& patch, int kernel_width, const FourChannels& four) {
  const int rows = patch.rows, taps = patch.runs, row_step = patch.x_row, tap_step = patch.x_run;
  for (int pixel = 0, x_pixel = patch.x; pixel < count; ++pixel, x_pixel += x_step, y += y_step) {
    std::int32_t a = four.bias[0], b = four.bias[1], c = four.bias[2], d = four.bias[3];
    const FourCodes* weights = four.weights + patch.w;
    for (int row = 0, at = x_pixel; row < rows; ++row, at += row_step, weights += kernel_width - taps) {
      const std::int8_t* p = x + at;
      if (taps == 3) {
        add_tap(a, b, c, d, load_word(p, 0), weights);
        add_tap(a, b, c, d, load_word(p, tap_step), weights);
        add_tap(a, b, c, d, load_word(p, 2 * tap_step), weights);
      } else {
        for (int tap = 0, offset = 0; tap < taps; ++tap, offset += tap_step)
          add_tap(a, b, c, d, load_word(p, offset), weights);
      }
    }
    y[0] = code_of<Y>(a, four.records[0]);
    y[1] = code_of<Y>(b, four.records[1]);
    y[2] = code_of<Y>(c, four.records[2]);
    y[3] = code_of<Y>(d, four.records[3]);
  }
}

/// As kernels::conv2d with one channel in each group.
/// Errors   none; undefined unless `is_fast_depthwise`
template <class Y>
[[gnu::noinline]] void depthwise(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::Convolution& conv,
                                 const kernels::OutputChannels& output) {
  const int channels = conv.groups, height = conv.y[0], width = conv.y[1];
  const int kernel_width = conv.window.kernel_size.width, taps = conv.window.kernel_size.height * kernel_width;
  FourChannels four;
  for (int left = channels; left > 0; left -= 4) {
    const int channel = left >= 4 ? channels - left : channels - 4;  // the last ones may be computed twice
    const std::int8_t *w0 = w + channel * taps, *w1 = w0 + taps, *w2 = w1 + taps, *w3 = w2 + taps;
    for (int tap = 0; tap < taps; ++tap) {
      const auto halves = [](std::int8_t lower, std::int8_t upper) {
        return static_cast<std::uint16_t>(lower) | static_cast<std::uint32_t>(upper) << 16;
      };
      four.weights[tap] = {halves(w0[tap], w2[tap]), halves(w1[tap], w3[tap])};
    }
    for (int i = 0; i < 4; ++i) {
      four.bias[i] = bias_of(output, channel + i);
      four.records[i] = output.requantization[channel + i];
    }
    Y* to = y + channel;
    for (int oy = 0; oy < height; ++oy) {
      const PatchRow patches(conv, oy);
      for (int ox = 0; ox < width;) {
        const int count = patches.count(ox) < width - ox ? patches.count(ox) : width - ox;
        depthwise_pixels(x + channel, patches.step(), to, channels, count, patches.at(ox), kernel_width, four);
        ox += count, to += count * channels;
      }
    }
  }
  clamp_codes(y, conv.y.elements(), output.low, output.high);
}

}  // namespace quench::device::dsp

#endif
