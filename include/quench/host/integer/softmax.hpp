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

/// Exponentials, four times their value plus their level, to codes.
template <int Levels>
struct ShareLoop {
  template <class Y>
  [[gnu::always_inline]] static void run(const std::int32_t* exponentials, Y* y, std::size_t count,
                                         std::int32_t reciprocal, Rescaling<Y> plain, Rescaling<Y> small,
                                         Rescaling<Y> smallest) {
    const RoundingShift to_share(15);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t share = to_share((exponentials[i] >> 2) * reciprocal), level = exponentials[i] & 3;
      if constexpr (Levels == 1)
        y[i] = level != 0 ? small(share) : plain(share);
      else
        y[i] = level == 2 ? smallest(share) : level == 1 ? small(share) : plain(share);
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
    const bool is_same = tables_.exponential == tables.exponential && tables_.to_exponent == tables.to_exponent &&
                         tables_.levels == tables.levels;
    tables_ = tables;
    if (is_same) return;
    for (std::size_t below = 0; below < exponentials_.size(); ++below) {
      const auto e = kernels::exponential(-static_cast<std::int32_t>(below), tables);
      exponentials_[below] = 4 * e.value + e.level;
    }
  }

  /// kernels::softmax of rows that follow each other.
  template <class X, class Y>
  void run(const X* x, Y* y, std::size_t rows, std::size_t classes, Isa isa = best_isa()) const {
    auto* const room = detail::scratch<detail::Scratch::Accumulators, std::int32_t>(classes);
    for (; rows > 0; --rows, x += classes, y += classes) {
      const std::int32_t largest = run_for<detail::RowMaximumLoop>(isa, x, classes);
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < classes; ++i) {
        const std::int32_t e = room[i] = exponentials_[static_cast<std::size_t>(largest - x[i])];
        sum += kernels::Exponential{e >> 2, e & 3}.in_small_units();
      }
      const kernels::Normalization normalization(sum, tables_);
      if (tables_.levels == 1)
        share<1>(room, y, classes, normalization, isa);
      else
        share<2>(room, y, classes, normalization, isa);
    }
  }

 private:
  template <int Levels, class Y>
  void share(const std::int32_t* exponentials, Y* y, std::size_t classes, const kernels::Normalization& normalization,
             Isa isa) const {
    const auto rescaling = [&](int level) { return detail::Rescaling<Y>(normalization.to_output(tables_, level)); };
    run_for<detail::ShareLoop<Levels>>(isa, exponentials, y, classes, normalization.reciprocal, rescaling(0),
                                       rescaling(1), rescaling(2));
  }

  kernels::SoftmaxTables tables_;
  std::vector<std::int32_t> exponentials_;  // of -i: four times the value plus the level
};

}  // namespace quench::host
