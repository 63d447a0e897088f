// SPDX-License-Identifier: Apache-2.0
// From int32 accumulators to codes and real values in one pass, for training.
#pragma once

#include <algorithm>
#include <numeric>

#include <quench/host/integer/requantize_channels.hpp>

namespace quench::host {

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
/// Equals   kernels::finish for each accumulator
template <class Code>
void requantize_pass(const RequantizePass& pass, const std::int32_t* acc, Code* codes, float* reals) {
  const auto channels = static_cast<std::size_t>(pass.channels), pixels = pass.size / channels;
  // Pixels that fill whole vectors are treated as one pixel with more channels.
  const std::size_t repeat = std::size_t{64} / std::gcd(channels, std::size_t{64});
  std::vector<Requantization> records;
  std::vector<float> scales;
  for (std::size_t i = 0; i < std::min(repeat, pixels); ++i) {
    records.insert(records.end(), pass.records, pass.records + channels);
    scales.insert(scales.end(), pass.scales, pass.scales + channels);
  }
  const auto run = [&](std::size_t rows, std::size_t width) {
    if (rows == 0 || width == 0) return;
    const RecordArrays arrays(records.data(), static_cast<int>(width));
    const std::size_t part = 4096 / width + 1;  // rows whose accumulators stay in the first-level cache
    for (std::size_t left = rows; left > 0;) {
      const std::size_t some = std::min(left, part);
      requantize_channels(acc, codes, some, arrays, pass.low, pass.high);
      dispatch<detail::AccumulatorReals>(acc, reals, some, width, static_cast<const float*>(scales.data()));
      acc += some * width;
      codes += some * width;
      reals += some * width;
      left -= some;
    }
  };
  run(pixels / repeat, repeat * channels);
  run(1, pixels % repeat * channels);
}

}  // namespace quench::host
