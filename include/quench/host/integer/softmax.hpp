// SPDX-License-Identifier: Apache-2.0
// Softmax of int8 or int16 codes: what kernels/softmax.hpp defines, equal bit for bit.
//
// The exponential of each difference to the largest code of a row stands in a table. Shares are a plain loop.
#pragma once

#include <vector>

#include <quench/host/integer/elementwise.hpp>
#include <quench/host/scratch.hpp>
#include <quench/kernels/softmax.hpp>

namespace quench::host {

namespace detail {

struct RowMaximumLoop {
  template <class X>
  [[gnu::always_inline]] static X run(const X* x, std::size_t count) {
    X largest = x[0];
    for (std::size_t i = 1; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
    return largest;
  }
};

/// Exponentials, twice their value and whether they are small, to codes.
struct ShareLoop {
  template <class Y>
  [[gnu::always_inline]] static void run(const std::int32_t* exponentials, Y* y, std::size_t count,
                                         std::int32_t reciprocal, Rescaling<Y> plain, Rescaling<Y> small) {
    const RoundingShift to_share(15);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t share = to_share((exponentials[i] >> 1) * reciprocal);
      y[i] = (exponentials[i] & 1) != 0 ? small(share) : plain(share);
    }
  }
};

}  // namespace detail

/// A softmax along the last axis.
class TabledSoftmax {
 public:
  /// `differences`: one more than codes of a row may differ by, 2^8 for int8, 2^16 for int16.
  explicit TabledSoftmax(std::size_t differences) : exponentials_(differences) {}

  /// Builds the table, unless it is that of the same scale.
  void set(const kernels::SoftmaxTables& tables) {
    const bool is_same = tables_.exponential == tables.exponential && tables_.to_exponent == tables.to_exponent;
    tables_ = tables;
    if (is_same) return;
    for (std::size_t below = 0; below < exponentials_.size(); ++below) {
      const auto e = kernels::exponential(-static_cast<std::int32_t>(below), tables);
      exponentials_[below] = 2 * e.value + (e.is_small ? 1 : 0);
    }
  }

  /// kernels::softmax of rows that follow each other.
  template <class X, class Y>
  void run(const X* x, Y* y, std::size_t rows, std::size_t classes, Isa isa = best_isa()) const {
    auto* const room = detail::scratch<detail::Scratch::Accumulators, std::int32_t>(classes);
    for (; rows > 0; --rows, x += classes, y += classes) {
      const std::int32_t largest = run_for<detail::RowMaximumLoop>(isa, x, classes);
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < classes; ++i) {
        const std::int32_t e = room[i] = exponentials_[static_cast<std::size_t>(largest - x[i])];
        sum += (e & 1) != 0 ? e >> 1 : (e >> 1) * 64;
      }
      const kernels::Normalization normalization(sum, tables_);
      run_for<detail::ShareLoop>(isa, static_cast<const std::int32_t*>(room), y, classes, normalization.reciprocal,
                                 detail::Rescaling<Y>(normalization.to_output(tables_, false)),
                                 detail::Rescaling<Y>(normalization.to_output(tables_, true)));
    }
  }

 private:
  kernels::SoftmaxTables tables_;
  std::vector<std::int32_t> exponentials_;  // of -i: twice the value, and whether it is small
};

}  // namespace quench::host
