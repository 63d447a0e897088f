// SPDX-License-Identifier: Apache-2.0
// Products of matrices of activations: what kernels/matmul.hpp defines, equal bit for bit.
//
// Neither operand is known before, so both are copied for each product: the right one as the weights of a block of int16
// codes (integer/block.hpp), whose pixels are the rows of the left one.
#pragma once

#include <algorithm>

#include <quench/host/integer/elementwise.hpp>
#include <quench/host/int16/avx512.hpp>
#include <quench/host/int16/map.hpp>
#include <quench/host/scratch.hpp>
#include <quench/kernels/matmul.hpp>

namespace quench::host {

namespace detail {

/// Two rows in turn: a, b, a, b, ...
struct PairRowsLoop {
  [[gnu::always_inline]] static void run(const std::int16_t* __restrict a, const std::int16_t* __restrict b,
                                         std::int16_t* __restrict y, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      y[2 * i] = a[i];
      y[2 * i + 1] = b[i];
    }
  }
};

/// Requantizes sums.
struct CodesOfSumsLoop {
  template <class Y>
  [[gnu::always_inline]] static void run(const std::int32_t* __restrict x, Y* __restrict y, std::size_t count,
                                         Rescaling<Y> rescaling) {
    for (std::size_t i = 0; i < count; ++i) y[i] = rescaling(x[i]);
  }
};

/// Packs a matrix of `depth` rows as the weights of a block.
template <class B>
void pack_matrix(const B* b, int depth, int columns, int shift, std::int16_t* weights, Isa isa) {
  const int pairs = (depth + 1) / 2;
  const auto width = static_cast<std::size_t>(columns);
  std::int16_t* rows = scratch<Scratch::Pixels, std::int16_t>(2 * width);
  for (int pair = 0; pair < pairs; ++pair, b += 2 * width) {
    const bool is_whole = 2 * pair + 1 < depth;
    widen(b, rows, is_whole ? 2 * width : width, shift, isa);
    if (!is_whole) std::fill(rows + width, rows + 2 * width, std::int16_t{0});
    for (int begin = 0, count = 0; begin < columns; begin += count) {
      const BlockPlace<std::int16_t> place(begin, columns, pairs);
      count = std::min(static_cast<int>(place.step) / 2, columns - begin);
      std::int16_t* to = weights + place.first + static_cast<std::size_t>(pair) * place.step;
      const auto size = static_cast<std::size_t>(count);
      run_for<PairRowsLoop>(isa, static_cast<const std::int16_t*>(rows + begin),
                            static_cast<const std::int16_t*>(rows + width + begin), to, size);
      std::fill(to + 2 * size, to + 2 * static_cast<std::size_t>(padded_channels(count)), std::int16_t{0});
    }
  }
}

}  // namespace detail

/// kernels::matmul, then held in [low, high].
template <class A, class B, class Y>
void matmul(const A* a, const B* b, Y* y, const kernels::MatrixProduct& product, std::int32_t low = INT32_MIN,
            std::int32_t high = INT32_MAX, Isa isa = best_isa()) {
  const int shift = kernels::matmul_shift<A, B>(product.depth), depth = product.depth, columns = product.columns;
  const int stride = padded_channels(columns), row = depth + depth % 2;
  const auto size = [](int i, int k) { return static_cast<std::size_t>(i) * static_cast<std::size_t>(k); };
  std::int16_t* left = detail::scratch<detail::Scratch::Map, std::int16_t>(size(product.rows, row) + 32);
  std::int16_t* right = detail::scratch<detail::Scratch::Weights, std::int16_t>(size(row, stride));
  const std::size_t count = size(product.rows, columns);
  std::int32_t* sums = detail::scratch<detail::Scratch::Accumulators, std::int32_t>(count);
  thread_local std::vector<std::int32_t> rows, pairs;
  thread_local Epilogue zeros;
  rows.clear();
  while (2 * static_cast<int>(pairs.size()) < row) pairs.push_back(2 * static_cast<int>(pairs.size()));
  for (int i = 0; i < product.rows; ++i) rows.push_back(i * depth);
  if (zeros.sum_first.size() < size(stride, 1)) zeros.sum_first.resize(size(stride, 1));
  Int16Block block;
  block.a = left;
  block.rows = rows.data();
  block.m = product.rows;
  block.quad_offsets = pairs.data();
  block.quads = block.neighbours = row / 2;
  block.weights = right;
  block.channels = columns;
  block.epilogue = &zeros;
  block.y = sums;
  block.y_row = columns;
  for (int batch = 0; batch < product.batch; ++batch, a += size(product.rows, depth), b += size(depth, columns)) {
    detail::widen(a, left, size(product.rows, depth), shift, isa);
    detail::pack_matrix(b, depth, columns, shift, right, isa);
    detail::int16_block(block, isa);
    if constexpr (std::is_same_v<Y, std::int32_t>)
      for (std::size_t i = 0; i < count; ++i) y[i] = std::clamp(sums[i], low, high);
    else
      run_for<detail::CodesOfSumsLoop>(isa, static_cast<const std::int32_t*>(sums), y, count,
                                       detail::Rescaling<Y>(product.requantization, low, high));
    y += count;
  }
}

}  // namespace quench::host
