// SPDX-License-Identifier: Apache-2.0
// Blocks on AVX-512 against sums one product at a time.
#include <quench/host/integer/avx512.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/int8/levels.hpp"

namespace h = quench::host;

TEST_CASE("blocks of int8 codes on AVX-512 are sums of products, or their codes") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  block_cases::check_int8(128, 17, [](const auto& block) { h::detail::block_avx512(block); });
}

TEST_CASE("blocks of int16 codes on AVX-512 are sums of products") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  block_cases::check_int16([](const auto& block) { h::detail::block_avx512(block); });
}
