// SPDX-License-Identifier: Apache-2.0
#include <quench/host/aligned.hpp>

#include <doctest/doctest.h>

#include <cstdint>

TEST_CASE("aligned vectors start at a line, copied, moved and grown") {
  for (std::size_t size = 1; size < 300; size += 7) {
    quench::host::AlignedVector<std::int8_t> bytes(size, std::int8_t{5});
    const auto copy = bytes;
    CHECK(copy == bytes);
    bytes.resize(3 * size, std::int8_t{6});
    CHECK(bytes[size - 1] == 5);
    CHECK(bytes.back() == 6);
    for (const void* data : {static_cast<const void*>(bytes.data()), static_cast<const void*>(copy.data())})
      CHECK(reinterpret_cast<std::uintptr_t>(data) % 64 == 0);
  }
}
