// SPDX-License-Identifier: Apache-2.0
// LayerNorm and RMSNorm over rows of n codes, with exact sums in 64 bits.
//
// With S = Σ x and Q = Σ x², n² times the variance is V = n Q - S², and n times the distance from the mean is
// d = n x - S. Both are exact. For RMSNorm S is 0. With E = n² eps / s_x², the normalized value is
//   z = d / sqrt(V + E)
// V + E has 16 - log2(n) fractional bits, so that E counts however small V is. The inverse root has 16 bits: the integer
// root of a mantissa in [2^30, 2^32), and one division. d times root times weight is exact in 64 bits. One shift brings
// it to 2^-8 of a step of y, where the bias is added, and one more to y.
//
// Errors, relative to w z / s_y: E, which is held at 1, up to 2^-15; the root and its inverse 1.5 * 2^-16 together; the
// weight 2^-15. So y is within 0.51 + 5.5 * 2^-16 |w z| / s_y steps of the real value. Source: nash.md section 4.
// Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>
#include <quench/kernels/accumulator.hpp>
#include <quench/types/operator.hpp>

namespace quench::kernels {

/// A weight over the scale of the output: multiplier * 2^-shift is w / s_y * 2^(8 + variance_shift / 2).
struct RowWeight {
  std::int16_t multiplier = 0;  // 0, or of a magnitude in [16384, 32767]
  std::int8_t shift = 0;        // in [-100, 100]

  friend constexpr bool operator==(const RowWeight&, const RowWeight&) = default;
};

/// 1 / sqrt(x) = multiplier * 2^-shift, with a multiplier in [2^15, 2^16].
struct InverseRoot {
  std::int32_t multiplier = 0;
  int shift = 31;

  /// Units    x in [1, 2^63)
  constexpr explicit InverseRoot(std::int64_t x) {
    for (; x >> 32 != 0; x >>= 2) ++shift;
    for (; x >> 30 == 0; x *= 4) --shift;
    auto rest = static_cast<std::uint32_t>(x);
    std::uint32_t root = 0;
    for (std::uint32_t bit = 1u << 30; bit != 0; bit >>= 2) {  // one binary digit of the root at a time
      const std::uint32_t taken = root + bit;
      root >>= 1;
      if (rest < taken) continue;
      rest -= taken;
      root += bit;
    }
    if (rest > root) ++root;  // to the nearest
    multiplier = static_cast<std::int32_t>(((1u << 31) + root / 2) / root);
  }
};

/// The constants of a LayerNorm or RMSNorm.
struct RowNorm {
  int size = 1;                        // n, the values of a row
  int variance_shift = 0;              // in [-62, 16]: V and E are in units of 2^-variance_shift
  std::int64_t epsilon = 1;            // n² * eps / s_x² * 2^variance_shift, in [1, 2^62]
  const RowWeight* weight = nullptr;   // one for each value of a row
  const std::int32_t* bias = nullptr;  // the same, b / s_y * 2^8, in [-2^28, 2^28]; or none

  /// Of a row: 1 / sqrt(V + E), from S and Q.
  constexpr InverseRoot root(std::int32_t sum, std::int64_t squares) const {
    const std::int64_t variance = size * squares - std::int64_t{sum} * sum;
    return InverseRoot((variance_shift < 0 ? variance >> -variance_shift : variance << variance_shift) + epsilon);
  }
};

/// w z + b over the scale of y, not yet saturated.
/// Units    distance: d in int32; bias: at s_y / 2^8
/// Rounding half up to 2^-8 of a step, and half up to a step
constexpr std::int32_t normalized(std::int32_t distance, InverseRoot root, RowWeight weight, std::int32_t bias) {
  constexpr std::int64_t most = 1 << 30;
  const std::int64_t product = std::int64_t{distance} * (root.multiplier * weight.multiplier);
  const std::int64_t rounded = wide_round_half_up_shift(product, clamp(root.shift + weight.shift, 0, 62));
  const auto held = static_cast<std::int32_t>(rounded > most ? most : rounded < -most ? -most : rounded);
  return round_half_up_shift(held + bias, 8);
}

/// The rows of a LayerNorm or RMSNorm.
/// Shapes   x [rows,n] -> y [rows,n]
/// Units    x: int8 or int16 at s_x; y: int8 or int16 at s_y
/// Rounding the root and its inverse to nearest, the last two shifts half up; y saturates
/// Errors   none; undefined unless n * 2^8 (int8; int16: 2^16) <= 2^31 - 1; y may be x if their types are equal
/// Equals   w (x - mean) / sqrt(variance + eps) + b for LayerNorm, w x / sqrt(mean of squares + eps) + b for RMSNorm, within
///          0.51 + 5.5 * 2^-16 |w z| / s_y steps: 0.52 for int8 and 3.27 for int16 while w z is in the range of y
/// Source   nash.md section 4
template <Operator Op, class X, class Y>
constexpr void normalize_rows(const X* x, Y* y, int rows, const RowNorm& norm) {
  static_assert(is_code<X> && is_code<Y>);
  static_assert(Op == Operator::LayerNorm || Op == Operator::RMSNorm);
  for (int row = 0; row < rows; ++row, x += norm.size, y += norm.size) {
    std::int32_t sum = 0;
    std::int64_t squares = 0;
    for (int i = 0; i < norm.size; ++i) {
      if (Op == Operator::LayerNorm) sum += x[i];
      squares += x[i] * x[i];
    }
    const InverseRoot root = norm.root(sum, squares);
    for (int i = 0; i < norm.size; ++i)
      y[i] = static_cast<Y>(saturate<bits_of<Y>>(
          normalized(norm.size * x[i] - sum, root, norm.weight[i], norm.bias != nullptr ? norm.bias[i] : 0)));
  }
}

}  // namespace quench::kernels
