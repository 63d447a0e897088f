// SPDX-License-Identifier: Apache-2.0
// safetensors: exact round trips, what others write, what is damaged or lies.
#include <quench/interop/safetensors.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "interop/damage.hpp"
#include "interop/files.hpp"
#include "tensors/throws.hpp"
#include "temporary_folder.hpp"

namespace i = quench::interop;

namespace {

const auto safetensors_parse = [](const std::vector<std::byte>& file) { return i::parse_safetensors(file); };

std::vector<std::byte> file_of(std::string_view header, std::size_t data) {
  std::vector<std::byte> file;
  i::detail::append_little(file, std::uint64_t{header.size()});
  i::detail::append(file, header);
  file.resize(file.size() + data);
  return file;
}
/// What is said about a header before some bytes of data; "" if it is read.
std::string safetensors_said_about(std::string_view header, std::size_t data = 8) {
  return damage::evidence_of([&] { i::parse_safetensors(file_of(header, data)); });
}
bool safetensors_says(std::string_view header, std::string_view what, std::size_t data = 8) {
  const std::string said = safetensors_said_about(header, data);
  CAPTURE(said);
  CHECK(said.find(what) != std::string::npos);
  return said.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("safetensors: arrays of every type come back bit for bit") {
  const auto arrays = arrays::of_every_type();
  const auto file = i::format_safetensors(arrays);
  CHECK(i::parse_safetensors(file) == arrays);
  CHECK(i::format_safetensors(i::parse_safetensors(file)) == file);
  CHECK(i::parse_safetensors(i::format_safetensors({})).empty());
  const TemporaryFolder folder;
  const auto path = folder / "test.safetensors";
  i::write_safetensors(path, arrays);
  CHECK(i::read_safetensors(path) == arrays);
  std::filesystem::remove(path);
  CHECK(damage::evidence_of([&] { i::read_safetensors(path); }) == path.string() + ": No such file or directory");
}

TEST_CASE("safetensors: each array begins at a multiple of its element") {
  const auto file = i::format_safetensors(arrays::of_every_type());
  i::detail::ByteReader reader(file);
  const auto header = static_cast<std::size_t>(reader.little<std::uint64_t>());
  CHECK(header % 8 == 0);
  for (const auto& [name, entry] : i::detail::read_safetensors_header(i::detail::as_text(reader.take(header))))
    CHECK(entry.offsets[0] % size_of(entry.type.type) == 0);
}

TEST_CASE("safetensors: what others write is read") {
  const auto arrays = i::parse_safetensors(files::safetensors_file);
  CHECK(arrays.size() == 4);
  CHECK(arrays.at("stem.weight") == arrays::of<float>({2, 2}, {1, -2, 0.5f, 3}));
  CHECK(arrays.at("half") == arrays::of<float>({3}, {1.5f, -2, 0x1p-24f}));
  CHECK(arrays.at("bfloat") == arrays::of<float>({}, {1.5f}));
  CHECK(arrays.at("\xc3\xbc\xf0\x9f\x98\x80\n") == arrays::of<std::uint8_t>({2, 0, 4}, {}));
}

TEST_CASE("safetensors: arrays of types that are not read stand beside the others") {
  const auto arrays = i::parse_safetensors(files::safetensors_types);
  CHECK(arrays.size() == 4);
  CHECK(arrays.at("float") == arrays::of<float>({2}, {1.5f, -2}));
  const auto check = [&](const char* name, const std::vector<std::size_t>& shape, const char* type) {
    CHECK(arrays.at(name) == i::NamedArray{i::ArrayType::Other, shape, {}, type});
    CHECK(damage::evidence_of([&] { arrays.at(name).values<float>(); }) ==
          "an array is \"" + std::string(type) + "\", needed Float32");
    CHECK(slug_of([&] { i::format_safetensors({{"x", arrays.at(name)}}); }) == "file-not-writable");
  };
  check("mask", {3}, "BOOL");
  check("eighth", {}, "F8_E4M3");
  check("u16", {1, 2}, "U16");
}

TEST_CASE("safetensors: headers that lie are refused and say why") {
  CHECK(safetensors_said_about(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})") == "");
  CHECK(safetensors_said_about(R"( {"a":{"data_offsets":[0,8],"shape":[1],"dtype":"F64"}}  )") == "");
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
                         "\"a\": its shape [3] needs 12 bytes, there are 8"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})",
                         "larger than any memory"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,8]}})",
                         "larger than any"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}})",
                         "number is too large"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "needed a number"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "a begin and an end"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", "a begin and an end"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "it ends inside \"a\""));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "leaves a gap"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "4 bytes after the last array"));
  CHECK(safetensors_says(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
      "\"b\" overlaps"));
  CHECK(safetensors_says(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      "\"a\" is there twice"));
  CHECK(safetensors_says(R"({"__metadata__":{},"__metadata__":{}})", "is there twice", 0));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "needs one dtype"));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[2]}})", "needs one dtype"));
  CHECK(safetensors_says(R"({"a":{"dtype":"","shape":[1],"data_offsets":[0,8]}})", "its dtype has no name"));
  CHECK(safetensors_says(R"({"a":{"dtype":"C64","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
                         "larger than any"));
  CHECK(safetensors_says(R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,9]}})", "it ends inside \"a\""));
  CHECK(safetensors_says(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x)", "more after its end"));
  CHECK(safetensors_says("{\"\xff\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "not UTF-8"));
  CHECK(safetensors_says(R"({"__metadata__":)" + std::string(100'000, '['), "nested too deep"));
  CHECK(safetensors_says("", "needed '{'", 0));
  CHECK(damage::evidence_of([] { i::parse_safetensors(std::vector<std::byte>(8, std::byte{0xff})); }) ==
        "it ends inside its header, or is no safetensors file");
}

TEST_CASE("safetensors: an array that does not fit its shape, or a name that others cannot read, is not written") {
  auto arrays = arrays::small();
  const TemporaryFolder folder;
  const auto path = folder / "refused.safetensors";
  i::write_safetensors(path, arrays);
  arrays["c"].bytes.pop_back();
  CHECK(slug_of([&] { i::write_safetensors(path, arrays); }) == "shape-mismatch");
  CHECK(slug_of([] { i::format_safetensors({{"\xff", {}}}); }) == "file-not-writable");
  CHECK(slug_of([] { i::format_safetensors({{"__metadata__", {}}}); }) == "file-not-writable");
  CHECK(i::read_safetensors(path) == arrays::small());  // the old file
  std::filesystem::remove(path);
}

TEST_CASE("safetensors: damaged files are read or refused") {
  damage::everywhere(i::format_safetensors(arrays::small()), safetensors_parse);
  damage::everywhere(files::safetensors_file, safetensors_parse);
}
