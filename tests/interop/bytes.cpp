// SPDX-License-Identifier: Apache-2.0
// Numbers out of bytes, checksums, narrow floats, UTF-8.
#include <quench/interop/bytes.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "tensors/throws.hpp"

namespace d = quench::interop::detail;

namespace {

static_assert(d::swapped(std::uint8_t{0x12}) == 0x12);
static_assert(d::swapped(std::uint16_t{0x1234}) == 0x3412);
static_assert(d::swapped(std::uint64_t{0x0102030405060708}) == 0x0807060504030201);

/// The value of a half by its definition, in double; infinities and NaNs left out.
double value_of_half(unsigned bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double mantissa = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace

TEST_CASE("a reader of bytes takes what is there and refuses what is not") {
  std::vector<std::byte> bytes;
  d::append_little(bytes, std::uint32_t{0x01020304});
  d::append(bytes, "abc");
  d::ByteReader reader(bytes);
  CHECK(reader.little<std::uint32_t>() == 0x01020304);
  CHECK(reader.big<std::uint16_t>() == 0x6162);
  CHECK(reader.position() == 6);
  CHECK(slug_of([&] { reader.little<std::uint16_t>(); }) == "file-not-readable");
  CHECK(slug_of([&] { reader.take(static_cast<std::size_t>(-1)); }) == "file-not-readable");
  CHECK(reader.left() == 1);  // nothing was taken
  CHECK(d::as_text(reader.take(1)) == "c");
  CHECK(reader.take(0).empty());
  CHECK(d::ByteReader(bytes, 7).left() == 0);
  CHECK(slug_of([&] { d::ByteReader(bytes, 8); }) == "file-not-readable");
  CHECK(d::as_text(bytes) == std::string_view("\x04\x03\x02\x01"
                                              "abc"));
}

TEST_CASE("a refusal says what was being read, from the outside in") {
  try {
    d::reading("file", [] { d::reading("array", [] { d::refuse("it ends"); }); });
    FAIL("nothing was thrown");
  } catch (const quench::Error& error) {
    CHECK(error.evidence() == "file: array: it ends");
  }
  CHECK(slug_of([] { d::reading("file", [] { throw quench::Error(quench::diagnosis::empty_input, ""); }); }) ==
        "empty-input");
  CHECK(d::shown(std::string("a\n\0b", 4)) == "\"a??b\"");
  CHECK(d::shown(std::string(100, 'x')) == "\"" + std::string(60, 'x') + "...\"");
}

TEST_CASE("CRC-32 has its published check value") {
  const std::string_view digits = "123456789";
  CHECK(d::crc32(std::as_bytes(std::span(digits.data(), digits.size()))) == 0xcbf43926u);
  CHECK(d::crc32({}) == 0);
}

TEST_CASE("each half and bfloat16 becomes the float of its value, NaNs keep their bits") {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const std::uint32_t wide = d::float_bits_of_half(half);
    CAPTURE(bits);
    REQUIRE((wide >> 31) == (bits >> 15));
    if ((bits & 0x7c00) != 0x7c00)
      REQUIRE(static_cast<double>(std::bit_cast<float>(wide)) == value_of_half(bits));
    else
      REQUIRE((wide & 0x7fffffff) == 0x7f800000 + ((bits & 1023) << 13));
    REQUIRE(d::float_bits_of_bfloat16(half) == (bits << 16));
  }
}

TEST_CASE("UTF-8 is told from what is none") {
  for (const char* text : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "x\xc3\xbcy"})
    CHECK_MESSAGE(d::is_utf8(text), text);
  for (const char* text : {"\x80", "\xc1\xbf", "\xc2", "\xc2\x20", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3"})
    CHECK_FALSE(d::is_utf8(text));
}
