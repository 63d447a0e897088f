// SPDX-License-Identifier: Apache-2.0
// `eager::FloatFunctional`: one operation between tensors in hand-written training code.
//
//   quench::eager::FloatFunctional<"add0", quench::march::NashE, quench::qconfig::Int8> add0;
//   auto out = add0.add(x, y);                       // forward with fake-quantization
//   auto [grad_x, grad_y] = add0.backward(grad_out); // straight-through, then the gradient of the operation
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include <quench/eager/handle.hpp>

namespace quench::eager {

namespace detail {

// The container of an operation's result: that of its operands if they are vectors; xt::xtensor of the larger rank if
// both ranks are known; xt::xarray otherwise.
template <class A, class B>
struct CommonContainer {
  using type = xt::xarray<float>;
};
template <class A, class B>
  requires(!XtensorExpression<A> && !XtensorExpression<B>)
struct CommonContainer<A, B> {
  using type = std::vector<float>;
};
template <XtensorExpression A, XtensorExpression B>
  requires(tensors::rank_of<A>() != SIZE_MAX && tensors::rank_of<B>() != SIZE_MAX)
struct CommonContainer<A, B> {
  using type = xt::xtensor<float, std::max(tensors::rank_of<A>(), tensors::rank_of<B>())>;
};

}  // namespace detail

/// One operation with an output scale of its own: call it once in a forward pass.
/// Arrays include the batch. Operands broadcast as in NumPy; std::vector operands have one axis.
/// Errors   functional-called-once, march-mixed, missing-quant-stub (compile time); those of the fake-quantizer,
///          shape-mismatch, backward-before-forward, with the handle's name (run time)
template <Text Name, march::March TheMarch, QuantizationConfig Q>
class FloatFunctional : public Handle<Name, typename Q::Calibration::Activation, typename Q::Qat::Activation> {
  using Array = detail::Array;

  template <class Operand>
  using ArrayOf = typename detail::OperandOf<Name, TheMarch, Operand>::Array;
  template <class A, class B>
  using Common = typename detail::CommonContainer<ArrayOf<A>, ArrayOf<B>>::type;

 public:
  using March = TheMarch;

  /// a + b
  template <class A, class B>
  auto add(const A& a, const B& b) {
    return elementwise<"add">(
        a, b, [](float x, float y) { return x + y; }, [](float, float) { return std::pair(1.0f, 1.0f); });
  }
  /// a - b
  template <class A, class B>
  auto sub(const A& a, const B& b) {
    return elementwise<"sub">(
        a, b, [](float x, float y) { return x - y; }, [](float, float) { return std::pair(1.0f, -1.0f); });
  }
  /// a * b
  template <class A, class B>
  auto mul(const A& a, const B& b) {
    return elementwise<"mul">(
        a, b, [](float x, float y) { return x * y; }, [](float x, float y) { return std::pair(y, x); });
  }
  /// max(a + b, 0) as one operation
  template <class A, class B>
  auto add_relu(const A& a, const B& b) {
    return elementwise<"add_relu">(
        a, b, [](float x, float y) { return std::max(x + y, 0.0f); },
        [](float x, float y) { return x + y > 0 ? std::pair(1.0f, 1.0f) : std::pair(0.0f, 0.0f); });
  }
  /// The larger of a and b. Equal ones share the gradient.
  template <class A, class B>
  auto maximum(const A& a, const B& b) {
    return elementwise<"maximum">(
        a, b, [](float x, float y) { return std::max(x, y); },
        [](float x, float y) {
          const float share = x > y ? 1.0f : x == y ? 0.5f : 0.0f;
          return std::pair(share, 1 - share);
        });
  }
  /// The smaller of a and b. Equal ones share the gradient.
  template <class A, class B>
  auto minimum(const A& a, const B& b) {
    return elementwise<"minimum">(
        a, b, [](float x, float y) { return std::min(x, y); },
        [](float x, float y) {
          const float share = x < y ? 1.0f : x == y ? 0.5f : 0.0f;
          return std::pair(share, 1 - share);
        });
  }
  /// [..., M, K] x [..., K, N] -> [..., M, N]
  template <class A, class B>
  auto matmul(const A& a, const B& b) {
    Array left(FloatInput(detail::array_of(a))), right(FloatInput(detail::array_of(b)));
    Array product = in_module(this->name(), [&] { return detail::matmul(left, right); });
    return finish<ResultTensor<Common<A, B>, Name, TheMarch, "matmul", A, B>>(
        std::move(product), 2, [left = std::move(left), right = std::move(right)](const Array& gradient) {
          auto gradients = detail::matmul_backward(left, right, gradient);
          return std::vector<Array>{std::move(gradients[0]), std::move(gradients[1])};
        });
  }

  /// Joins two or more tensors along an axis, the last one if not told: `cat(a, b)`, `cat<1>(a, b, c)`.
  template <int Axis = -1, class First, class... More>
  auto cat(const First& first, const More&... more) {
    static_assert(sizeof...(More) >= 1, "cat joins two or more tensors");
    std::vector<Array> parts{Array(FloatInput(detail::array_of(first))), Array(FloatInput(detail::array_of(more)))...};
    Array joined = in_module(this->name(), [&] { return detail::cat(parts, Axis); });
    const std::size_t axis = detail::front_axis(joined.extents, Axis);
    return finish<ResultTensor<ResultFor<ArrayOf<First>>, Name, TheMarch, "cat", First, More...>>(
        std::move(joined), 1 + sizeof...(More), [parts = std::move(parts), axis](const Array& gradient) mutable {
          detail::cat_backward(gradient, axis, parts);
          return parts;
        });
  }

