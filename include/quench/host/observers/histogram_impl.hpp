// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/observers/histogram.hpp>

#include <cstdint>
#include <span>

#include <quench/host/observers/count.hpp>

namespace quench::host {

QUENCH_INLINE void count_into_bins(UniformBins rule, std::span<const float> x, std::span<std::uint64_t> counts,
                                   Isa isa) {
  detail::count(rule, x, counts, isa);
}

QUENCH_INLINE void count_into_bins(ClampedBins rule, std::span<const float> x, std::span<std::uint64_t> counts,
                                   Isa isa) {
  detail::count(rule, x, counts, isa);
}

QUENCH_INLINE void count_into_bins(MagnitudeBins rule, std::span<const float> x, std::span<std::uint64_t> counts,
                                   Isa isa) {
  detail::count(rule, x, counts, isa);
}

QUENCH_INLINE void count_into_bins(LogBins rule, std::span<const float> x, std::span<std::uint64_t> counts, Isa isa) {
  detail::count(rule, x, counts, isa);
}

}  // namespace quench::host
