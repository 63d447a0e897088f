// SPDX-License-Identifier: Apache-2.0
// Scales: from a range of real values to a scale, from a real value to its code, from two scales to a requantization
// record. Only here does a real number become an integer. Loops over tensors (host/) repeat `to_code`, and tests
// compare them with it. Everything is symmetric: zero point 0. Source: nash.md sections 1 and 3.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <quench/bits/multiplier.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/types/dtype.hpp>

namespace quench {

/// The least scale, 2^-23: float's epsilon, as in torch.ao.
inline constexpr float smallest_scale = 1.1920929e-7f;

/// The least and the largest value of a tensor.
struct Range {
  float min = 0, max = 0;

  /// The larger magnitude of the two; 0 counts as inside every range.
  float magnitude() const { return std::max({-min, max, 0.0f}); }
  friend bool operator==(const Range&, const Range&) = default;
};

namespace tensors {

/// Nine significant digits, which distinguish any two floats: "0.0078125". In every locale.
std::string text(double value);

/// "12.34"; "inf", "-inf". In every locale.
std::string fixed(double value, int decimals);

/// a * b rounded to float. Compilers may fuse a product with a later addition, but not through memory.
float rounded_product(float a, float b);

}  // namespace tensors

/// A valid scale: finite, at least `smallest_scale`.
/// Errors   scale-out-of-range
float checked_scale(float scale);

/// The scale of int32 accumulators: a product of scales, so it may be far below `smallest_scale`.
/// Errors   scale-out-of-range unless the float is normal: positive, finite, of full precision
float checked_accumulator_scale(double scale);

/// The scale at which the codes of a dtype cover a magnitude, unchecked.
/// Equals   magnitude / ((qmax - qmin) / 2) in float: int8 divides by 127.5
/// Source   nash.md section 1
float raw_scale(float magnitude, DType dtype);

/// The magnitude of a scale, at most the largest float.
/// Equals   the inverse of raw_scale: raw_scale of the result is the scale again, if a range gave it
float magnitude_of(float scale, DType dtype);

/// The scale at which the codes of a dtype (Int4, Int8, Int16) cover values up to a magnitude. Int16 has a scale for each
/// magnitude that has one in int8: `smallest_scale` at least, which is no coarser than that of int8.
/// Equals   raw_scale(magnitude, dtype), for Int16 at least `smallest_scale`
/// Errors   only-zeros-observed; scale-underflow if it is below `smallest_scale`, for Int16 if that of Int8 is;
///          scale-out-of-range if not finite
/// Source   nash.md section 1
float scale_from_magnitude(float magnitude, DType dtype);

/// The scale at which the codes of a dtype cover a range.
/// Equals   max(-min, max, 0) / ((qmax - qmin) / 2) in float, as torch.ao does
/// Errors   as scale_from_magnitude
/// Source   nash.md section 1
inline float scale_from_range(Range range, DType dtype) { return scale_from_magnitude(range.magnitude(), dtype); }

/// The code of a real value.
/// Units    x real; `reciprocal` is 1 / scale, computed once in float
/// Rounding half to even, then saturation to the codes; infinities saturate
/// Errors   none; the caller has to refuse NaN
/// Equals   clamp(round_half_even(x * reciprocal), qmin, qmax)
/// Source   nash.md section 1
std::int32_t to_code(float x, float reciprocal, CodeRange codes);

namespace tensors {

/// The real values that round to a code: from half a step below the least code to half a step above the greatest, and a
/// little more. A scale is rounded to float, and the greatest value that gave a scale is not outside.
struct CodedRange {
  double low = 0, high = 0;

  bool contains(float value) const { return static_cast<double>(value) >= low && static_cast<double>(value) <= high; }
};

/// Units    the scale real
/// Rounding each limit is farther from zero by one part in 2^20
CodedRange coded_range(float scale, DType dtype);

}  // namespace tensors

/// What is requantized: accumulators of a layer, or codes of a tensor.
enum class RequantizeFrom { Accumulators, Codes };

/// The requantization record of a ratio of scales.
/// Units    ratio = s_from / s_to, in double from the float scales; bits of the result: 4, 8 or 16
/// Rounding the multiplier half up, to 15 bits
/// Errors   scales-too-far-apart if the ratio is outside (2^-31, 2^15)
/// Source   nash.md section 3
Requantization requantization(double ratio, int bits, RequantizeFrom from);

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/scale_impl.hpp>
#endif
