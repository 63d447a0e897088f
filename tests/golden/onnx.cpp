// SPDX-License-Identifier: Apache-2.0
// The quantized operators of the ONNX standard on its own vectors, see make_onnx.py.
//
// ONNX codes are uint8 with a zero point z; quench's are signed with zero point 0. How each case is mapped:
//   QuantizeLinear, DynamicQuantizeLinear   y = hold(code + z, 0, 255), the code an int8 where z is 128, else an int16.
//                                           The scale and z that the dynamic operator chooses are not compared: they are
//                                           those of an asymmetric range, which quench does not have
//   DequantizeLinear                        code = x - z, an int8 where z is 128, else an int16
//   ConvInteger, MatMulInteger,             code = x - z lies in [-255, 255] and is the sum of two int8 codes, so a
//   QLinearConv, QLinearMatMul              product of two codes is one of four int8 products: each input channel counts
//                                           four times. Zero points of padding are codes 0, which both sides leave out
//   their y, where it is requantized        code = y - z, held to [max(-z, low), min(255 - z, high)] by both sides, which
//                                           is what a fused ReLU does; [low, high] is int8's range or int16's
// Dequantized values and accumulators are exact. A requantized code may differ as far as the rounding of its record
// allows. Let r be the ratio of the scales and acc * r the real result:
//   the multiplier's 15 bits         |acc * r| * 2^-15, since it is rounded by at most 1/2 and is at least 2^14
//   the pre-shift, if there is one   half of what one step of the shifted accumulator is worth: r * 2^pre / 2
// With e the sum of the two, ours and theirs lie in [floor(acc * r - e + 1/2), floor(acc * r + e + 1/2)]. For int8 codes
// e < 2^-6, so that is nearly always one integer; for int16 codes, which have 8 bits fewer to spare, e <= 1 + 2^-7.
// theirs rounds half to even and in float32, which for |acc * r| < 2^9 errs by less than 2^-13: added to e.
#include "golden/onnx.hpp"

#include <doctest/doctest.h>
#include <xtensor/xadapt.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

#include <quench/kernels/conv2d.hpp>
#include <quench/kernels/linear.hpp>
#include <quench/kernels/matmul.hpp>
#include <quench/tensors/quantize.hpp>

namespace q = quench;
namespace k = quench::kernels;
namespace o = golden::onnx;

namespace {

using Bytes = std::span<const std::uint8_t>;
using Codes = std::vector<std::int8_t>;

std::size_t size(int count) { return static_cast<std::size_t>(count); }

std::vector<int> centered(Bytes values, int zero_point) {
  std::vector<int> codes;
  for (const std::uint8_t value : values) codes.push_back(value - zero_point);
  return codes;
}

// Half of a code in [-255, 255], and the rest of it.
std::int8_t first_part(int code) { return static_cast<std::int8_t>(code / 2); }
std::int8_t second_part(int code) { return static_cast<std::int8_t>(code - code / 2); }

// The four products of the parts: left[i] * right[i].
constexpr int parts = 4;
void append_left(Codes& codes, int code) {
  codes.insert(codes.end(), {first_part(code), first_part(code), second_part(code), second_part(code)});
}
void append_right(Codes& codes, int code) {
  codes.insert(codes.end(), {first_part(code), second_part(code), first_part(code), second_part(code)});
}

Codes left(const std::vector<int>& values) {
  Codes codes;
  for (const int value : values) append_left(codes, value);
  return codes;
}
Codes right(const std::vector<int>& values) {
  Codes codes;
  for (const int value : values) append_right(codes, value);
  return codes;
}

// A matrix [rows, columns], transposed.
std::vector<int> transposed(const std::vector<int>& matrix, int rows, int columns) {
  std::vector<int> result;
  for (int column = 0; column < columns; ++column)
    for (int row = 0; row < rows; ++row) result.push_back(matrix[size(row * columns + column)]);
  return result;
}

template <class T>
constexpr int bits_of_code = static_cast<int>(8 * sizeof(T));

// The scales and the zero point of a requantized result.
struct Output {
  double ratio;
  int zero_point;

