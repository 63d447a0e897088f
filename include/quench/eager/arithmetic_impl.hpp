// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/eager/arithmetic.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace quench::eager {

namespace detail {

[[noreturn]] inline void throw_shapes(const char* needed, const Extents& a, const Extents& b) {
  throw Error(diagnosis::shape_mismatch, std::string("needed ") + needed + ", given " + a.text() + " and " + b.text());
}

QUENCH_INLINE Extents broadcast(const Extents& a, const Extents& b) {
  Extents result = a.rank < b.rank ? b : a;
  for (std::size_t back = 1; back <= std::min(a.rank, b.rank); ++back) {
    const std::size_t in_a = a[a.rank - back], in_b = b[b.rank - back];
    if (in_a != in_b && in_a != 1 && in_b != 1) throw_shapes("shapes that broadcast", a, b);
    result.extents[result.rank - back] = in_a == 1 ? in_b : in_a;
  }
  return result;
}

/// The array, broadcast to larger extents.
inline Array repeated(const Array& x, const Extents& extents) {
  Array y(extents);
  training::for_each_pair(x.extents, extents, extents,
                          [&](std::size_t i, std::size_t, std::size_t k) { y.values[k] = x.values[i]; });
  return y;
}

QUENCH_INLINE Array sum_to(const Extents& extents, const Array& x) {
  if (x.extents == extents) return x;
  std::vector<double> sums(extents.elements());
  training::for_each_pair(extents, x.extents, x.extents, [&](std::size_t i, std::size_t, std::size_t k) {
    sums[i] += static_cast<double>(x.values[k]);
  });
  Array y(extents);
  std::transform(sums.begin(), sums.end(), y.values.begin(), [](double sum) { return static_cast<float>(sum); });
  return y;
}

QUENCH_INLINE Array Elementwise::forward(const Arrays& x) const {
  Extents extents = x[0].extents;
  for (const Array& operand : x) extents = broadcast(extents, operand.extents);
  Array y(extents);
  call(forward_function, x, y, nullptr, {});
  return y;
}

QUENCH_INLINE Arrays Elementwise::backward(const Arrays& x, Array& y, const Array& gradient) const {
  Arrays gradients(x.size(), Array(y.extents));
  call(backward_function, x, y, gradient.values.data(), gradients);
  for (std::size_t i = 0; i < x.size(); ++i) gradients[i] = sum_to(x[i].extents, gradients[i]);
  return gradients;
}

QUENCH_INLINE void Elementwise::call(Function function, const Arrays& x, Array& y, const float* gradient,
                                     std::span<Array> gradients) const {
  constexpr std::size_t piece = 1 << 16;
  Node node;
  node.op = op;
  node.operand_count = static_cast<int>(x.size());
  node.settings.parameters[0] = scalar;
  Arrays operands;
  for (const Array& operand : x) operands.push_back(repeated(operand, y.extents));
  std::vector<training::Operand> parts(x.size());
  for (std::size_t begin = 0; begin < y.values.size(); begin += piece) {
    const Shape shape(std::min(piece, y.values.size() - begin));
    for (std::size_t i = 0; i < x.size(); ++i)
      parts[i] = {operands[i].values.data() + begin, gradients.empty() ? nullptr : gradients[i].values.data() + begin,
                  shape};
    function(
        {&node, 1, parts.data(), {y.values.data() + begin, gradient == nullptr ? nullptr : gradient + begin, shape}});
  }
}

template <class Visit>
void MatMul::for_each_product(const Arrays& x, const Extents& y, Visit visit) {
  const Extents &a = x[0].extents, &b = x[1].extents;
  const std::size_t m = y[y.rank - 2], k = a[a.rank - 1], n = y[y.rank - 1];
  const training::MatrixProduct product{static_cast<std::ptrdiff_t>(m), static_cast<std::ptrdiff_t>(k),
                                        static_cast<std::ptrdiff_t>(n)};
  training::for_each_pair(leading(a), leading(b), leading(y), [&](std::size_t in_a, std::size_t in_b, std::size_t i) {
    visit(product, in_a * m * k, in_b * k * n, i * m * n);
  });
}

QUENCH_INLINE Array MatMul::forward(const Arrays& x) const {
  const Extents &a = x[0].extents, &b = x[1].extents;
  if (a.rank < 2 || b.rank < 2 || a[a.rank - 1] != b[b.rank - 2]) throw_shapes("[..., M, K] and [..., K, N]", a, b);
  Extents extents = broadcast(leading(a), leading(b));
  extents.extents[extents.rank++] = a[a.rank - 2];
  extents.extents[extents.rank++] = b[b.rank - 1];
  Array y(extents);
  for_each_product(x, extents, [&](auto& product, std::size_t in_a, std::size_t in_b, std::size_t in_y) {
    product.forward(x[0].values.data() + in_a, x[1].values.data() + in_b, y.values.data() + in_y);
  });
  return y;
}

QUENCH_INLINE Arrays MatMul::backward(const Arrays& x, const Array& y, const Array& gradient) const {
  Arrays gradients{Array(x[0].extents), Array(x[1].extents)};
  for_each_product(x, y.extents, [&](auto& product, std::size_t in_a, std::size_t in_b, std::size_t in_y) {
    product.backward(x[0].values.data() + in_a, x[1].values.data() + in_b, gradient.values.data() + in_y,
                     gradients[0].values.data() + in_a, gradients[1].values.data() + in_b);
  });
  return gradients;
}

template <class Visit>
void Cat::for_each_run(const Arrays& x, Visit visit) const {
  const Extents& extents = x[0].extents;
  const std::size_t at = tensors::front_axis(extents, axis);
  const std::size_t rows = Extents(std::span(extents.extents).first(at)).elements();
  training::for_each_run(
      rows, x.size(), [&](std::size_t part) { return x[part].values.size() / rows; }, visit);
}

QUENCH_INLINE Array Cat::forward(const Arrays& x) const {
  Extents extents = x[0].extents;
  const std::size_t at = tensors::front_axis(extents, axis);
  extents.extents[at] = 0;
  for (const Array& part : x) {
    Extents others = part.extents;
    if (others.rank == extents.rank) others.extents[at] = extents[at];
    if (!(others == extents)) throw_shapes("shapes that agree but for one axis", x[0].extents, part.extents);
    extents.extents[at] += part.extents[at];
  }
  Array y(extents);
  for_each_run(x, [&](std::size_t part, std::size_t from, std::size_t to, std::size_t count) {
    std::copy_n(x[part].values.data() + from, count, y.values.data() + to);
  });
  return y;
}

QUENCH_INLINE Arrays Cat::backward(const Arrays& x, const Array&, const Array& gradient) const {
  Arrays gradients = x;
  for_each_run(x, [&](std::size_t part, std::size_t to, std::size_t from, std::size_t count) {
    std::copy_n(gradient.values.data() + from, count, gradients[part].values.data() + to);
  });
  return gradients;
}

QUENCH_INLINE Array Reduce::forward(const Arrays& x) const {
  tensors::check_not_empty(x[0].values);
  Array y = weighted(sum_to(reduced(x[0].extents, true), x[0]), x[0].extents);
  y.extents = reduced(x[0].extents, keepdim);
  return y;
}

QUENCH_INLINE Arrays Reduce::backward(const Arrays& x, const Array&, Array gradient) const {
  gradient.extents = reduced(x[0].extents, true);
  return {repeated(weighted(std::move(gradient), x[0].extents), x[0].extents)};
}

QUENCH_INLINE Extents Reduce::reduced(const Extents& extents, bool keeps) const {
  std::array<bool, max_tensor_rank> is_reduced{};
  for (const int axis : axes) is_reduced[tensors::front_axis(extents, axis)] = true;
  Extents result;
  for (std::size_t axis = 0; axis < extents.rank; ++axis)
    if (keeps || !is_reduced[axis]) result.extents[result.rank++] = is_reduced[axis] ? 1 : extents[axis];
  return result;
}

QUENCH_INLINE Array Reduce::weighted(Array y, const Extents& summands) const {
  const double weight = training::summand_weight<double>(op, y.values.size(), summands.elements());
  for (float& value : y.values) value = static_cast<float>(static_cast<double>(value) * weight);
  return y;
}

}  // namespace detail

}  // namespace quench::eager
