// SPDX-License-Identifier: Apache-2.0
// quantize, dequantize and requantize against their definitions.
#include <quench/tensors/quantize.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>
#include <random>
#include <xtensor/xadapt.hpp>
#include <xtensor/xview.hpp>

#include "tensors/throws.hpp"

namespace q = quench;

namespace {

std::vector<float> random_values(std::size_t size, float magnitude, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-magnitude, magnitude);
  std::vector<float> values(size);
  for (float& x : values) x = value(random);
  return values;
}

template <class DType>
void check_round_trip(float scale) {
  using Code = typename DType::storage;
  std::vector<Code> codes;
  for (std::int32_t code = DType::qmin; code <= DType::qmax; ++code) codes.push_back(static_cast<Code>(code));
  const std::vector<float> values = q::dequantize(codes, scale);
  for (std::size_t i = 0; i < codes.size(); ++i) REQUIRE(values[i] == static_cast<float>(codes[i]) * scale);
  CHECK(q::quantize<DType>(values, scale) == codes);
}

}  // namespace

TEST_CASE("each code comes back from its real value, at any scale") {
  for (const float scale : {q::smallest_scale, 0.017f, 0.1f, 1.0f, 3.3f, 1e6f, 1e33f}) {
    CAPTURE(scale);
    check_round_trip<q::QInt4>(scale);
    check_round_trip<q::QInt8>(scale);
    check_round_trip<q::QInt16>(scale);
  }
}

TEST_CASE("quantize is to_code of each value, per tensor and per channel of each axis") {
  const std::vector<float> values = random_values(2 * 3 * 70, 5, 1);
  for (const int axis : {0, 1, 2}) {
    CAPTURE(axis);
    const xt::xarray<float> x = xt::adapt(values, std::vector<std::size_t>{2, 3, 70});
    q::QParams qparams{q::DType::Int8, random_values(x.shape(static_cast<std::size_t>(axis)), 0.05f, 2), axis};
    for (float& scale : qparams.scales) scale = std::abs(scale) + 0.01f;
    const xt::xarray<std::int8_t> codes = q::quantize<q::QInt8>(x, qparams);
    const xt::xarray<float> back = q::dequantize(codes, qparams);
    REQUIRE(codes.shape() == x.shape());
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        for (std::size_t k = 0; k < 70; ++k) {
          const float scale = qparams.scales[axis == 0 ? i : axis == 1 ? j : k];
          const std::int32_t expected = q::to_code(x(i, j, k), 1.0f / scale, q::code_range(q::DType::Int8));
          REQUIRE(codes(i, j, k) == expected);
          REQUIRE(back(i, j, k) == static_cast<float>(expected) * scale);
        }
  }
}

TEST_CASE("expressions and views are quantized like the arrays that they stand for") {
  const xt::xtensor<float, 2> x{{1, 2, 3}, {4, 5, 6}};
  const xt::xtensor<std::int8_t, 2> doubled = q::quantize<q::QInt8>(x * 2, 1.0f);
  CHECK(doubled == xt::xtensor<std::int8_t, 2>{{2, 4, 6}, {8, 10, 12}});
  const xt::xtensor<std::int16_t, 1> column = q::quantize<q::QInt16>(xt::view(x, xt::all(), 1), 0.5f);
  CHECK(column == xt::xtensor<std::int16_t, 1>{4, 10});
  const std::vector<float> accumulators = q::dequantize(std::vector<std::int32_t>{-100000, 7}, 0.5f);
  CHECK(accumulators == std::vector<float>{-50000, 3.5f});
}

TEST_CASE("infinities saturate, NaN is refused wherever it stands") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(q::quantize<q::QInt8>(std::vector<float>{infinity, -infinity}, 1.0f) == std::vector<std::int8_t>{127, -128});
  for (std::size_t at = 0; at < 130; ++at) {
    std::vector<float> values(130, 1.0f);
    values[at] = at % 2 == 0 ? std::nanf("") : -std::nanf("");
    try {
      q::quantize<q::QInt8>(values, 0.1f);
      FAIL("NaN was accepted");
    } catch (const q::Error& error) {
      REQUIRE(error.slug() == q::TextView("value-not-finite"));
      REQUIRE(error.evidence() == "element " + std::to_string(at) + " is nan");
    }
  }
}

TEST_CASE("bad scales, empty tensors, other channels and other dtypes are refused") {
  const std::vector<float> x{1, 2};
  CHECK(slug_of([&] { q::quantize<q::QInt8>(x, 0.0f); }) == "scale-out-of-range");
  CHECK(slug_of([&] { q::quantize<q::QInt8>(x, std::nanf("")); }) == "scale-out-of-range");
  CHECK(slug_of([&] { q::quantize<q::QInt8>(std::vector<float>{}, 1.0f); }) == "empty-input");
  CHECK(slug_of([&] { q::quantize<q::QInt8>(x, q::QParams{q::DType::Int8, {1, 1, 1}, 0}); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::quantize<q::QInt8>(x, q::QParams{q::DType::Int16, {1}, std::nullopt}); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::dequantize(std::vector<std::int8_t>{1}, -1.0f); }) == "scale-out-of-range");
  CHECK(slug_of([&] { q::requantize<q::QInt8>(std::vector<std::int8_t>{1}, 1.0f, 1e-6f); }) == "scales-too-far-apart");
  CHECK(slug_of([&] { q::requantize<q::QInt8>(std::vector<std::int8_t>{1}, 1.0f, 0.0f); }) == "scale-out-of-range");
}

TEST_CASE("requantize applies the record of the ratio of scales, per tensor and per channel") {
  std::mt19937 random(3);
  std::uniform_int_distribution<std::int32_t> accumulator(-2000000, 2000000);
  xt::xtensor<std::int32_t, 2> accumulators = xt::zeros<std::int32_t>({50, 3});
  for (auto& acc : accumulators) acc = accumulator(random);
  const q::QParams from{q::DType::Int32, {1e-5f, 3e-5f, 7e-6f}, -1};
  const float to = 0.1f;
  const xt::xtensor<std::int8_t, 2> codes = q::requantize<q::QInt8>(accumulators, from, to);
  for (std::size_t n = 0; n < 50; ++n)
    for (std::size_t c = 0; c < 3; ++c) {
      const double ratio = static_cast<double>(from.scales[c]) / static_cast<double>(to);
      const q::Requantization record = q::requantization(ratio, 8, q::RequantizeFrom::Accumulators);
      REQUIRE(codes(n, c) == q::requantize<8>(accumulators(n, c), record));
      const double real = std::clamp(std::nearbyint(accumulators(n, c) * ratio), -128.0, 127.0);
      REQUIRE(std::abs(codes(n, c) - real) <= 1);
    }
  // From codes there is no pre-shift: int8 at 0.5 to int16 at 2^-12 is exact.
  std::vector<std::int8_t> small;
  for (int code = -8; code < 8; ++code) small.push_back(static_cast<std::int8_t>(code));
  const std::vector<std::int16_t> wide = q::requantize<q::QInt16>(small, 0.5f, 0x1p-12f);
  for (std::size_t i = 0; i < small.size(); ++i) CHECK(wide[i] == small[i] * 2048);
}
