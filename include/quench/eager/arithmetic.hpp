// SPDX-License-Identifier: Apache-2.0
// The float arithmetic behind eager handles, forward and backward: dense row-major arrays of any rank, with the
// broadcasting rules of NumPy. Plain loops: it is the definition, for code whose heavy operators are the user's own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <quench/tensors/float_tensor.hpp>

namespace quench::eager::detail {

/// An array with its extents.
struct Array {
  Extents extents;
  std::vector<float> values;

  Array() = default;
  explicit Array(const Extents& shape) : extents(shape), values(shape.elements()) {}
  explicit Array(const FloatInput& x) : extents(x.extents()), values(x.values().begin(), x.values().end()) {}
};

[[noreturn]] inline void throw_shapes(const Extents& a, const Extents& b) {
  throw Error(diagnosis::shape_mismatch, "needed shapes that broadcast, given " + a.text() + " and " + b.text());
}

/// The extents of an operation element by element: aligned at the end, 1 is repeated.
inline Extents broadcast(const Extents& a, const Extents& b) {
  Extents result;
  result.rank = std::max(a.rank, b.rank);
  for (std::size_t back = 1; back <= result.rank; ++back) {
    const std::size_t in_a = back <= a.rank ? a[a.rank - back] : 1, in_b = back <= b.rank ? b[b.rank - back] : 1;
    if (in_a != in_b && in_a != 1 && in_b != 1) throw_shapes(a, b);
    result.extents[result.rank - back] = in_a == 1 ? in_b : in_a;
  }
  return result;
}

/// For each element of `result`, in order, the index of the element of an array of `extents` that is repeated there.
inline std::vector<std::size_t> repeated_indices(const Extents& extents, const Extents& result) {
  std::array<std::size_t, max_tensor_rank> strides{}, at{};
  std::size_t stride = 1;
  for (std::size_t back = 1; back <= extents.rank; ++back) {
    const std::size_t extent = extents[extents.rank - back];
    strides[result.rank - back] = extent == 1 ? 0 : stride;
    stride *= extent;
  }
  std::vector<std::size_t> indices(result.elements());
  std::size_t index = 0;
  for (std::size_t& element : indices) {
    element = index;
    for (std::size_t axis = result.rank; axis-- > 0;) {
      index += strides[axis];
      if (++at[axis] < result[axis]) break;
      index -= strides[axis] * result[axis];
      at[axis] = 0;
    }
  }
  return indices;
}

/// f(a, b) element by element.
template <class F>
Array elementwise(const Array& a, const Array& b, F f) {
  Array result(broadcast(a.extents, b.extents));
  const auto in_a = repeated_indices(a.extents, result.extents), in_b = repeated_indices(b.extents, result.extents);
  for (std::size_t i = 0; i < result.values.size(); ++i) result.values[i] = f(a.values[in_a[i]], b.values[in_b[i]]);
  return result;
}

/// The gradient of a repeated array: the sum over its repetitions.
inline Array unbroadcast(const Array& gradient, const Extents& extents) {
  if (gradient.extents == extents) return gradient;
  const auto indices = repeated_indices(extents, gradient.extents);
  std::vector<double> sums(extents.elements());
  for (std::size_t i = 0; i < indices.size(); ++i) sums[indices[i]] += static_cast<double>(gradient.values[i]);
  Array result(extents);
  std::transform(sums.begin(), sums.end(), result.values.begin(), [](double sum) { return static_cast<float>(sum); });
  return result;
}

/// The last two axes of a matrix product, and the extents before them.
struct MatmulShape {
  Extents batch_a, batch_b, batch, result;
  std::size_t m = 0, k = 0, n = 0;
};

inline MatmulShape matmul_shape(const Extents& a, const Extents& b) {
  const auto leading = [](Extents extents) {
    extents.rank -= 2;
    extents.extents[extents.rank] = extents.extents[extents.rank + 1] = 0;
    return extents;
  };
  if (a.rank < 2 || b.rank < 2 || a[a.rank - 1] != b[b.rank - 2])
    throw Error(diagnosis::shape_mismatch,
                "needed [..., M, K] and [..., K, N], given " + a.text() + " and " + b.text());
  MatmulShape shape;
  shape.m = a[a.rank - 2];
  shape.k = a[a.rank - 1];
  shape.n = b[b.rank - 1];
  shape.batch_a = leading(a);
  shape.batch_b = leading(b);
  shape.batch = broadcast(shape.batch_a, shape.batch_b);
  shape.result = shape.batch;
  shape.result.extents[shape.result.rank++] = shape.m;
  shape.result.extents[shape.result.rank++] = shape.n;
  return shape;
}

/// Calls visit(index of the matrix in a, in b, in the result).
template <class Visit>
void for_each_product(const MatmulShape& shape, Visit visit) {
  const auto in_a = repeated_indices(shape.batch_a, shape.batch), in_b = repeated_indices(shape.batch_b, shape.batch);
  for (std::size_t p = 0; p < in_a.size(); ++p) visit(in_a[p], in_b[p], p);
}

inline Array matmul(const Array& a, const Array& b) {
  const MatmulShape shape = matmul_shape(a.extents, b.extents);
  const std::size_t m = shape.m, k = shape.k, n = shape.n;
  Array result(shape.result);
  for_each_product(shape, [&](std::size_t in_a, std::size_t in_b, std::size_t p) {
    for (std::size_t row = 0; row < m; ++row) {
      float* y = result.values.data() + (p * m + row) * n;
      for (std::size_t inner = 0; inner < k; ++inner) {
        const float x = a.values[(in_a * m + row) * k + inner];
        const float* w = b.values.data() + (in_b * k + inner) * n;
        for (std::size_t column = 0; column < n; ++column) y[column] += x * w[column];
      }
    }
  });
  return result;
}

/// The gradients of both factors.
inline std::array<Array, 2> matmul_backward(const Array& a, const Array& b, const Array& gradient) {
  const MatmulShape shape = matmul_shape(a.extents, b.extents);
  const std::size_t m = shape.m, k = shape.k, n = shape.n;
  std::array<Array, 2> result{Array(a.extents), Array(b.extents)};
  for_each_product(shape, [&](std::size_t in_a, std::size_t in_b, std::size_t p) {
    for (std::size_t row = 0; row < m; ++row) {
      const float* g = gradient.values.data() + (p * m + row) * n;
      for (std::size_t inner = 0; inner < k; ++inner) {
        const std::size_t at_a = (in_a * m + row) * k + inner, at_b = (in_b * k + inner) * n;
        float sum = 0;
        for (std::size_t column = 0; column < n; ++column) {
          sum += g[column] * b.values[at_b + column];
          result[1].values[at_b + column] += a.values[at_a] * g[column];
        }
        result[0].values[at_a] += sum;
      }
    }
  });
  return result;
}

/// An axis counted from the front.
inline std::size_t front_axis(const Extents& extents, int axis) {
  const int rank = static_cast<int>(extents.rank);
  if (axis < -rank || axis >= rank)
    throw Error(diagnosis::shape_mismatch, "needed axis " + std::to_string(axis) + ", given " + extents.text());
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

/// The product of the extents from `begin` to before `end`.
inline std::size_t elements_between(const Extents& extents, std::size_t begin, std::size_t end) {
  const auto first = extents.extents.begin();
  return std::accumulate(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end),
                         std::size_t{1}, std::multiplies<>());
}

/// Joins arrays along an axis.
inline Array cat(const std::vector<Array>& parts, int from_axis) {
  const std::size_t axis = front_axis(parts[0].extents, from_axis);
  Extents extents = parts[0].extents;
  extents.extents[axis] = 0;
  for (const Array& part : parts) {
    Extents others = part.extents;
    if (others.rank == extents.rank) others.extents[axis] = extents[axis];
    if (!(others == extents))
      throw Error(diagnosis::shape_mismatch, "needed shapes that agree but for one axis, given " +
                                                 parts[0].extents.text() + " and " + part.extents.text());
    extents.extents[axis] += part.extents[axis];
  }
  Array result(extents);
  const std::size_t outer = elements_between(extents, 0, axis);
  auto write = result.values.begin();
  for (std::size_t o = 0; o < outer; ++o) {
    for (const Array& part : parts) {
      const std::size_t run = part.values.size() / std::max<std::size_t>(outer, 1);
      write = std::copy_n(part.values.begin() + static_cast<std::ptrdiff_t>(o * run), run, write);
    }
  }
  return result;
}

/// Cuts a gradient into those of the parts.
inline void cat_backward(const Array& gradient, std::size_t axis, std::vector<Array>& parts) {
  const std::size_t outer = elements_between(gradient.extents, 0, axis);
  auto read = gradient.values.begin();
  for (std::size_t o = 0; o < outer; ++o) {
    for (Array& part : parts) {
      const auto run = static_cast<std::ptrdiff_t>(part.values.size() / outer);
      std::copy_n(read, run, part.values.begin() + static_cast<std::ptrdiff_t>(o) * run);
      read += run;
    }
  }
}

/// The extents with the reduced axes held at 1.
inline Extents kept_extents(const Extents& extents, const std::vector<int>& axes) {
  Extents kept = extents;
  for (const int axis : axes) kept.extents[front_axis(extents, axis)] = 1;
  return kept;
}

/// The extents without the reduced axes.
inline Extents reduced_extents(const Extents& extents, const std::vector<int>& axes) {
  std::array<bool, max_tensor_rank> is_reduced{};
  for (const int axis : axes) is_reduced[front_axis(extents, axis)] = true;
  Extents reduced;
  for (std::size_t axis = 0; axis < extents.rank; ++axis)
    if (!is_reduced[axis]) reduced.extents[reduced.rank++] = extents[axis];
  return reduced;
}

}  // namespace quench::eager::detail
