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
  quench::ground::Hash first, second;
  first.add(quench::TextView("ab"));
  first.add(quench::TextView("c"));
  second.add(quench::TextView("a"));
  second.add(quench::TextView("bc"));
  CHECK(first.value != second.value);
}
