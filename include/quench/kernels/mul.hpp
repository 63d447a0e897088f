// SPDX-License-Identifier: Apache-2.0
// Product of two tensors, element by element.
//
// The product of two codes is an int32 at the product of their scales. One requantization converts it to the output's
// scale. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/elementwise.hpp>

namespace quench::kernels {

/// a * b.
/// Shapes   a, b of one rank; along each axis equal extents, or 1, which is repeated -> y the larger extents
/// Units    a, b: int8 or int16 at s_a, s_b; the product: int32 at s_a * s_b; y: int8 or int16
/// Rounding as `requantize`
/// Errors   none: |a * b| <= 2^30; y may be an operand of its type and shape
/// Equals   saturate(round(a * b * s_a * s_b / s_y)) within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <class A, class B, class Y>
constexpr void mul(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y,
                   const Requantization& requantization) {
  static_assert(is_code<A> && is_code<B> && is_code<Y>);
  combine(a, a_shape, b, b_shape, y,
          [requantization](A p, B q) { return requantize<bits_of<Y>>(std::int32_t{p} * q, requantization); });
}

}  // namespace quench::kernels