  Output(float a, float b, float y, int zero)
      : ratio(static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(y)), zero_point(zero) {}
  template <class Y>
  q::Requantization record() const {
    return q::requantization(ratio, bits_of_code<Y>, q::RequantizeFrom::Accumulators);
  }
  template <class Y>
  int low() const {
    return std::max<int>(-zero_point, std::numeric_limits<Y>::min());
  }
  template <class Y>
  int high() const {
    return std::min<int>(255 - zero_point, std::numeric_limits<Y>::max());
  }
};

// The codes that ours and theirs may be: see above.
template <class Y>
void compare(const std::vector<Y>& found, Bytes expected, const std::vector<std::int32_t>& accumulators,
             const Output& output) {
  REQUIRE(found.size() == expected.size());
  REQUIRE(found.size() == accumulators.size());
  const q::Requantization record = output.record<Y>();
  const double step = record.pre_shift == 0 ? 0 : std::ldexp(output.ratio, record.pre_shift);
  const auto held = [&](double code) {
    return static_cast<int>(
        std::clamp(code, static_cast<double>(output.low<Y>()), static_cast<double>(output.high<Y>())));
  };
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    const double real = accumulators[i] * output.ratio, error = std::abs(real) * 0x1p-15 + step / 2 + 0x1p-13;
    REQUIRE(std::abs(real) < 512);
    REQUIRE(error < (bits_of_code<Y> == 8 ? 0x1p-6 : 1 + 0x1p-6));
    const int least = held(std::floor(real - error + 0.5)), most = held(std::floor(real + error + 0.5));
    const int theirs = held(expected[i] - output.zero_point);
    CHECK((least <= theirs && theirs <= most));
    CHECK((least <= found[i] && found[i] <= most));
  }
}

// A convolution of one channel, [1, 1, H, W] with [1, 1, kh, kw].
struct OneChannel {
  k::Convolution conv;
  Codes x, w;

  OneChannel(const int (&x_shape)[4], const std::vector<int>& image, const int (&w_shape)[4],
             const std::vector<int>& filter, const int (&y_shape)[4], int padding)
      : conv{q::Shape(x_shape[2], x_shape[3], parts),
             q::Shape(y_shape[2], y_shape[3], 1),
             {.kernel_size = {w_shape[2], w_shape[3]}, .padding = padding}},
        x(left(image)),
        w(right(filter)) {}

  template <class Y>
  std::vector<Y> run(const k::OutputChannels& output) const {
    std::vector<Y> y(size(conv.y.elements()));
    k::conv2d(x.data(), w.data(), y.data(), conv, output);
    return y;
  }
};

// Products of matrices [M, K] and [K, N], one after the other, by `matmul` and by `linear`.
struct Matrices {
  int batch, rows, depth, columns;
  std::vector<int> a, b;

  template <class Y>
  std::vector<Y> by_matmul(const q::Requantization& record = {}) const {
    std::vector<Y> y(size(batch * rows * columns));
    Codes second;
    for (int i = 0; i < batch; ++i) {  // the four parts of an element lie below each other
      const auto begin = b.begin() + i * depth * columns;
      const Codes split = right(transposed(std::vector<int>(begin, begin + depth * columns), depth, columns));
      const std::vector<int> upright = transposed(std::vector<int>(split.begin(), split.end()), columns, depth * parts);
      for (const int code : upright) second.push_back(static_cast<std::int8_t>(code));
    }
    k::matmul(left(a).data(), second.data(), y.data(), {batch, rows, depth * parts, columns, record});
    return y;
  }

  template <class Y>
  std::vector<Y> by_linear(const k::OutputChannels& output) const {
    std::vector<Y> y(size(batch * rows * columns));
    for (int i = 0; i < batch; ++i) {
      const auto begin_a = a.begin() + i * rows * depth, begin_b = b.begin() + i * depth * columns;
      const Codes x = left(std::vector<int>(begin_a, begin_a + rows * depth));
      const Codes w = right(transposed(std::vector<int>(begin_b, begin_b + depth * columns), depth, columns));
      k::linear(x.data(), w.data(), y.data() + i * rows * columns, {rows, depth * parts, columns, 0}, output);
    }
    return y;
  }
};

template <class Y>
void compare_conv(const OneChannel& layer, Bytes expected, const Output& output) {
  const q::Requantization record = output.record<Y>();
  compare(layer.run<Y>({nullptr, &record, output.low<Y>(), output.high<Y>()}), expected, layer.run<std::int32_t>({}),
          output);
}

