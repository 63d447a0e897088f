// SPDX-License-Identifier: Apache-2.0
// The shape of a tensor, without the batch. Feature maps are [H, W, C], sequences [L, C]. Freestanding.
#pragma once

#include <cstddef>

#include <quench/ground/prerequisites.hpp>

namespace quench {

/// An int index or extent as std::size_t, for the standard library.
constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// The most dimensions of a tensor, without the batch. Six are enough for attention over windows of an image.
inline constexpr int max_rank = 6;

/// The largest extent and number of elements of a shape; larger ones saturate.
inline constexpr int max_elements = 0x7fffffff;

/// The product of two non-negative extents, at most `max_elements`.
constexpr int saturating_product(int a, int b) {
  const long long product = static_cast<long long>(a) * b;
  return product > max_elements ? max_elements : static_cast<int>(product);
}

/// The sum of two non-negative extents, at most `max_elements`.
constexpr int saturating_sum(long long a, long long b) {
  return a + b > max_elements ? max_elements : static_cast<int>(a + b);
}

/// Extents of a tensor: `rank` of them, the last one varying fastest.
struct Shape {
  int rank = 0;
  int extents[max_rank]{};

  constexpr Shape() = default;
  template <class... Extents>
    requires(sizeof...(Extents) >= 1 && sizeof...(Extents) <= max_rank)
  explicit constexpr Shape(Extents... extent) : rank(sizeof...(Extents)), extents{static_cast<int>(extent)...} {}

  constexpr int operator[](int axis) const& { return extents[axis]; }
  constexpr int& operator[](int axis) & { return extents[axis]; }

  /// The last extent: channels of a feature map, features of a vector. 0 for rank 0.
  constexpr int channels() const { return rank > 0 ? extents[rank - 1] : 0; }
  constexpr void set_channels(int count) {
    if (rank > 0) extents[rank - 1] = count;
  }

  /// The number of elements of one sample, at most `max_elements`.
  constexpr int elements() const {
    int product = 1;
    for (int axis = 0; axis < rank; ++axis) product = saturating_product(product, extents[axis]);
    return product;
  }

  friend constexpr bool operator==(const Shape& a, const Shape& b) {
    if (a.rank != b.rank) return false;
    for (int axis = 0; axis < a.rank; ++axis)
      if (a.extents[axis] != b.extents[axis]) return false;
    return true;
  }
};

/// The map of a layer's input or output: a sequence [L, C] is a map of one row, [1, L, C]. Other shapes stay unchanged.
constexpr Shape as_map(const Shape& x) { return x.rank == 2 ? Shape(1, x[0], x[1]) : x; }

}  // namespace quench
