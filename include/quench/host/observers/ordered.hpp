// SPDX-License-Identifier: Apache-2.0
// Floats as integers in the order of their values.
//
// Compilers vectorise comparisons of integers, and NaN lies beyond infinity on either side. So one pass finds the range
// of many floats and whether all are finite.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <quench/host/dispatch.hpp>

namespace quench::host {

namespace detail {

// An integer in the order of the float with these bits. Its own inverse.
constexpr std::int32_t ordered(std::int32_t bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }

struct OrderedMinMax {
  std::int32_t min = std::numeric_limits<std::int32_t>::max();
  std::int32_t max = std::numeric_limits<std::int32_t>::min();
};

struct MinMaxKernel {
  [[gnu::always_inline]] static inline OrderedMinMax run(const float* x, std::size_t size) {
    constexpr std::size_t lanes = 64;  // enough to hide the latency of min and max
    std::int32_t least[lanes], greatest[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      least[lane] = OrderedMinMax{}.min;
      greatest[lane] = OrderedMinMax{}.max;
    }
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::int32_t value = ordered(std::bit_cast<std::int32_t>(x[i + lane]));
        least[lane] = std::min(least[lane], value);
        greatest[lane] = std::max(greatest[lane], value);
      }
    }
    OrderedMinMax result;
    for (; i < size; ++i) {
      const std::int32_t value = ordered(std::bit_cast<std::int32_t>(x[i]));
      result = {std::min(result.min, value), std::max(result.max, value)};
    }
    for (std::size_t lane = 0; lane < lanes; ++lane)
      result = {std::min(result.min, least[lane]), std::max(result.max, greatest[lane])};
    return result;
  }
};

}  // namespace detail

}  // namespace quench::host
