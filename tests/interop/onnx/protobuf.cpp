// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/protobuf.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "interop/damage.hpp"
#include "interop/onnx_model.hpp"

namespace d = quench::interop::detail;
namespace o = onnx_model;

namespace {

std::string protobuf_said_about(const std::string& message) {
  const auto bytes = o::file(message);
  return damage::evidence_of([&] {
    d::ProtobufReader fields{bytes};
    for (d::ProtobufField field; fields.next(field);) continue;
  });
}

template <class Number>
std::vector<Number> numbers_of(const std::string& message) {
  const auto bytes = o::file(message);
  std::vector<Number> numbers;
  d::ProtobufReader fields{bytes};
  for (d::ProtobufField field; fields.next(field);)
    d::for_each_number<Number>(field, [&](Number number) { numbers.push_back(number); });
  return numbers;
}

}  // namespace

TEST_CASE("protocol buffers: fields of each wire type") {
  const auto bytes = o::file(o::number(1, 300) + o::part(2, "text") + o::fixed32(3, 0x3f800000) +
                             std::string("\x21\0\0\0\0\0\0\xf0\x3f", 9) + o::number(536870911, 0xffffffffffffffff));
  d::ProtobufReader fields{bytes};
  d::ProtobufField field;
  REQUIRE(fields.next(field));
  CHECK(field.integer() == 300);
  CHECK(damage::evidence_of([&] { field.text(); }) == "field 1 is written as another type");
  REQUIRE(fields.next(field));
  CHECK(field.text() == "text");
  CHECK(damage::evidence_of([&] { field.integer(); }) == "field 2 is written as another type");
  CHECK(damage::evidence_of([&] { field.real(); }) == "field 2 is written as another type");
  REQUIRE(fields.next(field));
  CHECK(field.real() == 1);
  REQUIRE(fields.next(field));
  CHECK(field.number == 4);
  CHECK(field.value == 0x3ff0000000000000);
  REQUIRE(fields.next(field));
  CHECK(field.number == 536870911);
  CHECK(field.integer() == -1);
  CHECK_FALSE(fields.next(field));
}

TEST_CASE("protocol buffers: repeated numbers, packed and not") {
  CHECK(numbers_of<std::int64_t>(o::part(1, o::varint(1) + o::varint(300)) + o::number(1, 5)) ==
        std::vector<std::int64_t>{1, 300, 5});
  CHECK(numbers_of<float>(o::part(1, std::string("\0\0\x80\x3f\0\0\0\x40", 8)) + o::fixed32(1, 0x40400000)) ==
        std::vector<float>{1, 2, 3});
  CHECK(numbers_of<double>(o::part(1, std::string("\0\0\0\0\0\0\xf0\x3f", 8))) == std::vector<double>{1});
  CHECK(damage::evidence_of([] { numbers_of<float>(o::part(1, "abcde")); }) != "");
  CHECK(damage::evidence_of([] { numbers_of<float>(o::number(1, 1)); }) == "field 1 is written as another type");
}

TEST_CASE("protocol buffers: what is damaged is refused") {
  CHECK(protobuf_said_about(o::part(1, "text").substr(0, 5)) == "field 1 needs 4 bytes, 3 are left");
  CHECK(protobuf_said_about(o::varint(1 << 3 | 2) + o::varint(0xffffffffffffffff)) ==
        "field 1 needs 18446744073709551615 bytes, 0 are left");
  CHECK(protobuf_said_about(o::number(0, 1)) == "a field has a number that no field has");
  CHECK(protobuf_said_about(o::varint(std::uint64_t{0x20000000} << 3)) == "a field has a number that no field has");
  CHECK(protobuf_said_about("\x08" + std::string(9, '\x80') + "\x02") == "a number has more than 64 bits");
  CHECK(protobuf_said_about("\x08" + std::string(9, '\x80') + "\x01") == "");
  CHECK(protobuf_said_about("\x08" + std::string(10, '\x80') + "\x01") == "a number has more than 64 bits");
  CHECK(protobuf_said_about("\x0b") == "field 1 has a wire type that ONNX does not use");
  const auto bytes = o::file(o::part(1, "\xc3"));
  d::ProtobufReader fields{bytes};
  d::ProtobufField field;
  REQUIRE(fields.next(field));
  CHECK(damage::evidence_of([&] { field.text(); }).find("is not UTF-8") != std::string::npos);
}