template <class Y>
void compare_matrices(const Matrices& product, Bytes expected, const Output& output) {
  const std::vector<std::int32_t> accumulators = product.by_linear<std::int32_t>({});
  REQUIRE(product.by_matmul<std::int32_t>() == accumulators);
  const std::vector<q::Requantization> records(size(product.columns), output.record<Y>());
  compare(product.by_linear<Y>({nullptr, records.data(), output.low<Y>(), output.high<Y>()}), expected, accumulators,
          output);
  std::vector<Y> codes = product.by_matmul<Y>(records[0]);  // has no clamp
  for (Y& code : codes) code = static_cast<Y>(std::clamp<int>(code, output.low<Y>(), output.high<Y>()));
  compare(codes, expected, accumulators, output);
}

// x * (1 / scale) and x / scale, both in float, differ by less than |x / scale| * 2^-22, which decides only between two
// neighbours if a tie is that near.
void compare_quantized(const std::vector<int>& codes, Bytes expected, std::span<const float> x,
                       std::span<const float> scales, std::span<const std::uint8_t> zero_points, std::size_t inner) {
  REQUIRE(codes.size() == expected.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    CAPTURE(i);
    const std::size_t channel = i / inner % scales.size();
    const double real = static_cast<double>(x[i]) / static_cast<double>(scales[channel]);
    const double to_tie = std::abs(real - std::floor(real) - 0.5);
    const int found = std::clamp(codes[i] + zero_points[channel], 0, 255);
    CHECK(std::abs(found - expected[i]) <= (to_tie > 0 && to_tie < std::abs(real) * 0x1p-22 ? 1 : 0));
  }
}

template <class DType>
void compare_quantized(std::span<const float> x, float scale, std::uint8_t zero_point, Bytes expected) {
  const auto found = q::quantize<DType>(x, scale);
  compare_quantized(std::vector<int>(found.begin(), found.end()), expected, x, {&scale, 1}, {&zero_point, 1}, x.size());
}

}  // namespace

TEST_CASE("QuantizeLinear: codes are ONNX's") {
  // Ties among them: 3 / 2 is rounded to 2.
  compare_quantized<q::QInt8>(o::quantizelinear::x, o::quantizelinear::y_scale[0], 128, o::quantizelinear::y);
  compare_quantized<q::QInt16>(o::quantizelinear::x, o::quantizelinear::y_scale[0], 128, o::quantizelinear::y);

  namespace axis = o::quantizelinear_axis;
  const auto x = xt::adapt(axis::x, std::vector<std::size_t>(std::begin(axis::x_shape), std::end(axis::x_shape)));
  const auto codes =
      q::quantize<q::QInt16>(x, q::QParams{q::DType::Int16, {std::begin(axis::y_scale), std::end(axis::y_scale)}, 1});
  compare_quantized(std::vector<int>(codes.begin(), codes.end()), axis::y, axis::x, axis::y_scale, axis::y_zero_point,
                    size(axis::x_shape[2] * axis::x_shape[3]));
}

TEST_CASE("DynamicQuantizeLinear: codes at its scale are ONNX's") {
  compare_quantized<q::QInt16>(o::dynamicquantizelinear::x, o::dynamicquantizelinear::y_scale[0],
                               o::dynamicquantizelinear::y_zero_point[0], o::dynamicquantizelinear::y);
  compare_quantized<q::QInt16>(
      o::dynamicquantizelinear_max_adjusted::x, o::dynamicquantizelinear_max_adjusted::y_scale[0],
      o::dynamicquantizelinear_max_adjusted::y_zero_point[0], o::dynamicquantizelinear_max_adjusted::y);
  compare_quantized<q::QInt16>(
      o::dynamicquantizelinear_min_adjusted::x, o::dynamicquantizelinear_min_adjusted::y_scale[0],
      o::dynamicquantizelinear_min_adjusted::y_zero_point[0], o::dynamicquantizelinear_min_adjusted::y);
}

