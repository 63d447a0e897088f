// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/functional.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <quench/host/float/elementwise.hpp>
#include <quench/host/float/gemm.hpp>
#include <quench/training/broadcast.hpp>

namespace quench::training {

namespace detail {

/// Adds to the gradient of an operand, if it needs one. That of a broadcast operand is summed in double.
class GradientSum {
 public:
  GradientSum(const Operand& x, const Call& call) : gradient_(x.gradient) {
    if (gradient_ != nullptr && !(x.shape == call.y.shape))
      sums_.resize(static_cast<std::size_t>(x.sample_size() * call.samples));
  }
  void add(std::size_t at, float value) {
    if (!sums_.empty())
      sums_[at] += static_cast<double>(value);
    else if (gradient_ != nullptr)
      gradient_[at] += value;
  }
  void finish() {
    for (std::size_t i = 0; i < sums_.size(); ++i) gradient_[i] += static_cast<float>(sums_[i]);
  }

 private:
  float* gradient_;
  std::vector<double> sums_;
};

template <class Visit>
void for_each_pair(const Call& call, Visit visit) {
  const auto extents = [&](const Shape& shape) { return tensors::batch_extents(shape, call.samples); };
  training::for_each_pair(extents(call.x[0].shape), extents(call.x[1].shape), extents(call.y.shape), visit);
}

/// y = combine(a, b), element by element.
template <class Combine>
void combine_elements(const Call& call, Combine combine) {
  const float *a = call.x[0].values, *b = call.x[1].values;
  float* y = call.y.values;
  for_each_pair(call, [&](std::size_t i, std::size_t j, std::size_t k) { y[k] = combine(a[i], b[j]); });
}

/// Adds to the gradients of both operands the pair gradients(index in a, index in b, index in y).
template <class Gradients>
void add_gradients(const Call& call, Gradients gradients) {
  GradientSum a(call.x[0], call), b(call.x[1], call);
  for_each_pair(call, [&](std::size_t i, std::size_t j, std::size_t k) {
    const auto [to_a, to_b] = gradients(i, j, k);
    a.add(i, to_a);
    b.add(j, to_b);
  });
  a.finish();
  b.finish();
}

}  // namespace detail

QUENCH_INLINE void add_forward(const Call& call) {
  const Operator op = call.node->op;
  const float lowest = op == Operator::AddReLU ? 0.0f : -std::numeric_limits<float>::infinity();
  if (op != Operator::Sub && call.x[0].shape == call.x[1].shape)
    return host::float_add(call.x[0].values, call.x[1].values, call.y.values, static_cast<std::size_t>(call.size()),
                           lowest);
  if (op == Operator::Sub) return detail::combine_elements(call, [](float p, float q) { return p - q; });
  detail::combine_elements(call, [lowest](float p, float q) { return p + q < lowest ? lowest : p + q; });
}

QUENCH_INLINE void add_backward(const Call& call) {
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
  detail::add_gradients(call, [&](std::size_t, std::size_t, std::size_t k) {
    const float g = op == Operator::AddReLU && !(y[k] > 0) ? 0.0f : gy[k];
    return std::pair(g, sign * g);
  });
}

QUENCH_INLINE void mul_forward(const Call& call) {
  detail::combine_elements(call, [](float p, float q) { return p * q; });
}

QUENCH_INLINE void mul_backward(const Call& call) {
  const float *a = call.x[0].values, *b = call.x[1].values, *gy = call.y.gradient;
  detail::add_gradients(
      call, [&](std::size_t i, std::size_t j, std::size_t k) { return std::pair(gy[k] * b[j], gy[k] * a[i]); });
}

QUENCH_INLINE void compare_forward(const Call& call) {
  if (call.node->op == Operator::Maximum)
    detail::combine_elements(call, [](float p, float q) { return p < q ? q : p; });
  else
    detail::combine_elements(call, [](float p, float q) { return q < p ? q : p; });
}

QUENCH_INLINE void compare_backward(const Call& call) {
  const float *a = call.x[0].values, *b = call.x[1].values, *gy = call.y.gradient;
  const float sign = call.node->op == Operator::Maximum ? 1.0f : -1.0f;
  detail::add_gradients(call, [&](std::size_t i, std::size_t j, std::size_t k) {
    const float p = sign * a[i], q = sign * b[j], g = gy[k];
    return p > q ? std::pair(g, 0.0f) : q > p ? std::pair(0.0f, g) : std::pair(g / 2, g / 2);
  });
}

QUENCH_INLINE void scalar_forward(const Call& call) {
  const float scalar = call.settings().parameters[0];
  for (std::ptrdiff_t i = 0; i < call.size(); ++i)
    call.y.values[i] =
        call.node->op == Operator::AddScalar ? call.x[0].values[i] + scalar : call.x[0].values[i] * scalar;
}

QUENCH_INLINE void scalar_backward(const Call& call) {
  const float factor = call.node->op == Operator::AddScalar ? 1.0f : call.settings().parameters[0];
  for (std::ptrdiff_t i = 0; i < call.size(); ++i) call.x[0].gradient[i] += call.y.gradient[i] * factor;
}

QUENCH_INLINE void MatrixProduct::forward(const float* a, const float* b, float* y) const {
  host::float_gemm({false, false, m, n, k, k, n, n, false}, a, b, y);
}

QUENCH_INLINE void MatrixProduct::backward(const float* a, const float* b, const float* gy, float* ga,
                                           float* gb) const {
  if (ga != nullptr) host::float_gemm({false, true, m, k, n, n, n, k, true}, gy, b, ga);
  if (gb != nullptr) host::float_gemm({true, false, k, n, m, k, n, n, true}, a, gy, gb);
}

namespace detail {

/// Calls visit(product, offset in a, in b, in y) for the matrices of all samples and leading axes.
template <class Visit>
void for_each_matrix(const Call& call, Visit visit) {
  const Shape &a = call.x[0].shape, &b = call.x[1].shape;
  const MatrixProduct product{a[a.rank - 2], a[a.rank - 1], b[b.rank - 1]};
  const auto [m, k, n] = product;
  const std::ptrdiff_t count = call.size() / (m * n);
  for (std::ptrdiff_t i = 0; i < count; ++i) visit(product, i * m * k, i * k * n, i * m * n);
}

}  // namespace detail

QUENCH_INLINE void matmul_forward(const Call& call) {
  detail::for_each_matrix(call,
                          [&](const MatrixProduct& product, std::ptrdiff_t a, std::ptrdiff_t b, std::ptrdiff_t y) {
                            product.forward(call.x[0].values + a, call.x[1].values + b, call.y.values + y);
                          });
}

QUENCH_INLINE void matmul_backward(const Call& call) {
  const auto from = [](float* gradient, std::ptrdiff_t offset) { return gradient ? gradient + offset : nullptr; };
  detail::for_each_matrix(call,
                          [&](const MatrixProduct& product, std::ptrdiff_t a, std::ptrdiff_t b, std::ptrdiff_t y) {
                            product.backward(call.x[0].values + a, call.x[1].values + b, call.y.gradient + y,
                                             from(call.x[0].gradient, a), from(call.x[1].gradient, b));
                          });
}

namespace detail {

template <class Visit>
void for_each_run(const Call& call, Visit visit) {
  const auto parts = static_cast<std::size_t>(call.node->operand_count);
  const auto run_of = [&](const Shape& x) { return static_cast<std::size_t>(cat_run(*call.node, x)); };
  training::for_each_run(
      static_cast<std::size_t>(call.size()) / run_of(call.y.shape), parts,
      [&](std::size_t part) { return run_of(call.x[part].shape); }, visit);
}

}  // namespace detail

QUENCH_INLINE void cat_forward(const Call& call) {
  detail::for_each_run(call, [&](std::size_t part, std::size_t from, std::size_t to, std::size_t count) {
    std::copy_n(call.x[part].values + from, count, call.y.values + to);
  });
}

QUENCH_INLINE void cat_backward(const Call& call) {
  detail::for_each_run(call, [&](std::size_t part, std::size_t to, std::size_t from, std::size_t count) {
    float* gradient = call.x[part].gradient;
    if (gradient == nullptr) return;
    for (std::size_t i = 0; i < count; ++i) gradient[to + i] += call.y.gradient[from + i];
  });
}

namespace detail {

/// Calls visit(offset in x, offset in y) for each value of a sum or mean.
template <class Visit>
void for_each_summand(const Call& call, Visit visit) {
  const Extents x = tensors::batch_extents(call.x[0].shape, call.samples);
  Extents y = x;
  for (int i = 0; i < call.settings().axis_count; ++i)
    y.extents[static_cast<std::size_t>(call.settings().axes[i]) + 1] = 1;
  training::for_each_pair(x, y, x, [&](std::size_t i, std::size_t j, std::size_t) { visit(i, j); });
}

template <class Real>
Real summand_weight(const Call& call) {
  return training::summand_weight<Real>(call.node->op, static_cast<std::size_t>(call.y.sample_size()),
                                        static_cast<std::size_t>(call.x[0].sample_size()));
}

}  // namespace detail

QUENCH_INLINE void reduce_forward(const Call& call) {
  const double weight = detail::summand_weight<double>(call);
  std::vector<double> sums(static_cast<std::size_t>(call.size()));
  detail::for_each_summand(call,
                           [&](std::size_t x, std::size_t y) { sums[y] += static_cast<double>(call.x[0].values[x]); });
  std::transform(sums.begin(), sums.end(), call.y.values, [&](double sum) { return static_cast<float>(sum * weight); });
}

QUENCH_INLINE void reduce_backward(const Call& call) {
  const float weight = detail::summand_weight<float>(call);
  detail::for_each_summand(call,
                           [&](std::size_t x, std::size_t y) { call.x[0].gradient[x] += call.y.gradient[y] * weight; });
}

}  // namespace quench::training
