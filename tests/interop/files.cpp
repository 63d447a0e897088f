// SPDX-License-Identifier: Apache-2.0
// Files of named arrays: exact round trips, files that NumPy wrote, and files that are damaged.
#include <quench/interop/npz.hpp>
#include <quench/interop/safetensors.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace i = quench::interop;

namespace {

i::NamedArrays many_arrays() {
  const std::vector<float> floats{1.5f, -0.0f, std::numeric_limits<float>::quiet_NaN(), 3e38f, 1e-45f, 7};
  const std::vector<double> doubles{0.1, -2e300};
  const std::vector<std::int8_t> bytes{-128, 127, 0};
  const std::vector<std::uint8_t> unsigned_bytes{255};
  const std::vector<std::int16_t> shorts{-32768, 32767};
  const std::vector<std::int32_t> ints{INT32_MIN, INT32_MAX};
  const std::vector<std::int64_t> longs{INT64_MIN};
  i::NamedArrays arrays;
  arrays["stem.weight"] = i::NamedArray::of<float>({2, 3}, floats);
  arrays["a \"quoted\" \\ name"] = i::NamedArray::of<double>({2}, doubles);
  arrays["int8"] = i::NamedArray::of<std::int8_t>({3, 1}, bytes);
  arrays["uint8"] = i::NamedArray::of<std::uint8_t>({}, unsigned_bytes);
  arrays["int16"] = i::NamedArray::of<std::int16_t>({1, 2}, shorts);
  arrays["int32"] = i::NamedArray::of<std::int32_t>({2}, ints);
  arrays["int64"] = i::NamedArray::of<std::int64_t>({1}, longs);
  arrays["empty"] = i::NamedArray::of<float>({0, 4}, {});
  return arrays;
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// Either arrays, or an Error that says file-not-readable: never anything else.
template <class Parse>
bool reads_or_refuses(const std::string& file, Parse parse) {
  try {
    parse(bytes_of(file));
    return true;
  } catch (const quench::Error& error) {
    return error.slug() == quench::TextView("file-not-readable");
  }
}

template <class Parse>
void damage(const std::string& file, Parse parse) {
  for (std::size_t size = 0; size < file.size(); ++size) {
    // A copy of that very size, so that a sanitizer sees a read behind it.
    const std::string cut(file.data(), size);
    bool refused = false;
    try {
      parse(bytes_of(cut));
    } catch (const quench::Error&) {
      refused = true;
    }
    REQUIRE(refused);
  }
  for (std::size_t at = 0; at < file.size(); ++at)
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff, 0x7b, 0x22, 0x39, 0x2c}) {
      std::string changed = file;
      changed[at] = static_cast<char>(value);
      REQUIRE(reads_or_refuses(changed, parse));
    }
}

// numpy.savez(file, w=numpy.asfortranarray([[1, 2, 3], [4, 5, 6]], dtype="<f4"), h=numpy.float16([1.5, -2, 6e-8])),
// NumPy 1.24, the arrays only.
const std::string fortran = std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                            "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }" + std::string(59, ' ') + "\n" +
                            std::string(
                                "\x00\x00\x80\x3f\x00\x00\x80\x40\x00\x00\x00\x40\x00\x00\xa0\x40\x00\x00\x40\x40"
                                "\x00\x00\xc0\x40",
                                24);
const std::string half = std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                         "{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }" + std::string(60, ' ') + "\n" +
                         std::string("\x00\x3e\x00\xc0\x01\x00", 6);

}  // namespace

TEST_CASE("arrays of every type come back from both formats bit for bit") {
  const i::NamedArrays arrays = many_arrays();
  CHECK(i::parse_safetensors(bytes_of(i::format_safetensors(arrays))) == arrays);
  CHECK(i::parse_npz(bytes_of(i::format_npz(arrays))) == arrays);
  CHECK(i::parse_safetensors(bytes_of(i::format_safetensors({}))).empty());
  CHECK(i::parse_npz(bytes_of(i::format_npz({}))).empty());
}

TEST_CASE("what NumPy writes in Fortran order and in half precision is read") {
  const i::NamedArray w = i::parse_npy(bytes_of(fortran));
  CHECK(w.shape == std::vector<std::size_t>{2, 3});
  CHECK(w.values<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(i::parse_npy(bytes_of(half)).values<float>() == std::vector<float>{1.5f, -2, 0x1p-24f});
}

TEST_CASE("halves and bfloat16 of safetensors become floats") {
  const std::string header =
      R"({"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}})";
  std::string file;
  i::detail::append_number(file, static_cast<std::uint64_t>(header.size()));
  file += header;
  for (const int bits : {0x3c00, 0x7c00, 0x8001, 0xfbff, 0x3f80, 0xc049})
    i::detail::append_number(file, static_cast<std::uint16_t>(bits));
  const auto arrays = i::parse_safetensors(bytes_of(file));
  CHECK(arrays.at("h").values<float>() ==
        std::vector<float>{1, std::numeric_limits<float>::infinity(), -0x1p-24f, -65504});
  CHECK(arrays.at("b").values<float>() == std::vector<float>{1, -3.140625f});
}

TEST_CASE("damaged files are refused or read, never anything else") {
  damage(i::format_safetensors(many_arrays()), i::parse_safetensors);
  damage(i::format_npz(many_arrays()), i::parse_npz);
  damage(fortran, [](std::span<const std::byte> bytes) { i::parse_npy(bytes); });
}

TEST_CASE("hostile headers are refused before memory is taken") {
  const auto refused = [](const std::string& header) {
    std::string file;
    i::detail::append_number(file, static_cast<std::uint64_t>(header.size()));
    try {
      i::parse_safetensors(bytes_of(file + header + "12345678"));
    } catch (const quench::Error&) {
      return true;
    }
    return false;
  };
  CHECK(refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})"));
  CHECK(refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})"));
  CHECK(refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}})"));
  CHECK(refused(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})"));
  CHECK(refused(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})"));
  CHECK(refused(
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"));
  CHECK(refused(R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})"));
  CHECK(!refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"));
}

TEST_CASE("files are written whole, and a file that is not there is refused by name") {
  const auto folder = std::filesystem::temp_directory_path();
  const auto path = folder / "quench_files_test.safetensors", other = folder / "quench_files_test.npz";
  i::write_safetensors(path, many_arrays());
  i::write_npz(other, many_arrays());
  CHECK(i::read_safetensors(path) == many_arrays());
  CHECK(i::read_npz(other) == many_arrays());
  std::filesystem::remove(path);
  std::filesystem::remove(other);
  try {
    i::read_safetensors(path);
    FAIL("nothing was thrown");
  } catch (const quench::Error& error) {
    CHECK(error.evidence().find(path.string()) != std::string::npos);
  }
  CHECK_THROWS_AS(i::write_npz(folder / "no such folder" / "x.npz", many_arrays()), quench::Error);
}
