// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/observers/select.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/host/observers/count.hpp>
#include <quench/host/observers/ordered.hpp>

namespace quench::host {

namespace detail {

// The bin of a float by its place in the order of floats, counted from the least one: a rule of `count`.
struct OrderBins {
  std::uint32_t least = 0;
  int shift = 0;

  static constexpr std::uint32_t bins = max_bins;
  [[gnu::always_inline]] std::int32_t operator()(float x) const {
    const auto key = static_cast<std::uint32_t>(ordered(std::bit_cast<std::int32_t>(x)));
    return static_cast<std::int32_t>((key - least) >> shift);
  }
};

// Writes the values of a bin contiguously. `to` has room for one more value than the bin has.
struct GatherKernel {
  static constexpr std::size_t block = 64;

  [[gnu::always_inline]] static inline std::size_t run(OrderBins rule, std::int32_t wanted, const float* from,
                                                       std::size_t size, float* to) {
    std::size_t written = 0;
    std::size_t i = 0;
    for (; i + block <= size; i += block) {
      std::int32_t is_wanted[block];
      std::int32_t found = 0;
      for (std::size_t k = 0; k < block; ++k) {
        is_wanted[k] = rule(from[i + k]) == wanted ? 1 : 0;
        found |= is_wanted[k];
      }
      if (found == 0) continue;
      for (std::size_t k = 0; k < block; ++k) {
        to[written] = from[i + k];
        written += static_cast<std::size_t>(is_wanted[k]);
      }
    }
    for (; i < size; ++i) {
      to[written] = from[i];
      written += rule(from[i]) == wanted ? 1u : 0u;
    }
    return written;
  }
};

inline float float_of_order(std::int32_t order) { return std::bit_cast<float>(ordered(order)); }

inline float kth_of_few(std::span<const float> x, std::size_t k) {
  std::vector<std::int32_t> keys(x.size());
  std::transform(x.begin(), x.end(), keys.begin(), [](float v) { return ordered(std::bit_cast<std::int32_t>(v)); });
  const auto at = keys.begin() + static_cast<std::ptrdiff_t>(k);
  std::nth_element(keys.begin(), at, keys.end());
  return float_of_order(*at);
}

}  // namespace detail

QUENCH_INLINE float kth_smallest(std::span<const float> x, std::size_t k, Isa isa) {
  constexpr std::size_t few = 4096;
  std::vector<float> kept;
  while (x.size() > few) {
    const detail::OrderedMinMax range = run_for<detail::MinMaxKernel>(isa, x.data(), x.size());
    const auto least = static_cast<std::uint32_t>(range.min);
    const std::uint32_t width = static_cast<std::uint32_t>(range.max) - least;
    const detail::OrderBins rule{least, std::max(0, static_cast<int>(std::bit_width(width)) - 12)};
    std::array<std::uint64_t, max_bins + 1> counts{};
    detail::count(rule, x, counts, isa);
    std::uint32_t wanted = 0;
    while (k >= counts[wanted]) k -= static_cast<std::size_t>(counts[wanted++]);
    if (rule.shift == 0) return detail::float_of_order(static_cast<std::int32_t>(least + wanted));
    std::vector<float> gathered(static_cast<std::size_t>(counts[wanted]) + 1);
    run_for<detail::GatherKernel>(isa, rule, static_cast<std::int32_t>(wanted), x.data(), x.size(), gathered.data());
    gathered.pop_back();
    kept.swap(gathered);
    x = kept;
  }
  return detail::kth_of_few(x, k);
}

}  // namespace quench::host
