// SPDX-License-Identifier: Apache-2.0
// The quotient of two tensors, a block of two modules. Freestanding.
#pragma once

#include <quench/network/activations.hpp>
#include <quench/network/float_functional.hpp>

namespace quench {

/// a / b, as two operations with a scale each: the reciprocal of b, and its product with a. So a setter can name each
/// of them, `div.reciprocal` and `div.mul`.
/// Shapes   as `FloatFunctional::mul`
/// Errors   as its modules: module-called-once, functional-called-once (compile time); input-outside-domain: b has
///          zeros (calibration)
struct Div {
  Reciprocal reciprocal;
  FloatFunctional mul;

  [[nodiscard]] constexpr Symbol operator()(Symbol a, Symbol b, CallLine line = CallLine::here()) const {
    return mul.mul(a, reciprocal(b, line), line);
  }
};

}  // namespace quench
