// SPDX-License-Identifier: Apache-2.0
// `eager::FloatFunctional`: one operation between tensors in hand-written training code.
//
//   quench::eager::FloatFunctional<"add0", quench::march::NashE, quench::qconfig::Int8> add0;
//   auto out = add0.add(x, y);                       // forward with fake-quantization
//   auto [grad_x, grad_y] = add0.backward(grad_out); // straight-through, then the gradient of the operation
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <string>
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

/// One operation with its own output scale: call it once in a forward pass. Arrays include the batch. Operands
/// broadcast as in NumPy; std::vector operands have one axis.
/// Errors   functional-called-once, march-mixed, missing-quant-stub (compile time); those of the fake-quantizer,
///          functional-called-once, shape-mismatch, backward-before-forward, with the handle's name (run time)
template <Text Name, march::March TheMarch, QuantizationConfig Q>
class FloatFunctional : public Handle<Name, typename Q::Calibration::Activation, typename Q::Qat::Activation> {
  using Base = Handle<Name, typename Q::Calibration::Activation, typename Q::Qat::Activation>;
  using Array = detail::Array;

  template <class Operand>
  using ArrayOf = typename detail::OperandOf<Name, TheMarch, Operand>::Array;
  template <class A, class B>
  using Common = typename detail::CommonContainer<ArrayOf<A>, ArrayOf<B>>::type;
  template <Text Operation, class... Operands>
  using Check = CheckedOperation<Name, TheMarch, Operation, Operands...>;

 public:
  using March = TheMarch;

  template <class A, class B>
  auto add(const A& a, const B& b) {
    tensors::report<Check<"add", A, B>>();
    return call<Common<A, B>, "add">(detail::Elementwise{Operator::Add, training::add_forward, training::add_backward},
                                     a, b);
  }
  template <class A, class B>
  auto sub(const A& a, const B& b) {
    tensors::report<Check<"sub", A, B>>();
    return call<Common<A, B>, "sub">(detail::Elementwise{Operator::Sub, training::add_forward, training::add_backward},
                                     a, b);
  }
  template <class A, class B>
  auto mul(const A& a, const B& b) {
    tensors::report<Check<"mul", A, B>>();
    return call<Common<A, B>, "mul">(detail::Elementwise{Operator::Mul, training::mul_forward, training::mul_backward},
                                     a, b);
  }
  /// max(a + b, 0) as one operation
  template <class A, class B>
  auto add_relu(const A& a, const B& b) {
    tensors::report<Check<"add_relu", A, B>>();
    return call<Common<A, B>, "add_relu">(
        detail::Elementwise{Operator::AddReLU, training::add_forward, training::add_backward}, a, b);
  }
  /// The larger of a and b. Equal ones share the gradient.
  template <class A, class B>
  auto maximum(const A& a, const B& b) {
    tensors::report<Check<"maximum", A, B>>();
    return call<Common<A, B>, "maximum">(
        detail::Elementwise{Operator::Maximum, training::compare_forward, training::compare_backward}, a, b);
  }
  /// The smaller of a and b. Equal ones share the gradient.
  template <class A, class B>
  auto minimum(const A& a, const B& b) {
    tensors::report<Check<"minimum", A, B>>();
    return call<Common<A, B>, "minimum">(
        detail::Elementwise{Operator::Minimum, training::compare_forward, training::compare_backward}, a, b);
  }
  /// [..., M, K] x [..., K, N] -> [..., M, N]
  template <class A, class B>
  auto matmul(const A& a, const B& b) {
    tensors::report<Check<"matmul", A, B>>();
    return call<Common<A, B>, "matmul">(detail::MatMul{}, a, b);
  }

  /// Joins two or more tensors along an axis, by default the last one: `cat(a, b)`, `cat<1>(a, b, c)`.
  template <int Axis = -1, class First, class... More>
  auto cat(const First& first, const More&... more) {
    static_assert(sizeof...(More) >= 1, "cat joins two or more tensors");
    tensors::report<Check<"cat", First, More...>>();
    return call<ResultFor<ArrayOf<First>>, "cat">(detail::Cat{Axis}, first, more...);
  }

  template <class X>
  auto add_scalar(const X& x, float scalar) {
    tensors::report<Check<"add_scalar", X>>();
    return call<ResultFor<ArrayOf<X>>, "add_scalar">(
        detail::Elementwise{Operator::AddScalar, training::scalar_forward, training::scalar_backward, scalar}, x);
  }
  template <class X>
  auto mul_scalar(const X& x, float scalar) {
    tensors::report<Check<"mul_scalar", X>>();
    return call<ResultFor<ArrayOf<X>>, "mul_scalar">(
        detail::Elementwise{Operator::MulScalar, training::scalar_forward, training::scalar_backward, scalar}, x);
  }

  /// Sum over axes, which count the batch; -1 is the last.
  template <class X>
  auto sum(const X& x, const std::vector<int>& axes, bool keepdim = false) {
    tensors::report<Check<"sum", X>>();
    return call<detail::AnyRank<ArrayOf<X>>, "sum">(detail::Reduce{Operator::Sum, axes, keepdim}, x);
  }
  /// Mean over axes, as `sum`.
  template <class X>
  auto mean(const X& x, const std::vector<int>& axes, bool keepdim = false) {
    tensors::report<Check<"mean", X>>();
    return call<detail::AnyRank<ArrayOf<X>>, "mean">(detail::Reduce{Operator::Mean, axes, keepdim}, x);
  }

  /// The gradients of the `Count` operands of the last call, in order, from that of its result.
  /// Containers: std::vector for a vector, xt::xarray for an xtensor expression.
  template <std::size_t Count = 2, FloatTensor G>
  std::array<detail::AnyRank<G>, Count> backward(const G& grad_y) {
    detail::Array& y = this->last_result();
    if (operand_count_ != Count)
      throw Error(
          diagnosis::shape_mismatch,
          "needed backward<" + std::to_string(operand_count_) + ">, given backward<" + std::to_string(Count) + ">",
          this->name());
    const Array gradient = this->gradient_of_result(grad_y);
    const detail::Arrays gradients = backward_(y, gradient);
    std::array<detail::AnyRank<G>, Count> result;
    for (std::size_t i = 0; i < Count; ++i)
      result[i] = detail::to_container<detail::AnyRank<G>>({gradients[i].values, gradients[i].extents});
    return result;
  }

  /// As at construction.
  void reset() {
    Base::reset();
    backward_ = nullptr;
    operand_count_ = 0;
  }

 private:
  // Each operation checks its rules before: in here compilers would print the types of the operands twice.
  template <class Container, Text Operation, class Function, class... Operands>
  auto call(Function operation, const Operands&... operands) {
    using Result = ResultTensor<Container, Name, TheMarch, Operation, Operands...>;
    detail::Arrays x;
    (x.emplace_back(FloatInput(detail::array_of(operands))), ...);
    Result y(this->template quantized<typename Result::ArrayType>(
        in_module(this->name(), [&] { return operation.forward(x); }), Operation, operands...));
    backward_ = [operation = std::move(operation), x = std::move(x)](Array& result, const Array& gradient) {
      return operation.backward(x, result, gradient);
    };
    operand_count_ = sizeof...(Operands);
    return y;
  }

  std::function<detail::Arrays(Array& result, const Array& gradient)> backward_;
  std::size_t operand_count_ = 0;
};

}  // namespace quench::eager
