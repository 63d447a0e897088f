// SPDX-License-Identifier: Apache-2.0
// LayerNorm and RMSNorm of int8 or int16 codes: what kernels/layer_norm.hpp defines, equal bit for bit. The sums of a
// row and its results are plain loops that compilers vectorise; the root is computed once for each row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <quench/host/dispatch.hpp>
#include <quench/host/integer/elementwise.hpp>
#include <quench/kernels/layer_norm.hpp>

namespace quench::host {

namespace detail {

struct RowSums {
  std::int32_t sum = 0;
  std::int64_t squares = 0;
};

/// Squares of 2^14 int8 codes at most fit an int32 sum; other sums take 64 bits.
struct RowSumsLoop {
  template <class X>
  [[gnu::always_inline]] static RowSums run(const X* x, std::size_t count) {
    RowSums sums;
    using Squares = std::conditional_t<std::is_same_v<X, std::int8_t>, std::int32_t, std::int64_t>;
    constexpr std::size_t most = std::size_t{1} << 14;
    for (std::size_t first = 0; first < count; first += most) {
      const std::size_t last = first + most < count ? first + most : count;
      Squares squares = 0;
      for (std::size_t i = first; i < last; ++i) {
        sums.sum += x[i];
        squares += x[i] * x[i];
      }
      sums.squares += squares;
    }
    return sums;
  }
};

template <bool HasBias>
struct NormalizeLoop {
  template <class X, class Y>
  [[gnu::always_inline]] static void run(const X* x, Y* y, std::size_t count, std::int32_t sum,
                                         kernels::InverseRoot root, const kernels::RowWeight* weight,
                                         const std::int32_t* bias, HeldRange<Y> range) {
    const auto size = static_cast<std::int32_t>(count);
    for (std::size_t i = 0; i < count; ++i)
      y[i] = static_cast<Y>(
          held(kernels::normalized(size * x[i] - sum, root, weight[i], HasBias ? bias[i] : 0), range.low, range.high));
  }
};

}  // namespace detail

/// kernels::normalize_rows and a clamp.
template <class X, class Y>
void normalize_rows(Operator op, const X* x, Y* y, std::size_t rows, const kernels::RowNorm& norm,
                    std::int32_t low = INT32_MIN, std::int32_t high = INT32_MAX, Isa isa = best_isa()) {
  const auto size = static_cast<std::size_t>(norm.size);
  const detail::HeldRange<Y> range(low, high);
  for (; rows > 0; --rows, x += size, y += size) {
    detail::RowSums sums = run_for<detail::RowSumsLoop>(isa, x, size);
    if (op == Operator::RMSNorm) sums.sum = 0;
    const kernels::InverseRoot root = norm.root(sums.sum, sums.squares);
    if (norm.bias != nullptr)
      run_for<detail::NormalizeLoop<true>>(isa, x, y, size, sums.sum, root, norm.weight, norm.bias, range);
    else
      run_for<detail::NormalizeLoop<false>>(isa, x, y, size, sums.sum, root, norm.weight, norm.bias, range);
  }
}

}  // namespace quench::host