TEST_CASE("DequantizeLinear: values are ONNX's exactly") {
  std::vector<std::int8_t> codes;
  for (const int code : centered(o::dequantizelinear::x, 128)) codes.push_back(static_cast<std::int8_t>(code));
  CHECK(q::dequantize(codes, o::dequantizelinear::x_scale[0]) ==
        std::vector<float>(std::begin(o::dequantizelinear::y), std::end(o::dequantizelinear::y)));

  namespace axis = o::dequantizelinear_axis;
  const std::size_t inner = size(axis::x_shape[2] * axis::x_shape[3]);
  std::vector<std::int16_t> wide;
  for (std::size_t i = 0; i < std::size(axis::x); ++i)
    wide.push_back(static_cast<std::int16_t>(axis::x[i] - axis::x_zero_point[i / inner]));
  const auto x = xt::adapt(wide, std::vector<std::size_t>(std::begin(axis::x_shape), std::end(axis::x_shape)));
  const auto y = q::dequantize(x, q::QParams{q::DType::Int16, {std::begin(axis::x_scale), std::end(axis::x_scale)}, 1});
  CHECK(std::equal(y.begin(), y.end(), std::begin(axis::y), std::end(axis::y)));
}

TEST_CASE("ConvInteger: accumulators are ONNX's exactly") {
  const auto check = [](const auto& x_shape, Bytes x, int zero_point, const auto& w_shape, Bytes w, const auto& y_shape,
                        std::span<const std::int32_t> y, int padding) {
    const OneChannel layer(x_shape, centered(x, zero_point), w_shape, centered(w, 0), y_shape, padding);
    const auto found = layer.run<std::int32_t>({});
    CHECK(std::equal(found.begin(), found.end(), y.begin(), y.end()));
  };
  namespace basic = o::basic_convinteger;
  check(basic::x_shape, basic::x, basic::x_zero_point[0], basic::w_shape, basic::w, basic::y_shape, basic::y, 0);
  namespace bare = o::convinteger_without_padding;
  check(bare::x_shape, bare::x, bare::x_zero_point[0], bare::w_shape, bare::w, bare::y_shape, bare::y, 0);
  namespace padded = o::convinteger_with_padding;
  for (const int pad : padded::pads) CHECK(pad == 1);
  check(padded::x_shape, padded::x, padded::x_zero_point[0], padded::w_shape, padded::w, padded::y_shape, padded::y, 1);
}

TEST_CASE("MatMulInteger: accumulators are ONNX's exactly") {
  namespace m = o::matmulinteger;
  const Matrices product{1,
                         m::a_shape[0],
                         m::a_shape[1],
                         m::b_shape[1],
                         centered(m::a, m::a_zero_point[0]),
                         centered(m::b, m::b_zero_point[0])};
  const std::vector<std::int32_t> expected(std::begin(m::y), std::end(m::y));
  CHECK(product.by_matmul<std::int32_t>() == expected);
  CHECK(product.by_linear<std::int32_t>({}) == expected);
}

TEST_CASE("QLinearConv: codes are ONNX's as far as the roundings allow") {
  namespace c = o::qlinearconv;
  const OneChannel layer(c::x_shape, centered(c::x, c::x_zero_point[0]), c::w_shape, centered(c::w, c::w_zero_point[0]),
                         c::y_shape, 0);
  const Output output(c::x_scale[0], c::w_scale[0], c::y_scale[0], c::y_zero_point[0]);
  compare_conv<std::int8_t>(layer, c::y, output);
  compare_conv<std::int16_t>(layer, c::y, output);
}

TEST_CASE("QLinearMatMul: codes are ONNX's as far as the roundings allow") {
  namespace flat = o::qlinearmatmul_2D;
  const Matrices one{1,
                     flat::a_shape[0],
                     flat::a_shape[1],
                     flat::b_shape[1],
                     centered(flat::a, flat::a_zero_point[0]),
                     centered(flat::b, flat::b_zero_point[0])};
  const Output output(flat::a_scale[0], flat::b_scale[0], flat::y_scale[0], flat::y_zero_point[0]);
  compare_matrices<std::int8_t>(one, flat::y, output);
  compare_matrices<std::int16_t>(one, flat::y, output);

  namespace cube = o::qlinearmatmul_3D;
  const Matrices two{cube::a_shape[0],
                     cube::a_shape[1],
                     cube::a_shape[2],
                     cube::b_shape[2],
                     centered(cube::a, cube::a_zero_point[0]),
                     centered(cube::b, cube::b_zero_point[0])};
  const Output cube_output(cube::a_scale[0], cube::b_scale[0], cube::y_scale[0], cube::y_zero_point[0]);
  compare_matrices<std::int8_t>(two, cube::y, cube_output);
  compare_matrices<std::int16_t>(two, cube::y, cube_output);
}
