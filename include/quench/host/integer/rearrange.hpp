// SPDX-License-Identifier: Apache-2.0
// Values elsewhere: what kernels/rearrange.hpp defines for permute, slice and pad, rows that cat copies, and rows of tables.
//
// Axes that are neighbours in both tensors count as one. If the last axis stays the last, rows are copied. Otherwise
// matrices are transposed, in squares of 2^k vectors: k times, the first half of the vectors is interleaved with the second.
// If the last axis of y is shorter than a square, rows of x are copied first, in the order of y. The copies are one matrix
// with as many rows as all axes of y after the transposed one have elements.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <quench/host/scratch.hpp>
#include <quench/kernels/embedding.hpp>
#include <quench/kernels/rearrange.hpp>

namespace quench::host {

namespace detail {

/// memcpy, which would take longer to choose its way than to copy few bytes.
[[gnu::always_inline]] inline void copy_bytes(const unsigned char* from, unsigned char* to, std::size_t bytes) {
  if (bytes > 256) {
    std::memcpy(to, from, bytes);
  } else if (bytes >= 16) {
    for (std::size_t i = 0; i + 16 < bytes; i += 16) std::memcpy(to + i, from + i, 16);
    std::memcpy(to + bytes - 16, from + bytes - 16, 16);  // overlaps what is copied
  } else if (bytes >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + bytes - 8, from + bytes - 8, 8);
  } else if (bytes >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + bytes - 4, from + bytes - 4, 4);
  } else {
    for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i];
  }
}

}  // namespace detail

/// Copies rows of `width` elements, which are `x_step` and `y_step` elements apart.
template <class T>
void copy_rows(const T* x, std::size_t x_step, T* y, std::size_t y_step, std::size_t rows, std::size_t width) {
  for (std::size_t row = 0; row < rows; ++row)
    detail::copy_bytes(reinterpret_cast<const unsigned char*>(x + row * x_step),
                       reinterpret_cast<unsigned char*>(y + row * y_step), width * sizeof(T));
}

