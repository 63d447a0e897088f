// SPDX-License-Identifier: Apache-2.0
// Quantizes real numbers, dequantizes integers, and requantizes integers from one scale to another.
//
//   auto codes = quench::quantize<quench::QInt8>(x, 0.05f);     // x: a span, a vector, any xtensor expression
//   auto back  = quench::dequantize(codes, 0.05f);
//   auto other = quench::requantize<quench::QInt8>(codes, 0.05f, 0.1f);
//
// The result has the container type of the argument. int4 codes are stored in int8.
#pragma once

#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/host/fake_quantize/fake_quantize.hpp>
#include <quench/tensors/qparams.hpp>

namespace quench {

/// The dtypes whose codes are all exact in float32.
template <class DType>
concept FloatExactDType = std::is_same_v<DType, QInt4> || std::is_same_v<DType, QInt8> || std::is_same_v<DType, QInt16>;

namespace tensors {

/// Errors   value-not-finite, with the place of the first NaN
[[noreturn]] void throw_nan(std::span<const float> x);

/// Errors   empty-input
void check_not_empty(std::span<const float> x);

template <class Element>
host::CodeLimits limits_of() {
  return {static_cast<float>(Element::qmin), static_cast<float>(Element::qmax)};
}

}  // namespace tensors

namespace detail {

template <class X>
using ElementOf = std::remove_cvref_t<decltype(*std::declval<const X&>().begin())>;

template <class DType>
QParams per_tensor(float scale) {
  return {DType::dtype, {scale}, std::nullopt};
}

void check_dtype(const QParams& qparams, DType dtype);

}  // namespace detail

/// The codes of a tensor, with a scale for all of it or one for each channel.
/// Shapes   as x
/// Units    x real; codes: int4, int8 or int16 at the given scales
/// Rounding half to even, then saturation; infinities saturate
/// Errors   empty-input, value-not-finite (NaN), scale-out-of-range, shape-mismatch (channels)
/// Equals   clamp(round_half_even(x * (1 / scale)), qmin, qmax), the reciprocal taken once, in float
/// Source   nash.md section 1; torch.quantize_per_tensor
template <FloatExactDType DType, FloatTensor X>
ResultFor<X, typename DType::storage> quantize(const X& x, const QParams& qparams) {
  const FloatInput input(x);
  tensors::check_not_empty(input);
  detail::check_dtype(qparams, DType::dtype);
  const ChannelLayout layout = qparams.layout(input.extents());
  auto codes = make_result<X, typename DType::storage>(input.extents());
  if (!host::quantize(layout, qparams.scales, tensors::limits_of<DType>(), input.data(), codes.data()))
    tensors::throw_nan(input);
  return codes;
}

template <FloatExactDType DType, FloatTensor X>
ResultFor<X, typename DType::storage> quantize(const X& x, float scale) {
  return quantize<DType>(x, detail::per_tensor<DType>(scale));
}

/// The real values of codes.
/// Shapes   as codes
/// Units    codes: int8, int16 or int32 elements, whatever qparams.dtype says; the result is real
/// Rounding to float: exact for int8 and int16 up to the product
/// Errors   scale-out-of-range, shape-mismatch (channels)
/// Equals   float(q) * scale
/// Source   nash.md section 1
template <class X>
ResultFor<X, float> dequantize(const X& codes, const QParams& qparams) {
  using Code = detail::ElementOf<X>;
  static_assert(
      std::is_same_v<Code, std::int8_t> || std::is_same_v<Code, std::int16_t> || std::is_same_v<Code, std::int32_t>,
      "dequantize takes int8_t, int16_t or int32_t");
  const TensorInput<Code> input(codes);
  const ChannelLayout layout = qparams.layout(input.extents());
  auto y = make_result<X, float>(input.extents());
  if (input.size() > 0) host::dequantize(layout, qparams.scales, input.data(), y.data());
  return y;
}

template <class X>
ResultFor<X, float> dequantize(const X& codes, float scale) {
  return dequantize(codes, detail::per_tensor<QInt8>(scale));
}

/// Integers converted to another scale.
/// Shapes   as q
/// Units    q: int32 accumulators, or int8 or int16 codes, at `from`; the result: codes of DType at `to`
/// Rounding half up, twice for accumulators (nash.md section 3)
/// Errors   scales-too-far-apart, scale-out-of-range, shape-mismatch (channels)
/// Equals   requantize<bits>(q, requantization(from / to, ...)) for each element
/// Source   nash.md section 3
template <FloatExactDType DType, class X>
ResultFor<X, typename DType::storage> requantize(const X& q, const QParams& from, float to) {
  using Code = detail::ElementOf<X>;
  constexpr int bits = std::is_same_v<DType, QInt4> ? 4 : std::is_same_v<DType, QInt8> ? 8 : 16;
  constexpr auto kind = std::is_same_v<Code, std::int32_t> ? RequantizeFrom::Accumulators : RequantizeFrom::Codes;
  const TensorInput<Code> input(q);
  const ChannelLayout layout = from.layout(input.extents());
  checked_scale(to);
  std::vector<Requantization> records;
  for (const float scale : from.scales)
    records.push_back(requantization(static_cast<double>(scale) / static_cast<double>(to), bits, kind));
  auto codes = make_result<X, typename DType::storage>(input.extents());
  const Code* read = input.data();
  auto* write = codes.data();
  for (std::size_t o = 0; o < layout.outer; ++o)
    for (const Requantization& record : records)
      for (std::size_t i = 0; i < layout.inner; ++i)
        *write++ = static_cast<typename DType::storage>(quench::requantize<bits>(*read++, record));
  return codes;
}

template <FloatExactDType DType, class X>
ResultFor<X, typename DType::storage> requantize(const X& q, float from, float to) {
  return requantize<DType>(q, detail::per_tensor<QInt8>(from), to);
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/quantize_impl.hpp>
#endif
