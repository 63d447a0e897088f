// SPDX-License-Identifier: Apache-2.0
// .npz: exact round trips, what NumPy writes, what is damaged or lies.
#include <quench/interop/npz.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "interop/damage.hpp"
#include "interop/files.hpp"
#include "tensors/throws.hpp"
#include "temporary_folder.hpp"

namespace i = quench::interop;

namespace {

const auto npz_parse = [](const std::vector<std::byte>& file) { return i::parse_npz(file); };

std::string npz_said_about(const std::vector<std::byte>& file) {
  return damage::evidence_of([&] { i::parse_npz(file); });
}

/// Puts a little-endian number into the list's entry of a file of one member, or, where < 0, into the record at the end.
std::string said_with(std::ptrdiff_t where, std::uint32_t number, std::size_t bytes) {
  auto file = i::format_npz({{"a", arrays::of<float>({1}, {1})}});
  const std::ptrdiff_t end = std::ssize(file) - 22, list = end - 46 - 5;
  const std::ptrdiff_t at = where < 0 ? end - where : list + where;
  std::memcpy(file.data() + at, &number, bytes);
  return npz_said_about(file);
}

}  // namespace

TEST_CASE("npz: arrays of every type come back bit for bit") {
  const auto arrays = arrays::of_every_type();
  CHECK(i::parse_npz(i::format_npz(arrays)) == arrays);
  CHECK(i::parse_npz(i::format_npz({})).empty());
  const TemporaryFolder folder;
  const auto path = folder / "test.npz";
  i::write_npz(path, arrays);
  CHECK(i::read_npz(path) == arrays);
  std::filesystem::remove(path);
  CHECK(damage::evidence_of([&] { i::read_npz(path); }) == path.string() + ": No such file or directory");
}

TEST_CASE("npz: what NumPy writes is read, compressed or not") {
  const auto matrix = arrays::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(i::parse_npz(files::npz_saved) ==
        i::NamedArrays{{"stem.weight", matrix}, {"labels", arrays::of<std::int64_t>({2}, {7, -1})}});
  CHECK(i::parse_npz(files::npz_compressed) ==
        i::NamedArrays{{"stem.weight", matrix}, {"zeros", arrays::of<double>({1000}, std::vector<double>(1000))}});
  CHECK(i::parse_npz(files::npz_empty).empty());
}

TEST_CASE("npz: zip64, and members whose sizes stand after them, are read") {
  const i::NamedArrays arrays{{"a", arrays::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})},
                              {"b", arrays::of<std::int64_t>({3}, {0, 1, 2})}};
  CHECK(i::parse_npz(files::npz_zip64) == arrays);
  CHECK(i::parse_npz(files::npz_stream) == arrays);
  damage::everywhere(files::npz_zip64, npz_parse);
}

TEST_CASE("npz: records of zip64 that say what the short record says too are passed over") {
  const i::NamedArrays arrays{{"a", arrays::of<float>({2}, {1, 2})}, {"b", arrays::of<std::int8_t>({1}, {3})}};
  constexpr std::size_t short_record = 22;
  std::vector<std::byte> file = i::format_npz(arrays);
  const std::vector<std::byte> end(file.end() - short_record, file.end());
  i::detail::ByteReader reader(end, 12);
  const std::uint64_t size = reader.little<std::uint32_t>(), begin = reader.little<std::uint32_t>();
  file.resize(file.size() - short_record);
  const std::uint64_t place = file.size();
  i::detail::append_little(file, i::detail::zip64_end);
  i::detail::append_little(file, std::uint64_t{44});
  file.resize(file.size() + 12);  // versions, disks
  for (const std::uint64_t field : {std::uint64_t{2}, std::uint64_t{2}, size, begin})
    i::detail::append_little(file, field);
  i::detail::append_little(file, i::detail::zip64_locator);
  i::detail::append_little(file, std::uint32_t{0});
  i::detail::append_little(file, place);
  i::detail::append_little(file, std::uint32_t{1});
  i::detail::append(file, end);
  CHECK(i::parse_npz(file) == arrays);
  damage::everywhere(file, npz_parse);
}

