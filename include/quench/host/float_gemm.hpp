// SPDX-License-Identifier: Apache-2.0
// Products of float matrices, for training.
#pragma once

#include <cstddef>

namespace quench::host {

/// c[m,n] = (accumulate ? c : 0) + op(a) * op(b), row-major; lda, ldb, ldc are the row strides of the stored matrices.
struct FloatGemm {
  bool transpose_a = false;  // a is stored [k,m]
  bool transpose_b = false;  // b is stored [n,k]
  int m = 0, n = 0, k = 0;
  int lda = 0, ldb = 0, ldc = 0;
  bool accumulate = false;
};

inline void float_gemm(const FloatGemm& g, const float* a, const float* b, float* c) {
  for (int i = 0; i < g.m; ++i)
    for (int j = 0; j < g.n; ++j) {
      float sum = g.accumulate ? c[i * g.ldc + j] : 0.0f;
      for (int p = 0; p < g.k; ++p)
        sum += a[g.transpose_a ? p * g.lda + i : i * g.lda + p] * b[g.transpose_b ? j * g.ldb + p : p * g.ldb + j];
      c[i * g.ldc + j] = sum;
    }
}

}  // namespace quench::host
