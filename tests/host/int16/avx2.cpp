// SPDX-License-Identifier: Apache-2.0
// Blocks and rows of pixels of int16 codes on AVX2 against sums one product at a time.
#include <quench/host/int16/avx2.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/int16/row_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;

TEST_CASE("blocks of int16 codes on AVX2 are sums of products") {
  if (!has(h::Isa::Avx2)) return;
  block_cases::check_int16([](const auto& block) { h::detail::block_avx2<h::detail::Int16Sums>(block); });
}

TEST_CASE("rows of pixels of int16 codes on AVX2 are sums of products") {
  if (!has(h::Isa::Avx2)) return;
  row_cases::check(true, [](const h::Int16Row& row, std::int32_t* y) { h::detail::int16_row_avx2(row, y); });
}
