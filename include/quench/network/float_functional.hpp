// SPDX-License-Identifier: Apache-2.0
// Operations between tensors. Each FloatFunctional has the quantization parameters of one operation, so it is called
// once. Freestanding.
#pragma once

#include <type_traits>

#include <quench/network/symbol.hpp>

namespace quench {

/// One operation with its own output scale. Declare one for each call in `forward`.
/// Shapes   element by element: equal ranks; along each axis equal extents, or 1, which is repeated
/// Errors   functional-called-once, missing-quant-stub, shape-mismatch, setting-out-of-range (compile time)
struct FloatFunctional {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::FloatFunctional;

  [[nodiscard]] constexpr Symbol add(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::Add, line, a, b);
  }
  [[nodiscard]] constexpr Symbol sub(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::Sub, line, a, b);
  }
  [[nodiscard]] constexpr Symbol mul(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::Mul, line, a, b);
  }
  /// max(a + b, 0) as one operation
  [[nodiscard]] constexpr Symbol add_relu(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::AddReLU, line, a, b);
  }
  [[nodiscard]] constexpr Symbol maximum(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::Maximum, line, a, b);
  }
  [[nodiscard]] constexpr Symbol minimum(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::Minimum, line, a, b);
  }

  /// [..., M, K] x [..., K, N] -> [..., M, N]; leading extents are equal
  [[nodiscard]] constexpr Symbol matmul(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::MatMul, line, a, b);
  }

  /// Joins two or more tensors along the last axis (channels); all other extents are equal
  /// Errors   cat-takes-no-axis: `more` are tensors, all of them (compile time)
  template <class... Symbols>
  [[nodiscard]] constexpr Symbol cat(detail::SymbolAtLine first, Symbol second, const Symbols&... more) const {
    Symbol tensors[sizeof...(more) + 2] = {first.symbol, second};
    int count = 2;
    Settings settings;
    [[maybe_unused]] const auto add = [&](const auto& each) {
      if constexpr (std::is_convertible_v<decltype(each), Symbol>)
        tensors[count++] = each;
      else
        ++settings.axis_count;
    };
    (add(more), ...);
    return Symbol::call(Operator::Cat, module_index, first.line, settings, tensors, count);
  }

  [[nodiscard]] constexpr Symbol add_scalar(Symbol x, float scalar,
                                            CallLine line = CallLine::here()) const {  // evaluated by the compiler
    return call_scalar(Operator::AddScalar, x, scalar, line);
  }
  [[nodiscard]] constexpr Symbol mul_scalar(Symbol x, float scalar,
                                            CallLine line = CallLine::here()) const {  // evaluated by the compiler
    return call_scalar(Operator::MulScalar, x, scalar, line);
  }

  /// Sum over one axis or several: sum(x, 0), sum(x, {0, 1}). Axes do not count the batch; -1 is the last.
  [[nodiscard]] constexpr Symbol sum(Symbol x, Axes axes, bool keepdim = false,
                                     CallLine line = CallLine::here()) const {
    return call_reduction(Operator::Sum, x, axes, keepdim, line);
  }
  /// Mean over one axis or several, as `sum`.
  [[nodiscard]] constexpr Symbol mean(Symbol x, Axes axes, bool keepdim = false,
                                      CallLine line = CallLine::here()) const {
    return call_reduction(Operator::Mean, x, axes, keepdim, line);
  }

 private:
  constexpr Symbol call(Operator kind, int line, Symbol a, Symbol b) const {
    return Symbol::call(kind, module_index, line, {}, {a, b});
  }

  constexpr Symbol call_scalar(Operator kind, Symbol x, float scalar, int line) const {  // evaluated by the compiler
    Settings settings;
    settings.parameters[0] = scalar;
    return x.call(kind, module_index, line, settings);
  }

  constexpr Symbol call_reduction(Operator kind, Symbol x, const Axes& axes, bool keepdim, int line) const {
    Settings settings = detail::axes_settings(axes);
    settings.keepdim = keepdim;
    return x.call(kind, module_index, line, settings);
  }
};

}  // namespace quench
