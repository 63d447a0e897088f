// SPDX-License-Identifier: Apache-2.0
// The integer constants of operators that join scales: sums, comparisons, sums with a constant. Derived in double from
// float scales, as nash.md section 4 defines them; kernels/ apply them. scale.hpp has the requantization record itself.
#pragma once

#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/kernels/add.hpp>
#include <quench/kernels/scalar.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

/// The scale and the dtype of a tensor.
struct ScaledType {
  double scale = 1;
  DType dtype = DType::Int8;
};

/// The constants of a + b and a - b.
/// Rounding the multiplier half up
/// Errors   scales-too-far-apart
/// Source   nash.md section 4
kernels::Addition addition(ScaledType a, ScaledType b, ScaledType y);

/// The constants of x + constant. k is the largest value, at most 23 (int8) or 15 (int16), with |constant| <= 2^30.
/// Rounding the constant half up
/// Errors   scales-too-far-apart, also if the constant exceeds 2^30 steps of x
kernels::ScalarAddition scalar_addition(ScaledType x, double constant, ScaledType y);

/// The record that converts codes to another scale, or keeps them if the scales are equal.
/// Errors   scales-too-far-apart
Requantization rescaling(ScaledType x, ScaledType y);

/// The records of a PReLU: one for codes from 0 on, then one for negative codes of each slope. A slope that makes 0 of
/// each code has the multiplier 0; one that saturates each has the largest record.
/// Errors   scales-too-far-apart, because of the scales of x and y only
/// Source   nash.md section 4
std::vector<Requantization> slope_records(ScaledType x, std::span<const float> slopes, ScaledType y);

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/records_impl.hpp>
#endif
