// SPDX-License-Identifier: Apache-2.0
// Scales, codes and requantization records against their definitions.
#include <quench/tensors/scale.hpp>

#include <doctest/doctest.h>
#include <random>

#include "tensors/throws.hpp"

namespace q = quench;

TEST_CASE("a scale covers the larger magnitude of a range with half the codes") {
  CHECK(q::scale_from_range({-1, 2}, q::DType::Int8) == 2.0f / 127.5f);
  CHECK(q::scale_from_range({-3, 2}, q::DType::Int8) == 3.0f / 127.5f);
  CHECK(q::scale_from_range({1, 2}, q::DType::Int8) == 2.0f / 127.5f);
  CHECK(q::scale_from_range({-3, -2}, q::DType::Int16) == 3.0f / 32767.5f);
  CHECK(q::scale_from_range({-3, -2}, q::DType::Int4) == 3.0f / 7.5f);
  CHECK(q::scale_from_range({-3.4e38f, 1}, q::DType::Int8) == 3.4e38f / 127.5f);
}

TEST_CASE("a coded range contains what rounds to a code, and the greatest value that gave the scale") {
  const auto range = q::tensors::coded_range(0.5f, q::DType::Int8);
  CHECK(range.low == doctest::Approx(-64.25));
  CHECK(range.high == doctest::Approx(63.75));
  CHECK(range.contains(63.75f));
  CHECK_FALSE(range.contains(63.76f));
  CHECK(range.contains(-64.25f));
  CHECK_FALSE(range.contains(-64.26f));
  std::mt19937 random(9);
  std::uniform_real_distribution<float> magnitudes(0.1f, 10);
  for (int i = 0; i < 1000; ++i) {
    const float greatest = magnitudes(random);
    REQUIRE(
        q::tensors::coded_range(q::scale_from_magnitude(greatest, q::DType::Int8), q::DType::Int8).contains(greatest));
  }
}

TEST_CASE("int16 has a scale wherever int8 has one, and never a coarser one") {
  for (const float magnitude : {127.6f * q::smallest_scale, 1e-4f, 0.0039f, 0.004f, 1.0f}) {
    const float of_int8 = q::scale_from_magnitude(magnitude, q::DType::Int8);
    const float of_int16 = q::scale_from_magnitude(magnitude, q::DType::Int16);
    CHECK(of_int16 == std::max(magnitude / 32767.5f, q::smallest_scale));
    CHECK(of_int16 <= of_int8);
  }
  CHECK(slug_of([] { q::scale_from_magnitude(127.4f * q::smallest_scale, q::DType::Int16); }) == "scale-underflow");
}

TEST_CASE("ranges without a usable scale are refused") {
  CHECK(slug_of([] { q::scale_from_range({0, 0}, q::DType::Int8); }) == "only-zeros-observed");
  CHECK(slug_of([] { q::scale_from_range({-0.0f, 0}, q::DType::Int8); }) == "only-zeros-observed");
  CHECK(slug_of([] { q::scale_from_range({-1e-5f, 0}, q::DType::Int8); }) == "scale-underflow");
  CHECK(slug_of([] { q::scale_from_range({0, 1e-45f}, q::DType::Int4); }) == "scale-underflow");
  CHECK(q::scale_from_range({-1e-5f, 0}, q::DType::Int4) == 1e-5f / 7.5f);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(slug_of([=] { q::scale_from_magnitude(infinity, q::DType::Int8); }) == "scale-out-of-range");
  CHECK(slug_of([] { q::scale_from_magnitude(std::nanf(""), q::DType::Int8); }) == "scale-out-of-range");
}

TEST_CASE("a scale is finite and at least 2^-23") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {0.0f, -1.0f, 1e-8f, infinity, -infinity, std::nanf("")})
    CHECK(slug_of([=] { q::checked_scale(bad); }) == "scale-out-of-range");
  CHECK(q::checked_scale(q::smallest_scale) == 0x1p-23f);
  CHECK(q::checked_scale(std::numeric_limits<float>::max()) == std::numeric_limits<float>::max());
}

