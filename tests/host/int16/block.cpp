// SPDX-License-Identifier: Apache-2.0
// Blocks of int16 codes against sums one product at a time, on every instruction set.
#include <quench/host/int16/block.hpp>

#include <doctest/doctest.h>

#include <quench/host/int16/avx2.hpp>
#include <quench/host/int16/avx512.hpp>

#include "host/block_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;

TEST_CASE("blocks of int16 codes are sums of products, for any number of pixels, channels and codes") {
  CAPTURE(conv_cases::seed);
  conv_cases::Random random;
  block_cases::for_sizes(random, [&](block_cases::Size size) {
    const block_cases::Case<std::int16_t> of(random, size);
    const h::Epilogue epilogue = of.epilogue(0);
    for (const h::Isa isa : isas()) {
      CAPTURE(static_cast<int>(isa));
      std::vector<std::int32_t> y(of.sums.size(), 77);
      h::detail::int16_block(of.block(of.x.data(), epilogue, y), isa);
      REQUIRE(y == of.sums);
    }
  });
}
