// SPDX-License-Identifier: Apache-2.0
// The operations of a FloatFunctional in float, forward and backward.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include <quench/host/float/elementwise.hpp>
#include <quench/host/float/gemm.hpp>
#include <quench/kernels/elementwise.hpp>
#include <quench/training/operand.hpp>

namespace quench::training {

namespace detail {

/// Calls visit(offset in a, offset in b, offset in y) for each element of each sample, repeating axes of extent 1.
template <class Visit>
void for_each_pair(const Call& call, Visit visit) {
  const Operand &a = call.x[0], &b = call.x[1];
  if (a.shape == b.shape) {
    for (std::ptrdiff_t i = 0; i < call.size(); ++i) visit(i, i, i);
    return;
  }
  const auto a_strides = kernels::broadcast_strides(a.shape);
  const auto b_strides = kernels::broadcast_strides(b.shape);
  const int last = call.y.shape.rank - 1;
  std::ptrdiff_t y = 0;
  for (int n = 0; n < call.samples; ++n) {
    const std::ptrdiff_t a_sample = n * a.sample_size(), b_sample = n * b.sample_size();
    kernels::for_each_row(call.y.shape, a_strides, b_strides, [&](int at_a, int at_b) {
      for (int i = 0; i < call.y.shape[last]; ++i, ++y)
        visit(a_sample + at_a + i * a_strides[last], b_sample + at_b + i * b_strides[last], y);
    });
  }
}

inline void add_to(float* gradient, std::ptrdiff_t at, float value) {
  if (gradient != nullptr) gradient[at] += value;
}

}  // namespace detail

namespace detail {

/// y = combine(a, b), element by element.
template <class Combine>
void combine_elements(const Call& call, Combine combine) {
  const float *a = call.x[0].values, *b = call.x[1].values;
  float* y = call.y.values;
  for_each_pair(call, [&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t k) { y[k] = combine(a[i], b[j]); });
}

/// Adds to the gradients of both operands the pair that gradients(index in a, index in b, index in y) gives.
template <class Gradients>
void add_gradients(const Call& call, Gradients gradients) {
  for_each_pair(call, [&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t k) {
    const auto [to_a, to_b] = gradients(i, j, k);
    add_to(call.x[0].gradient, i, to_a);
    add_to(call.x[1].gradient, j, to_b);
  });
}

}  // namespace detail

/// add, sub, add_relu.
inline void add_forward(const Call& call) {
  const Operator op = call.node->op;
  const float lowest = op == Operator::AddReLU ? 0.0f : -std::numeric_limits<float>::infinity();
  if (op != Operator::Sub && call.x[0].shape == call.x[1].shape)
    return host::float_add(call.x[0].values, call.x[1].values, call.y.values, static_cast<std::size_t>(call.size()),
                           lowest);
  if (op == Operator::Sub) return detail::combine_elements(call, [](float p, float q) { return p - q; });
  detail::combine_elements(call, [lowest](float p, float q) { return p + q < lowest ? lowest : p + q; });
}

inline void add_backward(const Call& call) {
  const Operand &a = call.x[0], &b = call.x[1];
  const float *gy = call.y.gradient, *y = call.y.values;
  const Operator op = call.node->op;
  if (op != Operator::Sub && a.shape == b.shape) {
    const auto size = static_cast<std::size_t>(call.size());
    for (float* gx : {a.gradient, b.gradient}) {
      if (gx == nullptr) continue;
      if (op == Operator::Add)
        host::float_accumulate(gy, gx, size);
      else
        host::float_clamp_gradient(y, gy, gx, size, std::numeric_limits<float>::infinity());
    }
    return;
  }
  const float sign = op == Operator::Sub ? -1.0f : 1.0f;
  detail::add_gradients(call, [&](std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t k) {
    const float g = op == Operator::AddReLU && !(y[k] > 0) ? 0.0f : gy[k];
    return std::pair(g, sign * g);
  });
}

inline void mul_forward(const Call& call) {
  detail::combine_elements(call, [](float p, float q) { return p * q; });
}

inline void mul_backward(const Call& call) {
  const float *a = call.x[0].values, *b = call.x[1].values, *gy = call.y.gradient;
  detail::add_gradients(call, [&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t k) {
    return std::pair(gy[k] * b[j], gy[k] * a[i]);
  });
}

/// maximum, minimum.
inline void compare_forward(const Call& call) {
  if (call.node->op == Operator::Maximum)
    detail::combine_elements(call, [](float p, float q) { return p < q ? q : p; });
  else
    detail::combine_elements(call, [](float p, float q) { return q < p ? q : p; });
}

/// Of equal operands each gets half, as in PyTorch.
inline void compare_backward(const Call& call) {
  const float *a = call.x[0].values, *b = call.x[1].values, *gy = call.y.gradient;
  const float sign = call.node->op == Operator::Maximum ? 1.0f : -1.0f;
  detail::add_gradients(call, [&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t k) {
    const float p = sign * a[i], q = sign * b[j], g = gy[k];
    return p > q ? std::pair(g, 0.0f) : q > p ? std::pair(0.0f, g) : std::pair(g / 2, g / 2);
  });
}

inline void scalar_forward(const Call& call) {
  const float scalar = call.settings().parameters[0];
  for (std::ptrdiff_t i = 0; i < call.size(); ++i)
    call.y.values[i] =
        call.node->op == Operator::AddScalar ? call.x[0].values[i] + scalar : call.x[0].values[i] * scalar;
}

inline void scalar_backward(const Call& call) {
  const float factor = call.node->op == Operator::AddScalar ? 1.0f : call.settings().parameters[0];
  for (std::ptrdiff_t i = 0; i < call.size(); ++i) call.x[0].gradient[i] += call.y.gradient[i] * factor;
}

namespace detail {

/// Calls product(a, b, y, row count, depth, column count) for the matrices of all samples and leading axes.
template <class Product>
void for_each_matrix(const Call& call, Product product) {
  const Shape &a = call.x[0].shape, &b = call.x[1].shape;
  const int m = a[a.rank - 2], k = a[a.rank - 1], n = b[b.rank - 1];
  const std::ptrdiff_t count = call.size() / (static_cast<std::ptrdiff_t>(m) * n);
  for (std::ptrdiff_t i = 0; i < count; ++i) product(i * m * k, i * k * n, i * m * n, m, k, n);
}

}  // namespace detail

inline void matmul_forward(const Call& call) {
  detail::for_each_matrix(call, [&](std::ptrdiff_t a, std::ptrdiff_t b, std::ptrdiff_t y, int m, int k, int n) {
    host::float_gemm({false, false, m, n, k, k, n, n, false}, call.x[0].values + a, call.x[1].values + b,
                     call.y.values + y);
  });
}

inline void matmul_backward(const Call& call) {
  detail::for_each_matrix(call, [&](std::ptrdiff_t a, std::ptrdiff_t b, std::ptrdiff_t y, int m, int k, int n) {
    if (call.x[0].gradient != nullptr)
      host::float_gemm({false, true, m, k, n, n, n, k, true}, call.y.gradient + y, call.x[1].values + b,
                       call.x[0].gradient + a);
    if (call.x[1].gradient != nullptr)
      host::float_gemm({true, false, k, n, m, k, n, n, true}, call.x[0].values + a, call.y.gradient + y,
                       call.x[1].gradient + b);
  });
}

namespace detail {

/// Calls visit(operand, its offset, offset in y, count) for each run of values of a cat.
template <class Visit>
void for_each_part(const Call& call, Visit visit) {
  const int channels = call.y.shape.channels();
  const std::ptrdiff_t rows = call.size() / channels;
  for (int i = 0, begin = 0; i < call.node->operand_count; ++i) {
    const int part = call.x[i].shape.channels();
    for (std::ptrdiff_t row = 0; row < rows; ++row) visit(call.x[i], row * part, row * channels + begin, part);
    begin += part;
  }
}

}  // namespace detail

inline void cat_forward(const Call& call) {
  detail::for_each_part(call, [&](const Operand& x, std::ptrdiff_t from, std::ptrdiff_t to, int count) {
    std::copy_n(x.values + from, count, call.y.values + to);
  });
}

inline void cat_backward(const Call& call) {
  detail::for_each_part(call, [&](const Operand& x, std::ptrdiff_t to, std::ptrdiff_t from, int count) {
    if (x.gradient == nullptr) return;
    for (int i = 0; i < count; ++i) x.gradient[to + i] += call.y.gradient[from + i];
  });
}

namespace detail {

/// Calls visit(offset in x, offset in y) for each value of a sum or mean.
template <class Visit>
void for_each_summand(const Call& call, Visit visit) {
  const Settings& s = call.settings();
  const Shape& x = call.x[0].shape;
  bool is_reduced[max_rank]{};
  for (int i = 0; i < s.axis_count; ++i) is_reduced[s.axes[i]] = true;
  kernels::Strides y_strides;
  for (int axis = x.rank - 1, stride = 1; axis >= 0; --axis)
    if (!is_reduced[axis]) {
      y_strides[axis] = stride;
      stride *= x[axis];
    }
  const auto x_strides = kernels::strides_of(x);
  const int last = x.rank - 1;
  for (int n = 0; n < call.samples; ++n)
    kernels::for_each_row(x, x_strides, y_strides, [&](int at_x, int at_y) {
      for (int i = 0; i < x[last]; ++i)
        visit(n * call.x[0].sample_size() + at_x + i, n * call.y.sample_size() + at_y + i * y_strides[last]);
    });
}

/// What each summand counts: 1, or for a mean 1 / n.
inline float summand_weight(const Call& call) {
  if (call.node->op == Operator::Sum) return 1;
  return static_cast<float>(call.y.sample_size()) / static_cast<float>(call.x[0].sample_size());
}

}  // namespace detail

inline void reduce_forward(const Call& call) {
  const float weight = detail::summand_weight(call);
  std::fill_n(call.y.values, call.size(), 0.0f);
  detail::for_each_summand(call, [&](std::ptrdiff_t x, std::ptrdiff_t y) { call.y.values[y] += call.x[0].values[x]; });
  for (std::ptrdiff_t i = 0; i < call.size(); ++i) call.y.values[i] *= weight;
}

inline void reduce_backward(const Call& call) {
  const float weight = detail::summand_weight(call);
  detail::for_each_summand(
      call, [&](std::ptrdiff_t x, std::ptrdiff_t y) { call.x[0].gradient[x] += call.y.gradient[y] * weight; });
}

}  // namespace quench::training
