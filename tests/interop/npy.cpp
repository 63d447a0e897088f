// SPDX-License-Identifier: Apache-2.0
// .npy: exact round trips, what NumPy writes, what is damaged or lies.
#include <quench/interop/npy.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "interop/damage.hpp"
#include "interop/files.hpp"
#include "tensors/throws.hpp"
#include "temporary_folder.hpp"

namespace i = quench::interop;

namespace {

const auto npy_parse = [](const std::vector<std::byte>& file) { return i::parse_npy(file); };

/// What is said about a header before some bytes of data; "" if it is read.
std::string npy_said_about(std::string_view header, std::size_t data = 8) {
  std::vector<std::byte> file;
  i::detail::append(file, std::string_view("\x93NUMPY\x01\x00", 8));
  i::detail::append_little(file, static_cast<std::uint16_t>(header.size()));
  i::detail::append(file, header);
  file.resize(file.size() + data);
  return damage::evidence_of([&] { i::parse_npy(file); });
}
bool npy_says(std::string_view header, std::string_view what) {
  const std::string said = npy_said_about(header);
  CAPTURE(said);
  CHECK(said.find(what) != std::string::npos);
  return said.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("npy: arrays of every type come back bit for bit") {
  for (const auto& [name, array] : arrays::of_every_type()) {
    const auto file = i::format_npy(array);
    CHECK(i::parse_npy(file) == array);
    CHECK((file.size() - array.bytes.size()) % 64 == 0);
  }
  const TemporaryFolder folder;
  const auto path = folder / "test.npy";
  i::write_npy(path, arrays::of<float>({2}, {1, 2}));
  CHECK(i::read_npy(path) == arrays::of<float>({2}, {1, 2}));
  std::filesystem::remove(path);
}

TEST_CASE("npy: what is written is what NumPy writes") {
  CHECK(i::format_npy(arrays::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})) == files::npy_float32);
  CHECK(i::format_npy(arrays::of<double>({}, {0.1})) == files::npy_scalar);
  CHECK(i::format_npy(arrays::of<std::int8_t>({0, 4}, {})) == files::npy_empty);
}

TEST_CASE("npy: what NumPy writes is read") {
  CHECK(i::parse_npy(files::npy_float32) == arrays::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  CHECK(i::parse_npy(files::npy_fortran) ==
        arrays::of<std::int32_t>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  CHECK(i::parse_npy(files::npy_big_endian) == arrays::of<std::int16_t>({3}, {1, -2, 300}));
  CHECK(i::parse_npy(files::npy_big_endian_half) == arrays::of<float>({2}, {1.5f, -2}));
  CHECK(i::parse_npy(files::npy_half) == arrays::of<float>({3}, {1.5f, -2, 0x1p-24f}));
  CHECK(i::parse_npy(files::npy_version_2) == arrays::of<std::int64_t>({3}, {0, 1, 2}));
  CHECK(i::parse_npy(files::npy_version_3) == arrays::of<std::int64_t>({3}, {0, 1, 2}));
}

TEST_CASE("npy: dtypes that are not supported are named") {
  const auto said = [](const std::vector<std::byte>& file) { return damage::evidence_of([&] { i::parse_npy(file); }); };
  CHECK(said(files::npy_complex).starts_with("its dtype is \"<c8\"; supported are float16, "));
  CHECK(said(files::npy_bool).starts_with("its dtype is \"|b1\"; supported are float16, "));
  CHECK(said(files::npy_fields).starts_with("its dtype is \"[('a', '<f4'), ('b', '<i2')]\"; supp"));
}

TEST_CASE("npy: headers that lie are refused and say why") {
  CHECK(npy_said_about("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }") == "");
  CHECK(npy_said_about("{\"shape\":(2L,1L),'descr':'<f4','fortran_order':True}\n") == "");
  CHECK(npy_said_about("{'descr': '<f8', 'fortran_order': True, 'shape': ()}") == "");
  CHECK(
      npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "its shape [3] needs 12 bytes, there are 8"));
  CHECK(
      npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "its shape [1] needs 4 bytes, there are 8"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 2)}", "larger than any"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", "ends in a comma"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "needed a number"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (2,", "needed a number"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}", "needed True or False"));
  CHECK(npy_says("{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}", "its dtype is"));
  CHECK(npy_says("{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}", "its dtype is"));
  CHECK(npy_says("{'descr': '', 'fortran_order': False, 'shape': (2,)}", "its dtype has no name"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False}", "needs one descr"));
  CHECK(npy_says("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "needs one descr"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "no such key"));
  CHECK(npy_says("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x", "more after its end"));
  CHECK(damage::evidence_of([] { i::parse_npy({}); }) == "it is no .npy file");
  auto file = files::npy_float32;
  file[6] = std::byte{4};
  CHECK(damage::evidence_of([&] { i::parse_npy(file); }) == "version 4 of .npy is not supported");
}

TEST_CASE("npy: an array in Fortran's order may have many axes of one element") {
  std::string shape = "2, 1";
  for (int axis = 0; axis < 5000; ++axis) shape += ", 1";
  CHECK(npy_said_about("{'descr': '<f4', 'fortran_order': True, 'shape': (" + shape + ")}") == "");
  CHECK(slug_of([] { i::format_npy(arrays::of<float>(std::vector<std::size_t>(30000, 1), {1})); }) ==
        "file-not-writable");
}

TEST_CASE("npy: an array that does not fit its shape is not written") {
  auto array = arrays::of<float>({2}, {1, 2});
  array.bytes.pop_back();
  CHECK(slug_of([&] { i::format_npy(array); }) == "shape-mismatch");
}

TEST_CASE("npy: damaged files are read or refused") {
  damage::everywhere(files::npy_float32, npy_parse);
  damage::everywhere(files::npy_fortran, npy_parse);
  damage::everywhere(files::npy_big_endian_half, npy_parse);
  damage::everywhere(files::npy_version_2, npy_parse);
}
