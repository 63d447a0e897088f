// SPDX-License-Identifier: Apache-2.0
// Deflate and gzip: what zlib packs is unpacked, what is damaged or lies is refused.
#include <quench/interop/inflate.hpp>

#include <doctest/doctest.h>

#include <bit>

#include "interop/damage.hpp"
#include "interop/files.hpp"

namespace d = quench::interop::detail;

namespace {

std::vector<std::byte> skewed(std::size_t count) {
  std::vector<std::byte> bytes;
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    bytes.push_back(static_cast<std::byte>(std::popcount(state >> 24)));
  }
  return bytes;
}

std::vector<std::byte> unpacked(const std::vector<std::byte>& packed, std::size_t size) {
  d::Inflated result = d::inflate(packed, size);
  CHECK(result.consumed == packed.size());
  return result.bytes;
}

/// Parsers for damage.hpp, which wants arrays.
quench::interop::NamedArray as_array(std::vector<std::byte> bytes) {
  return {quench::interop::ArrayType::UInt8, {bytes.size()}, std::move(bytes)};
}
auto inflated_to(std::size_t size) {
  return [size](const std::vector<std::byte>& file) { return as_array(d::inflate(file, size).bytes); };
}

/// Bits of a stream, written as text, the first first.
std::string inflate_said_about(std::string_view text, std::size_t size = 0) {
  std::vector<std::byte> bytes((text.size() + 7) / 8);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '1') bytes[i / 8] |= static_cast<std::byte>(1 << i % 8);
  return damage::evidence_of([&] { d::inflate(bytes, size); });
}

}  // namespace

TEST_CASE("each kind of block is unpacked") {
  CHECK(unpacked(files::deflate_stored, 40) == skewed(40));
  CHECK(unpacked(files::deflate_fixed, 40) == skewed(40));
  CHECK(unpacked(files::deflate_dynamic, 800) == skewed(800));
  CHECK(unpacked(files::deflate_run, 10000) == std::vector<std::byte>(10000, std::byte{'a'}));
  auto parts = skewed(40);
  parts.insert(parts.end(), 70, std::byte{'b'});
  CHECK(unpacked(files::deflate_blocks, 110) == parts);
}

TEST_CASE("what stands after the stream is left alone") {
  auto longer = files::deflate_dynamic;
  longer.insert(longer.end(), 20, std::byte{0xff});
  CHECK(d::inflate(longer, 800).consumed == files::deflate_dynamic.size());
}

TEST_CASE("another size than was said is refused, an impossible one before memory is taken") {
  for (const auto* file : {&files::deflate_stored, &files::deflate_fixed}) {
    CHECK(damage::evidence_of([&] { d::inflate(*file, 39); }) == "the compressed data are longer than the file says");
    CHECK(damage::evidence_of([&] { d::inflate(*file, 41); }) == "the compressed data are shorter than the file says");
  }
  CHECK(damage::evidence_of([] { d::inflate(files::deflate_run, 9999); }) ==
        "the compressed data are longer than the file says");
  CHECK(damage::evidence_of([] { d::inflate(files::deflate_run, static_cast<std::size_t>(-1)); }) ==
        "compressed data cannot become as long as the file says");
}

TEST_CASE("streams that are none are refused") {
  CHECK(inflate_said_about("1"
                           "10"
                           "0000000") == "");  // a block of fixed codes that ends at once
  // zlib says what is wrong with a block: here a kind of block that there is not, and a copy from before the beginning.
  CHECK(inflate_said_about("1"
                           "11") == "the compressed data are damaged: invalid block type");
  CHECK(inflate_said_about("1"
                           "10"
                           "0000001"
                           "00000",
                           9) == "the compressed data are damaged: invalid distance too far back");
  CHECK(inflate_said_about("") == "the compressed data end too early");
  auto cut = files::deflate_dynamic;
  cut.pop_back();
  CHECK(damage::evidence_of([&] { d::inflate(cut, 800); }) == "the compressed data end too early");
}

TEST_CASE("gzip files with every field of the header are unpacked") {
  CHECK(d::as_text(d::gunzip(files::gzip_everything)) == "hello hello hello");
  CHECK(d::is_gzip(files::gzip_everything));
  CHECK_FALSE(d::is_gzip(files::idx_bytes));
  CHECK_FALSE(d::is_gzip({}));
  auto twice = files::idx_gzip;
  twice.insert(twice.end(), files::idx_gzip.begin(), files::idx_gzip.end());
  CHECK(d::gunzip(twice).size() == 2 * files::idx_bytes.size());
  twice.push_back(std::byte{1});
  CHECK(damage::evidence_of([&] { d::gunzip(twice); }) == "there is more after the end of the compressed data");
}

TEST_CASE("gzip files of several members, and with zeros after the last, are unpacked") {
  CHECK(d::as_text(d::gunzip(files::gzip_members)) == "hello again");
  CHECK(d::as_text(d::gunzip(files::gzip_padded)) == "hello");
  auto apart = files::gzip_padded;
  apart.insert(apart.end(), files::gzip_padded.begin(), files::gzip_padded.end());
  CHECK(d::as_text(d::gunzip(apart)) == "hellohello");
}

TEST_CASE("damaged streams are unpacked or refused") {
  damage::everywhere(files::deflate_stored, inflated_to(40));
  damage::everywhere(files::deflate_fixed, inflated_to(40));
  damage::everywhere(files::deflate_dynamic, inflated_to(800));
  damage::everywhere(files::deflate_run, inflated_to(10000));
  const auto unpacked = [](const std::vector<std::byte>& file) { return as_array(d::gunzip(file)); };
  damage::everywhere(files::gzip_everything, unpacked);
}
