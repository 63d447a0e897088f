// SPDX-License-Identifier: Apache-2.0
// From int32 accumulators to codes and real values at once, for training.
#pragma once

#include <cstddef>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/kernels/accumulator.hpp>

namespace quench::host {

/// The settings of a pass over accumulators [pixels, channels].
struct RequantizePass {
  std::size_t size = 0;
  int channels = 1;
  const Requantization* records = nullptr;  // one for each channel
  std::int32_t low = INT32_MIN, high = INT32_MAX;
  const float* scales = nullptr;  // of the accumulators, one for each channel
};

namespace detail {

// The parts of the records in arrays of their own, as vector registers take them.
struct RecordArrays {
  std::vector<std::int32_t> multiplier, pre, post;
};

template <class Code>
struct RequantizeRows {
  [[gnu::always_inline]] static void run(const std::int32_t* __restrict acc, Code* __restrict codes,
                                         float* __restrict reals, std::size_t rows, int channels,
                                         const std::int32_t* __restrict multiplier, const std::int32_t* __restrict pre,
                                         const std::int32_t* __restrict post, const float* __restrict scales,
                                         std::int32_t low, std::int32_t high) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (int c = 0; c < channels; ++c) {
        // (x >> n) + bit n - 1 of x; for n == 0 that bit is made 0 by taking bit -1 of twice the shift.
        const std::int32_t x = acc[c];
        const std::int32_t t = (x >> pre[c]) + (pre[c] > 0 ? (x >> ((pre[c] - 1) & 31)) & 1 : 0);
        const std::int32_t narrowed = t < -32768 ? -32768 : t > 32767 ? 32767 : t;
        const std::int32_t product = narrowed * multiplier[c];
        const std::int32_t y = (product >> post[c]) + (post[c] > 0 ? (product >> ((post[c] - 1) & 31)) & 1 : 0);
        const std::int32_t held = y < low ? low : y > high ? high : y;
        codes[c] = static_cast<Code>(held);
        reals[c] = static_cast<float>(x) * scales[c];
      }
      acc += channels;
      codes += channels;
      reals += channels;
    }
  }
};

}  // namespace detail

/// codes = clamp(requantize(acc)), reals = acc * scale.
/// Equals   kernels::detail::finish for each accumulator
template <class Code>
void requantize_pass(const RequantizePass& pass, const std::int32_t* acc, Code* codes, float* reals) {
  constexpr std::int32_t most = sizeof(Code) == 1 ? 127 : 32767;
  detail::RecordArrays records;
  for (int c = 0; c < pass.channels; ++c) {
    records.multiplier.push_back(pass.records[c].multiplier);
    records.pre.push_back(pass.records[c].pre_shift);
    records.post.push_back(pass.records[c].post_shift);
  }
  dispatch<detail::RequantizeRows<Code>>(
      acc, codes, reals, pass.size / static_cast<std::size_t>(pass.channels), pass.channels,
      static_cast<const std::int32_t*>(records.multiplier.data()), static_cast<const std::int32_t*>(records.pre.data()),
      static_cast<const std::int32_t*>(records.post.data()), pass.scales, pass.low < -most - 1 ? -most - 1 : pass.low,
      pass.high > most ? most : pass.high);
}

}  // namespace quench::host
