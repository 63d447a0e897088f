// SPDX-License-Identifier: Apache-2.0
// Products of matrices of activations, for attention.
//
// Both operands have one scale for the whole tensor, so there is one requantization and no bias. The shift of an int16
// operand follows from the depth and the types alone: there are no weights. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// The settings of a product of matrices; `batch` is the product of all leading axes.
struct MatrixProduct {
  int batch = 1;
  int rows = 0;
  int depth = 0;
  int columns = 0;
  Requantization requantization{};  // not used if the output is int32
};

/// The right shift of int16 operands in a matmul of this depth.
/// Units    depth in [1, 2^23]
/// Equals   int16 x int8: max(0, ceil(log2 depth) - 8); int16 x int16: ceil(log2(depth) / 2); int8 x int8: 0
/// Source   nash.md section 4
template <class A, class B>
constexpr int matmul_shift(int depth) {
  static_assert(is_code<A> && is_code<B>);
  int log2 = 0;
  while ((1 << log2) < depth) ++log2;
  const int wide = static_cast<int>(sizeof(A) + sizeof(B)) - 2;
  return wide == 0 ? 0 : wide == 2 ? (log2 + 1) / 2 : log2 > 8 ? log2 - 8 : 0;
}

/// A batch of matrix products.
/// Shapes   a [batch,M,K], b [batch,K,N] -> y [batch,M,N]
/// Units    a, b: int8 or int16, h = matmul_shift; acc: int32 at s_a * s_b * 2^h for each int16 operand; y: int8,
///          int16, or int32 = acc
/// Rounding int16 operands half up by h; acc as `requantize`
/// Errors   none; undefined unless depth < 2^17 (int8 x int8), <= 2^23 (others); y overlaps nothing
/// Equals   requantize(Σ a[m,k] * b[k,n])
/// Source   nash.md section 4
template <class A, class B, class Y>
constexpr void matmul(const A* a, const B* b, Y* y, const MatrixProduct& product) {
  const int shift = matmul_shift<A, B>(product.depth);
  const OutputChannels output{.requantization = &product.requantization};
  for (int batch = 0; batch < product.batch; ++batch) {
    const A* matrix_a = a + batch * product.rows * product.depth;
    const B* matrix_b = b + batch * product.depth * product.columns;
    for (int row = 0; row < product.rows; ++row)
      for (int column = 0; column < product.columns; ++column) {
        const std::int32_t acc = detail::dot_strided(matrix_a + row * product.depth, 1, matrix_b + column,
                                                     product.columns, product.depth, shift, shift);
        *y++ = finish<Y>(acc, output, 0);
      }
  }
}

}  // namespace quench::kernels
