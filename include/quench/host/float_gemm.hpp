// SPDX-License-Identifier: Apache-2.0
// Products of float matrices, for training.
#pragma once

#include <vector>

#include <quench/host/float_kernel.hpp>

namespace quench::host {

/// c[m,n] = (accumulate ? c : 0) + op(a) * op(b), row-major; lda, ldb, ldc are the row strides of the stored matrices.
struct FloatGemm {
  bool transpose_a = false;  // a is stored [k,m]
  bool transpose_b = false;  // b is stored [n,k]
  int m = 0, n = 0, k = 0;
  int lda = 0, ldb = 0, ldc = 0;
  bool accumulate = false;
};

namespace detail {

/// Rows of n values, each followed by room to read whole vectors.
inline std::ptrdiff_t padded_columns(int n) { return (n + float_slack - 1) / float_slack * float_slack; }

/// Memory of a thread that is used again by its next call; its values are anything.
template <int Purpose>
float* scratch(std::size_t size) {
  thread_local std::vector<float> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

}  // namespace detail

/// The product.
/// Errors   none; undefined unless a, b and c have the extents said
inline void float_gemm(const FloatGemm& gemm, const float* a, const float* b, float* c, Isa isa = best_isa()) {
  const std::ptrdiff_t zero = 0;
  FloatBlock block;
  block.a_offsets = block.b_offsets = &zero;
  block.a = a;
  block.a_row = gemm.transpose_a ? 1 : gemm.lda;
  block.a_k = gemm.transpose_a ? gemm.lda : 1;
  block.b = b;
  block.b_k = gemm.ldb;
  block.k = gemm.k;
  block.c = c;
  block.c_row = gemm.ldc;
  block.m = gemm.m;
  block.n = gemm.n;
  block.accumulate = gemm.accumulate;
  if (gemm.transpose_b || gemm.n % float_slack != 0) {
    const std::ptrdiff_t columns = detail::padded_columns(gemm.n);
    float* packed = detail::scratch<0>(static_cast<std::size_t>(columns) * static_cast<std::size_t>(gemm.k));
    for (int p = 0; p < gemm.k; ++p)
      for (std::ptrdiff_t j = 0; j < gemm.n; ++j)
        packed[p * columns + j] = gemm.transpose_b ? b[j * gemm.ldb + p] : b[p * std::ptrdiff_t{gemm.ldb} + j];
    block.b = packed;
    block.b_k = columns;
  }
  float_block(block, isa);
}

}  // namespace quench::host
