// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/observers/moments.hpp>

#include <cstddef>
#include <span>

#include <quench/host/dispatch.hpp>
#include <quench/network/symbol.hpp>

namespace quench::host {

namespace detail {

struct MomentsKernel {
  static constexpr std::size_t lanes = 16;

  // The sum of (x - centre), or of its squares.
  template <bool Squares>
  [[gnu::always_inline]] static inline double sum(const float* x, std::size_t size, double centre) {
    const auto term = [&](float value) __attribute__((always_inline)) {
      const double distance = static_cast<double>(value) - centre;
      const double square = distance * distance;
      return Squares ? square : distance;
    };
    double sums[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes)
      for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += term(x[i + lane]);
    for (std::size_t lane = 0; i < size; ++i, ++lane) sums[lane] += term(x[i]);
    double total = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) total += sums[lane];
    return total;
  }

  [[gnu::always_inline]] static inline Moments run(const float* x, std::size_t size) {
    const auto count = static_cast<double>(size);
    const double mean = sum<false>(x, size, 0) / count;
    return {count, mean, sum<true>(x, size, mean)};
  }
};

}  // namespace detail

QUENCH_INLINE Moments moments(std::span<const float> x, Isa isa) {
  return run_for<detail::MomentsKernel>(isa, x.data(), x.size());
}

}  // namespace quench::host
