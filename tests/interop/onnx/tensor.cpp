// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/tensor.hpp>

#include <doctest/doctest.h>

#include <quench/interop/onnx.hpp>

#include "interop/damage.hpp"
#include "interop/onnx_model.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace o = onnx_model;

namespace {

i::NamedArray array_of(unsigned type, std::initializer_list<std::uint64_t> shape, const std::string& data) {
  const i::OnnxGraph graph = i::parse_onnx(o::file(o::small(o::part(5, o::tensor("t", type, shape, data)))));
  return graph.initializer("t")->array();
}

std::string onnx_tensor_said_about(const std::string& tensor) {
  const auto parse = [&] { i::parse_onnx(o::file(o::small(o::part(5, tensor)))); };
  const std::string slug = slug_of(parse);
  return slug.empty() ? slug : slug + ": " + damage::evidence_of(parse);
}

bool onnx_tensor_contains(const std::string& text, std::string_view what) { return text.find(what) != text.npos; }

}  // namespace

TEST_CASE("onnx: tensors of each type, raw and in fields") {
  CHECK(array_of(1, {2}, o::fixed32(4, 0x3f800000) + o::fixed32(4, 0xc0000000)).values<float>() ==
        std::vector<float>{1, -2});
  CHECK(array_of(10, {2}, o::part(9, std::string("\0\x3c\0\xc0", 4))).values<float>() == std::vector<float>{1, -2});
  CHECK(array_of(10, {2}, o::part(5, o::varint(0x3c00) + o::varint(0xc000))).values<float>() ==
        std::vector<float>{1, -2});
  CHECK(array_of(16, {1}, o::part(9, std::string("\x80\x3f", 2))).values<float>() == std::vector<float>{1});
  CHECK(array_of(11, {1}, o::part(10, std::string("\0\0\0\0\0\0\xf0\x3f", 8))).values<double>() ==
        std::vector<double>{1});
  CHECK(array_of(7, {3}, o::part(7, o::varint(1) + o::varint(300) + o::varint(~std::uint64_t{0})))
            .values<std::int64_t>() == std::vector<std::int64_t>{1, 300, -1});
  CHECK(array_of(3, {2}, o::part(5, o::varint(127) + o::varint(~std::uint64_t{127}))).values<std::int8_t>() ==
        std::vector<std::int8_t>{127, -128});
  CHECK(array_of(3, {2}, o::part(9, "\x7f\x80")).values<std::int8_t>() == std::vector<std::int8_t>{127, -128});
  CHECK(array_of(4, {1}, o::part(9, "\xff\xff")).values<std::int32_t>() == std::vector<std::int32_t>{65535});
  CHECK(array_of(12, {1}, o::part(9, "\xff\xff\xff\xff")).values<std::int64_t>() ==
        std::vector<std::int64_t>{4294967295});
  CHECK(array_of(9, {2}, o::part(9, std::string("\0\x07", 2))).values<std::uint8_t>() ==
        std::vector<std::uint8_t>{0, 1});
  CHECK(array_of(1, {}, o::part(9, std::string("\0\0\x80\x3f", 4))).values<float>() == std::vector<float>{1});
  CHECK(array_of(1, {3, 0}, "").elements() == 0);
  CHECK(array_of(8, {2}, o::part(6, "one") + o::part(6, "two")).name_of_type() == "\"STRING\"");
  CHECK(onnx_tensor_contains(damage::evidence_of([] { array_of(3, {1}, o::part(5, o::varint(128))); }),
                             "a value is 128, which INT8 does not have"));
}

TEST_CASE("onnx: data that do not fit their shape are refused") {
  const auto says = [](const std::string& tensor, std::string_view what) {
    const std::string said = onnx_tensor_said_about(tensor);
    CAPTURE(said);
    CHECK(onnx_tensor_contains(said, "file-not-readable: tensor \"t\": "));
    CHECK(onnx_tensor_contains(said, what));
  };
  says(o::tensor("t", 1, {3}, o::part(9, "12345678")), "needs 12 bytes, and it has 8");
  says(o::tensor("t", 7, {3}, o::part(7, o::varint(300))), "needs 3 values, and it has 1");
  says(o::tensor("t", 1, {1}, o::part(9, "1234") + o::part(9, "1234")), "its raw data twice");
  says(o::tensor("t", 1, {1}, o::part(9, "1234") + o::fixed32(4, 0)), "values in two places");
  says(o::tensor("t", 1, {1}, o::part(7, o::varint(1))), "it is of type FLOAT, and its values are in field 7");
  says(o::tensor("t", 1, {1}, o::part(4, "12345")), "cut off");
  says(o::tensor("t", 8, {1}, o::part(9, "a")), "values in two places");
  says(o::tensor("t", 1, {std::uint64_t{1} << 32, std::uint64_t{1} << 32}, ""), "too many elements");
  says(o::tensor("t", 1, {0, std::uint64_t{1} << 32, std::uint64_t{1} << 32}, ""), "too many elements");
  says(o::tensor("t", 1, {~std::uint64_t{0}}, ""), "an extent is -1");
  says(o::part(8, "t"), "it has no element type");
}
