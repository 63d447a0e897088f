// SPDX-License-Identifier: Apache-2.0
// Operations between tensors. Each FloatFunctional has the quantization parameters of one operation, so it is called
// once. Freestanding.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <quench/network/activations.hpp>
#include <quench/network/moving.hpp>

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

  /// The larger of x and a number.
  [[nodiscard]] constexpr Symbol maximum(Symbol x, float scalar,
                                         CallLine line = CallLine::here()) const {  // evaluated by the compiler
    return Clamp{scalar, most, module_index}(x, line);
  }
  [[nodiscard]] constexpr Symbol maximum(float scalar, Symbol x,
                                         CallLine line = CallLine::here()) const {  // evaluated by the compiler
    return maximum(x, scalar, line);
  }
  /// The smaller of x and a number.
  [[nodiscard]] constexpr Symbol minimum(Symbol x, float scalar,
                                         CallLine line = CallLine::here()) const {  // evaluated by the compiler
    return Clamp{-most, scalar, module_index}(x, line);
  }
  [[nodiscard]] constexpr Symbol minimum(float scalar, Symbol x,
                                         CallLine line = CallLine::here()) const {  // evaluated by the compiler
    return minimum(x, scalar, line);
  }

  /// [..., M, K] x [..., K, N] -> [..., M, N]; leading extents are equal
  [[nodiscard]] constexpr Symbol matmul(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return call(Operator::MatMul, line, a, b);
  }

  /// Joins two or more tensors along an axis, by default the last one (channels): cat(a, b), cat<0>(a, b, c). All other
  /// extents are equal.
  /// Errors   cat-takes-no-axis: `more` are tensors, all of them (compile time)
  template <int Axis = -1, class... Symbols>
  [[nodiscard]] constexpr Symbol cat(detail::SymbolAtLine first, Symbol second, const Symbols&... more) const {
    Symbol tensors[sizeof...(more) + 2] = {first.symbol, second};
    int count = 2;
    Settings settings = detail::axes_settings(Axis);
    [[maybe_unused]] const auto add = [&](const auto& each) {
      if constexpr (std::is_convertible_v<decltype(each), Symbol>)
        tensors[count++] = each;
      else
        ++settings.begin[0];
    };
    (add(more), ...);
    return Symbol::call(Operator::Cat, module_index, first.line, settings, tensors, count);
  }

  /// Joins two or more tensors of one shape along a new axis: stack<0>(a, b) of [4, 3] gives [2, 4, 3].
  /// Errors   setting-out-of-range, shape-mismatch (compile time)
  template <int Axis>
  [[nodiscard]] constexpr Symbol stack(detail::SymbolAtLine first, Symbol second,
                                       const std::same_as<Symbol> auto&... more) const {
    const detail::MovingCall call{"stack", first.line};
    const Symbol tensors[] = {detail::unsqueeze(first.symbol, Axis, call), detail::unsqueeze(second, Axis, call),
                              detail::unsqueeze(more, Axis, call)...};
    return Symbol::call(Operator::Cat, module_index, first.line, detail::axes_settings(Axis), tensors,
                        2 + static_cast<int>(sizeof...(more)));
  }

  /// The elements of one axis at these places, in this order: gather(x, {2, 0, 0}, 1). Negative places count from the
  /// end. ONNX's Gather; PyTorch's index_select.
  /// Errors   setting-out-of-range (compile time)
  template <std::size_t Count>
  [[nodiscard]] constexpr Symbol gather(Symbol x, const int (&places)[Count], int axis,
                                        CallLine line = CallLine::here()) const {
    const detail::MovingCall call{"gather", line};
    const Shape shape = x.traced_shape();
    const int at = detail::from_begin(axis, shape.rank);
    const int extent = at >= 0 && at < shape.rank ? shape[at] : 0;
    Symbol runs[Count];  // of neighbours; their number does not depend on the shape, which is unknown at first
    int count = 0;
    for (std::size_t i = 0, next = 0; i < Count; i = next) {
      for (next = i + 1; next < Count && places[next] == places[next - 1] + 1LL && places[next] != 0; ++next) continue;
      const int begin = detail::from_begin(places[i], extent);
      const int end = saturating_sum(begin, static_cast<int>(next - i));
      Settings settings = detail::axes_settings(axis);
      settings.begin[0] = begin;
      settings.end[0] = end;
      Symbol& run = runs[count++];
      if (extent == 0)
        run = call.refuse(Operator::Slice, x, "axis", axis);
      else if (begin < 0 || end > extent)
        run = call.refuse(Operator::Slice, x, "place", places[begin < 0 ? i : next - 1]);
      else
        run = call.call(Operator::Slice, x, settings);
    }
    return Symbol::call(Operator::Cat, module_index, line, detail::axes_settings(axis), runs, count);
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
  static constexpr float most = std::numeric_limits<float>::max();  // evaluated by the compiler

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
