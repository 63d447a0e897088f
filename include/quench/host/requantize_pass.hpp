// SPDX-License-Identifier: Apache-2.0
// From int32 accumulators to codes and real values at once, for training.
#pragma once

#include <quench/host/requantize_channels.hpp>

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

struct AccumulatorReals {
  [[gnu::always_inline]] static void run(const std::int32_t* __restrict acc, float* __restrict reals,
                                         std::size_t pixels, std::size_t channels, const float* __restrict scales) {
    for (std::size_t pixel = 0; pixel < pixels; ++pixel, acc += channels, reals += channels)
      for (std::size_t c = 0; c < channels; ++c) reals[c] = static_cast<float>(acc[c]) * scales[c];
  }
};

}  // namespace detail

/// codes = clamp(requantize(acc)), reals = acc * scale.
/// Equals   kernels::detail::finish for each accumulator
template <class Code>
void requantize_pass(const RequantizePass& pass, const std::int32_t* acc, Code* codes, float* reals) {
  const RecordArrays records(pass.records, pass.channels);
  const auto channels = static_cast<std::size_t>(pass.channels);
  const std::size_t part = 4096 / channels + 1;  // pixels whose accumulators stay in the first cache
  for (std::size_t left = pass.size / channels; left > 0;) {
    const std::size_t pixels = std::min(left, part);
    requantize_channels(acc, codes, pixels, records, pass.low, pass.high);
    dispatch<detail::AccumulatorReals>(acc, reals, pixels, channels, pass.scales);
    acc += pixels * channels;
    codes += pixels * channels;
    reals += pixels * channels;
    left -= pixels;
  }
}

}  // namespace quench::host
