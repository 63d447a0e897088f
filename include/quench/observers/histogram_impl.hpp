// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/histogram.hpp>

#include <cmath>
#include <cstdint>
#include <span>

namespace quench {

namespace detail {

QUENCH_INLINE void throw_no_count(double number) {
  throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no count");
}

QUENCH_INLINE void load_counts(std::span<const double> state, bool is_empty, std::span<std::uint64_t> counts) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += state[i];
    if (!(state[i] >= 0 && sum <= 0x1p53 && state[i] == std::floor(state[i]))) throw_no_count(state[i]);
    counts[i] = static_cast<std::uint64_t>(state[i]);
  }
  if ((sum == 0) != is_empty) throw Error(diagnosis::state_not_valid, "the counts do not fit the range");
}

}  // namespace detail

}  // namespace quench
