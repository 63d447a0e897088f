// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/hash.hpp>

#include <doctest/doctest.h>

namespace {

// The vectors of the authors of FNV: the bytes of the text, and here a zero after them.
constexpr std::uint64_t hash_of_bytes(quench::TextView text) {
  quench::ground::Hash hash;
  for (const char c : text) hash.add_byte(static_cast<unsigned char>(c));
  return hash.value;
}

}  // namespace

TEST_CASE("the hash is FNV-1a") {
  static_assert(hash_of_bytes("") == 0xcbf29ce484222325u);
  static_assert(hash_of_bytes("a") == 0xaf63dc4c8601ec8cu);
  static_assert(hash_of_bytes("foobar") == 0x85944171f73967e8u);
  constexpr std::uint64_t numbers[] = {0ull, 1ull, 255ull, 256ull, 0xffffull, 0x10000ull, 0x0123456789abcdefull, ~0ull};
  for (const std::uint64_t number : numbers) {
    quench::ground::Hash whole, bytes;
    whole.add(number);
    for (int byte = 0; byte < 8; ++byte) bytes.add_byte(static_cast<unsigned char>(number >> (8 * byte)));
    CHECK(whole.value == bytes.value);
  }
  quench::ground::Hash zeros, bulk;
  for (int i = 0; i < 18; ++i) zeros.add(std::uint64_t{0});
  bulk.add_zeros<18>();
  CHECK(zeros.value == bulk.value);
  quench::ground::Hash first, second;
  first.add(quench::TextView("ab"));
  first.add(quench::TextView("c"));
  second.add(quench::TextView("a"));
  second.add(quench::TextView("bc"));
  CHECK(first.value != second.value);
}
