// SPDX-License-Identifier: Apache-2.0
// The product of float matrices, for training: one thread, near the peak of the CPU.
//
// Up to 384 products are added in order, fused if the CPU can, and these sums are then added. The same inputs give the
// same bits on one instruction set, at any position; instruction sets differ in rounding. NaN and infinity propagate.
#pragma once

#include <cstddef>

#include <quench/host/float/product.hpp>

namespace quench::host {

/// c[m,n] = (accumulate ? c : 0) + op(a) * op(b); row-major; lda/ldb/ldc are row strides of the stored matrices.
/// transpose_a: a is stored [k,m]; transpose_b: b is stored [n,k].
struct FloatGemm {
  bool transpose_a = false, transpose_b = false;
  std::ptrdiff_t m = 0, n = 0, k = 0;
  std::ptrdiff_t lda = 0, ldb = 0, ldc = 0;
  bool accumulate = false;
};

/// c overlaps neither a nor b.
/// Rounding float, of each fused product, in an order that follows from the shape
inline void float_gemm(const FloatGemm& gemm, const float* a, const float* b, float* c, Isa isa = best_isa()) {
  using detail::Scratch;
  if (gemm.m <= 0 || gemm.n <= 0) return;
  const auto m = static_cast<std::size_t>(gemm.m), n = static_cast<std::size_t>(gemm.n);
  const auto k = static_cast<std::size_t>(gemm.k < 0 ? 0 : gemm.k);
  const auto steps = [](std::ptrdiff_t* table, std::size_t size, std::ptrdiff_t step) {
    for (std::size_t i = 0; i < size; ++i) table[i] = static_cast<std::ptrdiff_t>(i) * step;
    return table;
  };
  detail::Columns columns;
  columns.b = b;
  columns.offsets =
      steps(detail::scratch<Scratch::ColumnOffsets, std::ptrdiff_t>(k), k, gemm.transpose_b ? 1 : gemm.ldb);
  columns.depth = k;
  columns.columns = n;
  columns.step = gemm.transpose_b ? gemm.ldb : 1;
  float* const packed = detail::scratch<Scratch::Columns, float>(k * detail::whole_vectors(isa, n));
  detail::pack(isa, columns, packed);
  detail::Product product;
  product.isa = isa;
  product.a = a;
  product.rows = steps(detail::scratch<Scratch::Rows, std::ptrdiff_t>(m), m, gemm.transpose_a ? 1 : gemm.lda);
  product.row_count = m;
  product.offsets = steps(detail::scratch<Scratch::Offsets, std::ptrdiff_t>(k), k, gemm.transpose_a ? gemm.lda : 1);
  product.b = {packed, k, n};
  product.c = c;
  product.c_rows = steps(detail::scratch<Scratch::ResultRows, std::ptrdiff_t>(m), m, gemm.ldc);
  product.add = gemm.accumulate;
  product.fours = !gemm.transpose_a && k % 4 == 0;
  detail::multiply(product);
}

}  // namespace quench::host