TEST_CASE("the scale of an accumulator may be small, but is a normal float") {
  CHECK(q::checked_accumulator_scale(0x1p-60) == 0x1p-60f);
  CHECK(q::checked_accumulator_scale(0x1p-126) == 0x1p-126f);
  CHECK(slug_of([] { q::checked_accumulator_scale(0x1p-127); }) == "scale-out-of-range");
  CHECK(slug_of([] { q::checked_accumulator_scale(1e39); }) == "scale-out-of-range");
  CHECK(slug_of([] { q::checked_accumulator_scale(std::nan("")); }) == "scale-out-of-range");
}

TEST_CASE("codes round half to even and saturate") {
  const q::CodeRange int8 = q::code_range(q::DType::Int8);
  CHECK(q::to_code(0.5f, 1, int8) == 0);
  CHECK(q::to_code(1.5f, 1, int8) == 2);
  CHECK(q::to_code(-0.5f, 1, int8) == 0);
  CHECK(q::to_code(-2.5f, 1, int8) == -2);
  CHECK(q::to_code(127.5f, 1, int8) == 127);
  CHECK(q::to_code(-128.5f, 1, int8) == -128);
  CHECK(q::to_code(std::numeric_limits<float>::infinity(), 1, int8) == 127);
  CHECK(q::to_code(-std::numeric_limits<float>::infinity(), 1, int8) == -128);
  CHECK(q::to_code(1e-45f, 1, int8) == 0);
  CHECK(q::to_code(-8.5f, 1, q::code_range(q::DType::Int4)) == -8);
  CHECK(q::to_code(32767.7f, 1, q::code_range(q::DType::Int16)) == 32767);
}

TEST_CASE("the vendor's anchor: scales 0.1 and 1 to 0.20284509658813477 give multiplier 32308 and post-shift 16") {
  const double ratio = static_cast<double>(0.1f) * 1.0 / static_cast<double>(0.20284509658813477f);
  const q::Requantization record = q::requantization(ratio, 8, q::RequantizeFrom::Accumulators);
  CHECK(record == q::Requantization{32308, 0, 16});
}

TEST_CASE("a record stands for its ratio to 15 bits") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-15, 14.9);
  for (int draw = 0; draw < 100000; ++draw) {
    const double ratio = std::exp2(exponent(random));
    for (const int bits : {4, 8, 16}) {
      const q::Requantization record = q::requantization(ratio, bits, q::RequantizeFrom::Codes);
      CHECK(record.pre_shift == 0);
      const double stands_for = record.multiplier * std::exp2(-record.post_shift);
      REQUIRE(std::abs(stands_for / ratio - 1) <= 0x1p-15);
    }
  }
}

TEST_CASE("of an accumulator the multiplication takes the bits that the result needs") {
  // total = 15 - e, pre = total - (29 - (bits - 1)).
  CHECK(q::requantization(0x1p-20, 8, q::RequantizeFrom::Accumulators) == q::Requantization{16384, 12, 22});
  CHECK(q::requantization(0x1p-20, 16, q::RequantizeFrom::Accumulators) == q::Requantization{16384, 20, 14});
  CHECK(q::requantization(0x1p-20, 4, q::RequantizeFrom::Accumulators) == q::Requantization{16384, 8, 26});
  CHECK(q::requantization(0x1p-20, 8, q::RequantizeFrom::Codes) == q::Requantization{16384, 0, 31});
  // A mantissa that rounds up to 1 is held at 15 bits.
  CHECK(q::requantization(std::nextafter(1.0, 0.0), 8, q::RequantizeFrom::Codes) == q::Requantization{32767, 0, 15});
}

TEST_CASE("ratios that no record can express are refused") {
  for (const double bad : {0x1p-31, 0x1p15, 0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")})
    CHECK(slug_of([=] { q::requantization(bad, 8, q::RequantizeFrom::Accumulators); }) == "scales-too-far-apart");
  CHECK(slug_of([] { q::requantization(std::nextafter(0x1p-31, 1), 8, q::RequantizeFrom::Accumulators); }) == "");
  CHECK(slug_of([] { q::requantization(std::nextafter(0x1p15, 1), 8, q::RequantizeFrom::Accumulators); }) == "");
}

TEST_CASE("the magnitude of a scale that a range has leads back to the scale") {
  for (const q::DType dtype : {q::DType::Int8, q::DType::Int16})
    for (int i = 1; i < 20000; ++i) {
      const float scale = q::raw_scale(0.001f * static_cast<float>(i) / 7, dtype);
      CAPTURE(i);
      REQUIRE(q::raw_scale(q::magnitude_of(scale, dtype), dtype) == scale);
    }
}
