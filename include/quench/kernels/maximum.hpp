// SPDX-License-Identifier: Apache-2.0
// The larger, or the smaller, of two tensors, element by element.
//
// Codes at one scale compare like their real values, and nothing is rescaled. At two scales both operands are first
// converted to the output's scale. Freestanding.
#pragma once

#include <quench/kernels/elementwise.hpp>
#include <quench/kernels/requantize.hpp>

namespace quench::kernels {

/// How the operands are converted to the output's scale: `same_scale` if they already have it.
struct Comparison {
  Requantization a = same_scale;
  Requantization b = same_scale;
};

/// max(a, b) at the scale of y.
/// Shapes   a, b of one rank; along each axis equal extents, or 1, which is repeated -> y the larger extents
/// Units    a, b: int8 or int16; y: int8 or int16
/// Rounding as `requantize`; with `same_scale` none
/// Errors   none; y may be an operand of its type and shape
/// Equals   max of both operands requantized
/// Source   nash.md section 4
template <class A, class B, class Y>
constexpr void maximum(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y,
                       const Comparison& comparison = {}) {
  combine(a, a_shape, b, b_shape, y, [comparison](A p, B q) {
    const std::int32_t at_a = detail::rescale<bits_of<Y>>(p, comparison.a);
    const std::int32_t at_b = detail::rescale<bits_of<Y>>(q, comparison.b);
    return at_a > at_b ? at_a : at_b;
  });
}

/// min(a, b) at the scale of y. Everything else as `maximum`.
template <class A, class B, class Y>
constexpr void minimum(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y,
                       const Comparison& comparison = {}) {
  combine(a, a_shape, b, b_shape, y, [comparison](A p, B q) {
    const std::int32_t at_a = detail::rescale<bits_of<Y>>(p, comparison.a);
    const std::int32_t at_b = detail::rescale<bits_of<Y>>(q, comparison.b);
    return at_a < at_b ? at_a : at_b;
  });
}

}  // namespace quench::kernels
