// SPDX-License-Identifier: Apache-2.0
// The operations of a FloatFunctional in float, forward and backward.
#pragma once

#include <cstddef>

#include <quench/ground/compiled.hpp>
#include <quench/training/operand.hpp>

namespace quench::training {

/// add, sub, add_relu.
void add_forward(const Call& call);

void add_backward(const Call& call);

void mul_forward(const Call& call);

void mul_backward(const Call& call);

/// maximum, minimum.
void compare_forward(const Call& call);

/// The gradient is split in half between equal operands, as in PyTorch.
void compare_backward(const Call& call);

void scalar_forward(const Call& call);

void scalar_backward(const Call& call);

/// The product of two matrices, [m,k] x [k,n] -> [m,n], and its gradients.
struct MatrixProduct {
  std::ptrdiff_t m = 0, k = 0, n = 0;

  void forward(const float* a, const float* b, float* y) const;
  /// Adds to the gradients. Null pointers are skipped.
  void backward(const float* a, const float* b, const float* gy, float* ga, float* gb) const;
};

void matmul_forward(const Call& call);

void matmul_backward(const Call& call);

/// Calls visit(part, its offset, offset in y, count) for each run of values of a cat: a row has a run of each part.
template <class Count, class Visit>
void for_each_run(std::size_t rows, std::size_t parts, Count count_of, Visit visit) {
  std::size_t y = 0;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t count = count_of(part);
      visit(part, row * count, y, count);
      y += count;
    }
}

void cat_forward(const Call& call);

void cat_backward(const Call& call);

/// The weight of each summand: 1, or for a mean 1 / n.
template <class Real>
Real summand_weight(Operator op, std::size_t results, std::size_t summands) {
  return op == Operator::Sum ? Real{1} : static_cast<Real>(results) / static_cast<Real>(summands);
}

void reduce_forward(const Call& call);

void reduce_backward(const Call& call);

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/functional_impl.hpp>
#endif