TEST_CASE("npz: arrays of types that are not read stand beside the others, and are refused when they are asked for") {
  const auto arrays = i::parse_npz(files::npz_types);
  CHECK(arrays.size() == 11);
  CHECK(arrays.at("weight") == arrays::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto check = [&](const char* name, const std::vector<std::size_t>& shape, const char* type) {
    CAPTURE(name);
    const i::NamedArray& array = arrays.at(name);
    CHECK(array.type == i::ArrayType::Other);
    CHECK(array.other_type == type);
    CHECK(array.shape == shape);
    CHECK(array.bytes.empty());
    CHECK(array.elements() == i::detail::product(shape));
    CHECK(damage::evidence_of([&] { array.values<std::uint8_t>(); }) ==
          "an array is \"" + std::string(type) + "\", needed UInt8");
    CHECK(slug_of([&] { array.as<float>(); }) == "file-not-readable");
    CHECK(slug_of([&] { i::format_npy(array); }) == "file-not-writable");
    CHECK(slug_of([&] { i::format_npz({{"x", array}}); }) == "file-not-writable");
  };
  check("mask", {2}, "|b1");
  check("u16", {1, 1}, "<u2");
  check("u32", {1}, "<u4");
  check("u64", {1}, "<u8");
  check("phase", {1}, "<c8");
  check("text", {1}, "<U2");
  check("bytes", {1}, "|S3");
  check("time", {1}, "<M8[s]");
  check("things", {2}, "|O");  // stays pickled
  check("fields", {2}, "[('a', '<f4'), ('b', '<i2', (2,))]");
}

TEST_CASE("npz: a remark after the list does not hide it") {
  auto file = i::format_npz(arrays::small());
  file[file.size() - 2] = std::byte{30};
  i::detail::append(file, "PK\x05\x06 is how the end begins....");
  CHECK(i::parse_npz(file) == arrays::small());
}

TEST_CASE("npz: what lies is refused and says why") {
  CHECK(said_with(0, i::detail::zip_entry, 4) == "");
  CHECK(said_with(0, 0, 4) == "the list of its members is damaged");
  CHECK(said_with(8, 1, 2) == "\"a.npy\" is encrypted");
  CHECK(said_with(10, 12, 2) == "\"a.npy\": its own header differs from the list");
  CHECK(said_with(16, 7, 4) == "\"a.npy\": it is damaged: the checksum differs");
  CHECK(said_with(20, 0x7fffffff, 4) == "\"a.npy\": it ends too early");
  CHECK(said_with(24, 0x7fffffff, 4) == "\"a.npy\": it is not as long as the list says");
  CHECK(said_with(24, 0xffffffff, 4) == "\"a.npy\": it is not as long as the list says");
  CHECK(said_with(42, 0x7fffffff, 4) == "\"a.npy\": it ends too early");
  CHECK(said_with(42, 1, 4) == "\"a.npy\": it does not begin where the list says");
  CHECK(said_with(46, 'b', 1) == "\"b.npy\": its own header differs from the list");
  CHECK(said_with(46 + 4, 'z', 1) == "\"a.npz\": it is no .npy file by its name");
  CHECK(said_with(-8, 0x00020002, 4) == "it ends too early");
  CHECK(said_with(-8, 0x00010002, 4) == "the list of its members is damaged");
  CHECK(said_with(-8, 0, 4) == "the list of its members is damaged");
  CHECK(said_with(-10, 0xffff, 2) == "the list of its members is damaged");
  CHECK(said_with(-16, 0x7fffffff, 4) == "the list of its members is damaged");
  CHECK(npz_said_about({}) == "it is no .npz file, or its end is missing");
}

TEST_CASE("npz: a compressed member cannot claim more than deflate gives") {
  auto file = files::npz_compressed;
  const std::string_view text = i::detail::as_text(file);
  const std::size_t entry = text.find("PK\x01\x02");
  const std::uint32_t size = 0x7fffffff;
  std::memcpy(file.data() + entry + 24, &size, 4);
  CHECK(npz_said_about(file) == "\"stem.weight.npy\": compressed data cannot become as long as the file says");
}

TEST_CASE("npz: members that overlap are refused") {
  auto file = i::format_npz({{"a", arrays::of<float>({1}, {1})}, {"b", arrays::of<float>({1}, {1})}});
  // Both entries name the first member.
  const std::size_t entry = file.size() - 22 - 51;
  const std::uint32_t offset = 0;
  std::memcpy(file.data() + entry + 42, &offset, 4);
  file[entry + 46] = std::byte{'a'};
  CHECK(npz_said_about(file) == "\"a.npy\": it overlaps another member");
}

TEST_CASE("npz: a name that is there twice is refused") {
  auto file = i::format_npz({{"a", arrays::of<float>({1}, {1})}, {"b", arrays::of<float>({1}, {1})}});
  const std::string_view text = i::detail::as_text(file);
  for (std::size_t at = text.find("b.npy"); at != std::string_view::npos; at = text.find("b.npy"))
    file[at] = std::byte{'a'};
  CHECK(npz_said_about(file) == "\"a.npy\": it is there twice");
}

TEST_CASE("npz: what does not fit is not written") {
  auto arrays = arrays::small();
  arrays["c"].bytes.pop_back();
  CHECK(slug_of([&] { i::format_npz(arrays); }) == "shape-mismatch");
  CHECK(slug_of([] { i::format_npz({{"\xff", {}}}); }) == "file-not-writable");
  CHECK(slug_of([] { i::format_npz({{std::string(70000, 'x'), {}}}); }) == "file-not-writable");
}

TEST_CASE("npz: damaged files are read or refused") {
  damage::everywhere(i::format_npz(arrays::small()), npz_parse);
  damage::everywhere(files::npz_saved, npz_parse);
  damage::everywhere(files::npz_compressed, npz_parse);
}