namespace detail {

using Bytes16 [[gnu::vector_size(16)]] = std::uint8_t;
using Words8 [[gnu::vector_size(16)]] = std::uint16_t;
using Words4 [[gnu::vector_size(16)]] = std::uint32_t;

// The first, and the last, halves of two vectors, interleaved.
inline Bytes16 interleave_first(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline Bytes16 interleave_last(Bytes16 a, Bytes16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
inline Words8 interleave_first(Words8 a, Words8 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
inline Words8 interleave_last(Words8 a, Words8 b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
inline Words4 interleave_first(Words4 a, Words4 b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
inline Words4 interleave_last(Words4 a, Words4 b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }

template <class T>
using Vector16 = std::conditional_t<sizeof(T) == 1, Bytes16, std::conditional_t<sizeof(T) == 2, Words8, Words4>>;

/// Transposes a square whose rows are vectors. `x_step` and `y_step`: from a row to the next. Only `rows` rows of x are
/// read, and `columns` rows of y are written.
template <class T>
[[gnu::always_inline]] inline void transpose_tile(const T* x, std::size_t x_step, T* y, std::size_t y_step,
                                                  std::size_t rows = 16 / sizeof(T),
                                                  std::size_t columns = 16 / sizeof(T)) {
  constexpr std::size_t size = 16 / sizeof(T);
  Vector16<T> at[size]{}, next[size];
#pragma GCC unroll 16
  for (std::size_t k = 0; k < size; ++k)
    if (k < rows) std::memcpy(&at[k], x + k * x_step, 16);
#pragma GCC unroll 4
  for (std::size_t bit = 1; bit < size; bit *= 2) {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < size / 2; ++k) {
      next[2 * k] = interleave_first(at[k], at[size / 2 + k]);
      next[2 * k + 1] = interleave_last(at[k], at[size / 2 + k]);
    }
#pragma GCC unroll 16
    for (std::size_t k = 0; k < size; ++k) at[k] = next[k];
  }
#pragma GCC unroll 16
  for (std::size_t k = 0; k < size; ++k)
    if (k < columns) std::memcpy(y + k * y_step, &at[k], 16);
}

/// Transposes a matrix value by value, the longer loop inside.
template <class T>
void transpose_values(const T* x, std::size_t x_step, T* y, std::size_t y_step, std::size_t rows, std::size_t columns) {
  const bool is_wide = rows < columns;
  const std::size_t outer = is_wide ? rows : columns, inner = is_wide ? columns : rows;
  const std::size_t x_outer = is_wide ? x_step : 1, x_inner = is_wide ? 1 : x_step;
  const std::size_t y_outer = is_wide ? 1 : y_step, y_inner = is_wide ? y_step : 1;
  for (std::size_t i = 0; i < outer; ++i)
#pragma GCC unroll 8
    for (std::size_t j = 0; j < inner; ++j) y[i * y_outer + j * y_inner] = x[i * x_outer + j * x_inner];
}

/// Transposes a matrix with `columns` contiguous elements in a row.
template <class T>
void transpose(const T* x, std::size_t x_step, T* y, std::size_t y_step, std::size_t rows, std::size_t columns) {
  constexpr std::size_t size = 16 / sizeof(T);
  if (rows < size && y_step == rows) {
    // Each row of y is shorter than a vector, whose rest the rows after it overwrite: the last ones go value by value.
    std::size_t done = 0;
    for (; (done + size - 1) * rows + size <= columns * rows; done += size)
      transpose_tile(x + done, x_step, y + done * rows, y_step, rows, size);
    return transpose_values(x + done, x_step, y + done * rows, y_step, rows, columns - done);
  }
  if (columns < size && x_step == columns) {
    // Each row of x is shorter than a vector, which has values of the rows after it too.
    std::size_t done = 0;
    for (; (done + size - 1) * columns + size <= rows * columns; done += size)
      transpose_tile(x + done * columns, x_step, y + done, y_step, size, columns);
    return transpose_values(x + done * columns, x_step, y + done, y_step, rows - done, columns);
  }
  if (rows < size || columns < size) return transpose_values(x, x_step, y, y_step, rows, columns);
  for (std::size_t i = 0; i < rows; i += size) {
    const std::size_t row = std::min(i, rows - size);  // the last tiles overlap those before
    for (std::size_t j = 0; j < columns; j += size) {
      const std::size_t column = std::min(j, columns - size);
      transpose_tile(x + row * x_step + column, x_step, y + column * y_step + row, y_step);
    }
  }
}

/// Copies a tensor from one set of strides to another. An axis has stride 1 in x.
template <class T>
void copy_strided(const Shape& shape, const T* x, const kernels::Strides& x_strides, T* y,
                  const kernels::Strides& y_strides) {
  // The same without axes of one element, and with neighbours merged.
  Shape s;
  kernels::Strides from, to;
  s.rank = 0;
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) continue;
    const int last = s.rank - 1;
    const bool is_neighbour =
        last >= 0 && from[last] == shape[axis] * x_strides[axis] && to[last] == shape[axis] * y_strides[axis];
    const int place = is_neighbour ? last : s.rank++;
    s[place] = (is_neighbour ? s[place] : 1) * shape[axis];
    from[place] = x_strides[axis];
    to[place] = y_strides[axis];
  }
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  std::size_t width = 1;
  int last = s.rank - 1;
  if (last >= 0 && from[last] == 1 && to[last] == 1) {
    width = at(s[last]);
    s.rank = last--;
  }
  if (s.rank == 0) return copy_rows(x, 0, y, 0, 1, width);
  const std::size_t rows = at(std::exchange(s[last], 1)), x_step = at(from[last]);
  if (width > 1 || to[last] != 1)
    return kernels::for_each_row(s, from, to,
                                 [&](int a, int b) { copy_rows(x + a, x_step, y + b, at(to[last]), rows, width); });
  int along = 0;  // the axis that is contiguous in x
  while (from[along] != 1) ++along;
  const std::size_t columns = at(std::exchange(s[along], 1)), y_step = at(to[along]);
  if (rows < 16 / sizeof(T) && columns >= 16 / sizeof(T) && y_step > rows) {
    Shape inner = s;
    kernels::Strides beside;
    for (int axis = 0; axis < s.rank; ++axis) {
      beside[axis] = to[axis] * static_cast<int>(columns);
      (axis < along ? inner : s)[axis] = 1;
    }
    T* const matrix = scratch<Scratch::Rows, T>(y_step * columns);
    return kernels::for_each_row(s, from, to, [&](int a, int b) {
      kernels::for_each_row(inner, from, beside,
                            [&](int c, int d) { copy_rows(x + a + c, x_step, matrix + d, columns, rows, columns); });
      transpose(matrix, columns, y + b, y_step, y_step, columns);
    });
  }
  kernels::for_each_row(s, from, to, [&](int a, int b) { transpose(x + a, x_step, y + b, y_step, rows, columns); });
}

}  // namespace detail

/// kernels::permute.
template <class T>
void permute(const T* x, const Shape& x_shape, const int* order, T* y) {
  const kernels::Strides strides = kernels::strides_of(x_shape);
  Shape shape = x_shape;
  kernels::Strides permuted;
  for (int axis = 0; axis < shape.rank; ++axis) {
    shape[axis] = x_shape[order[axis]];
    permuted[axis] = strides[order[axis]];
  }
  detail::copy_strided(shape, x, permuted, y, kernels::strides_of(shape));
}

/// kernels::embedding.
template <class T>
void embedding(const std::int32_t* indices, const T* table, T* y, int count, int rows, int size) {
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  for (int i = 0; i < count; ++i)
    copy_rows(table + at(kernels::row_at(indices[i], rows)) * at(size), 0, y + at(i) * at(size), 0, 1, at(size));
}

/// kernels::slice.
template <class T>
void slice(const T* x, const Shape& x_shape, int axis, int begin, int end, T* y) {
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const int inner = kernels::count_of(x_shape, axis + 1, x_shape.rank);
  const std::size_t length = at((end - begin) * inner);
  copy_rows(x + begin * inner, at(x_shape[axis] * inner), y, length, at(kernels::count_of(x_shape, 0, axis)), length);
}

/// kernels::pad.
template <class T>
void pad(const T* x, const Shape& x_shape, const int* before, const int* after, T* y) {
  Shape shape = x_shape;
  for (int axis = 0; axis < shape.rank; ++axis) shape[axis] += before[axis] + after[axis];
  std::fill_n(y, kernels::count_of(shape, 0, shape.rank), T{0});
  const kernels::Strides strides = kernels::strides_of(shape);
  int first = 0;
  for (int axis = 0; axis < shape.rank; ++axis) first += before[axis] * strides[axis];
  detail::copy_strided(x_shape, x, kernels::strides_of(x_shape), y + first, strides);
}

}  // namespace quench::host
