// SPDX-License-Identifier: Apache-2.0
// IDX: every type, plain and packed; Fashion-MNIST itself where it is installed; what is damaged or lies.
#include <quench/interop/idx.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "interop/damage.hpp"
#include "interop/files.hpp"

namespace i = quench::interop;

namespace {

const auto idx_parse = [](const std::vector<std::byte>& file) { return i::parse_idx(file); };

std::string idx_said_about(std::string_view text) {
  return damage::evidence_of([&] { i::parse_idx(files::bytes_of(text)); });
}

}  // namespace

TEST_CASE("idx: arrays of each type are read") {
  const auto small = arrays::of<std::uint8_t>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(i::parse_idx(files::idx_bytes) == small);
  CHECK(i::parse_idx(files::idx_gzip) == small);
  CHECK(i::parse_idx(files::idx_gzip_members) == small);  // and zeros after them
  CHECK(i::parse_idx(files::idx_signed) == arrays::of<std::int8_t>({2}, {-1, 127}));
  CHECK(i::parse_idx(files::idx_shorts) == arrays::of<std::int16_t>({2}, {-2, 300}));
  CHECK(i::parse_idx(files::idx_ints) == arrays::of<std::int32_t>({2}, {-3, 70000}));
  CHECK(i::parse_idx(files::idx_floats) == arrays::of<float>({2}, {1.5f, -2}));
  CHECK(i::parse_idx(files::idx_doubles) == arrays::of<double>({1}, {0.1}));
}

TEST_CASE("idx: headers that lie are refused and say why") {
  CHECK(idx_said_about({"\0\0\x08\0a", 5}) == "");  // one byte, of no axes
  CHECK(idx_said_about({"\0\0\x08\0", 4}) == "its shape [] needs 1 bytes, there are 0");
  CHECK(idx_said_about({"\0\0\x08\1\0\0\0\2a", 9}) == "its shape [2] needs 2 bytes, there are 1");
  CHECK(idx_said_about({"\0\0\x0b\1\0\0\0\2abc", 11}) == "its shape [2] needs 4 bytes, there are 3");
  CHECK(idx_said_about({"\0\0\x08\3\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\2", 16})
            .ends_with("is larger than any memory"));
  CHECK(idx_said_about({"\0\0\x0a\1\0\0\0\0", 8}) == "it is no IDX file, or its type 10 is unknown");
  CHECK(idx_said_about({"\0\0\x08\xff\0\0\0\0", 8}) == "it ends too early");
  CHECK(idx_said_about("<html>") == "it is no IDX file");
  CHECK(idx_said_about("") == "it ends too early");
}

TEST_CASE("idx: damaged files are read or refused") {
  damage::everywhere(files::idx_bytes, idx_parse);
  damage::everywhere(files::idx_doubles, idx_parse);
  damage::everywhere(files::idx_gzip, idx_parse);
}

TEST_CASE("idx: of a shape with many axes, a message shows the first and their number") {
  std::vector<std::byte> file{std::byte{0}, std::byte{0}, std::byte{8}, std::byte{185}};
  file.resize(4 + 4 * 185);
  CHECK(damage::evidence_of([&] { i::parse_idx(file); }) == "");
  file.push_back(std::byte{1});
  CHECK(damage::evidence_of([&] { i::parse_idx(file); }) ==
        "its shape [0, 0, 0, 0, 0, 0, 0, 0, ...] of 185 axes needs 0 bytes, there are 1");
}

TEST_CASE("idx: Fashion-MNIST is read as its package has it") {
  const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
  const auto images_of = [&](const char* part) { return folder / (std::string(part) + "-images-idx3-ubyte.gz"); };
  if (!std::filesystem::exists(images_of("train"))) {
    MESSAGE("the package dataset-fashion-mnist is not installed: its files are left out");
    return;
  }
  for (const auto& [part, count] : {std::pair<const char*, std::size_t>{"t10k", 10000}, {"train", 60000}}) {
    const auto images = i::read_idx(images_of(part));
    const auto labels = i::read_idx(folder / (std::string(part) + "-labels-idx1-ubyte.gz"));
    CHECK(images.type == i::ArrayType::UInt8);
    CHECK(images.shape == std::vector<std::size_t>{count, 28, 28});
    CHECK(labels.shape == std::vector<std::size_t>{count});
    std::vector<std::size_t> of_class(10);
    for (const std::uint8_t label : labels.as<std::uint8_t>()) ++of_class.at(label);
    CHECK(of_class == std::vector<std::size_t>(10, count / 10));
  }
}