  /// x + scalar
  template <class X>
  auto add_scalar(const X& x, float scalar) {
    return map<"add_scalar">(
        x, [scalar](float value) { return value + scalar; }, 1);
  }
  /// x * scalar
  template <class X>
  auto mul_scalar(const X& x, float scalar) {
    return map<"mul_scalar">(
        x, [scalar](float value) { return value * scalar; }, scalar);
  }

  /// Sum over axes, the batch counted among them; -1 is the last.
  template <class X>
  auto sum(const X& x, const std::vector<int>& axes, bool keepdim = false) {
    return reduce<"sum">(x, axes, keepdim, false);
  }
  /// Mean over axes, as `sum`.
  template <class X>
  auto mean(const X& x, const std::vector<int>& axes, bool keepdim = false) {
    return reduce<"mean">(x, axes, keepdim, true);
  }

  /// The gradients of the operands of the last call, in their order, from that of its result: `Count` of them.
  /// Containers: std::vector for a vector, xt::xarray for an xtensor expression.
  template <std::size_t Count = 2, FloatTensor G>
  std::array<detail::AnyRank<G>, Count> backward(const G& grad_y) {
    if (gradient_of_operation_ && operand_count_ != Count)
      throw Error(
          diagnosis::shape_mismatch,
          "needed backward<" + std::to_string(operand_count_) + ">, given backward<" + std::to_string(Count) + ">",
          this->name());
    const Array gradient = this->gradient_of_result(grad_y);
    const std::vector<Array> gradients = gradient_of_operation_(gradient);
    std::array<detail::AnyRank<G>, Count> result;
    for (std::size_t i = 0; i < Count; ++i) result[i] = detail::to_container<detail::AnyRank<G>>(gradients[i]);
    return result;
  }

 private:
  using Gradient = std::function<std::vector<Array>(const Array&)>;

  template <class Result>
  Result finish(Array value, std::size_t operand_count, Gradient gradient) {
    Array y = this->quantized(std::move(value));
    gradient_of_operation_ = std::move(gradient);
    operand_count_ = operand_count;
    return Result(detail::to_container<typename Result::ArrayType>(y));
  }

  template <Text Operation, class A, class B, class F, class Derivatives>
  auto elementwise(const A& a, const B& b, F f, Derivatives derivatives) {
    Array left(FloatInput(detail::array_of(a))), right(FloatInput(detail::array_of(b)));
    Array value = in_module(this->name(), [&] { return detail::elementwise(left, right, f); });
    return finish<ResultTensor<Common<A, B>, Name, TheMarch, Operation, A, B>>(
        std::move(value), 2, [left = std::move(left), right = std::move(right), derivatives](const Array& gradient) {
          const auto gradient_by = [&](auto derivative, const Extents& extents) {
            Array factors = detail::elementwise(left, right, derivative);
            return detail::unbroadcast(detail::elementwise(factors, gradient, std::multiplies<float>()), extents);
          };
          return std::vector<Array>{
              gradient_by([&](float x, float y) { return derivatives(x, y).first; }, left.extents),
              gradient_by([&](float x, float y) { return derivatives(x, y).second; }, right.extents)};
        });
  }

  template <Text Operation, class X, class F>
  auto map(const X& x, F f, float derivative) {
    Array value(FloatInput(detail::array_of(x)));
    for (float& element : value.values) element = f(element);
    return finish<ResultTensor<ResultFor<ArrayOf<X>>, Name, TheMarch, Operation, X>>(
        std::move(value), 1, [derivative](const Array& gradient) {
          Array result = gradient;
          for (float& element : result.values) element *= derivative;
          return std::vector<Array>{std::move(result)};
        });
  }

  template <Text Operation, class X>
  auto reduce(const X& x, const std::vector<int>& axes, bool keepdim, bool is_mean) {
    using Result = ResultTensor<detail::AnyRank<ArrayOf<X>>, Name, TheMarch, Operation, X>;
    const Array operand(FloatInput(detail::array_of(x)));
    const Extents kept = in_module(this->name(), [&] {
      tensors::check_not_empty(operand.values);
      return detail::kept_extents(operand.extents, axes);
    });
    const float count = is_mean ? static_cast<float>(operand.extents.elements() / kept.elements()) : 1.0f;
    Array value = detail::unbroadcast(operand, kept);
    for (float& element : value.values) element /= count;
    if (!keepdim) value.extents = detail::reduced_extents(operand.extents, axes);
    return finish<Result>(std::move(value), 1, [kept, count, extents = operand.extents](const Array& gradient) {
      Array repeated(extents);
      const auto from = detail::repeated_indices(kept, extents);
      for (std::size_t i = 0; i < from.size(); ++i) repeated.values[i] = gradient.values[from[i]] / count;
      return std::vector<Array>{std::move(repeated)};
    });
  }

  Gradient gradient_of_operation_;
  std::size_t operand_count_ = 0;
};

}  // namespace quench::eager
