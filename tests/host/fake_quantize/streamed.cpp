// SPDX-License-Identifier: Apache-2.0
// Results that are written past the caches, beside one value at a time.
#include <quench/host/fake_quantize/streamed.hpp>

#include <doctest/doctest.h>

#include "host/fake_quantize/loops.hpp"

using namespace loops;

TEST_CASE("large results, which are written past the caches, are the same") {
  const unsigned seed = 20261124;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const CodeRange int8 = quench::code_range(quench::DType::Int8);
  constexpr std::size_t least = host::detail::streaming_size;
  for (const ChannelLayout layout :
       {ChannelLayout{1, 1, least + 5}, {least / 61 / 3 + 1, 61, 3}, {least / 650, 10, 65}})
    check_all(layout, int8, 3, random);
}
