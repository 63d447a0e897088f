// SPDX-License-Identifier: Apache-2.0
// Rows of pixels of int16 codes on AVX-512; and what each instruction set runs for blocks and rows, against sums one
// product at a time.
#include <quench/host/int16/avx512.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/int16/row_cases.hpp"
#include "host/int8/levels.hpp"
#include "host/isas.hpp"

namespace h = quench::host;

TEST_CASE("kernels of int16 codes on AVX-512 need VNNI, as those of int8 codes do") {
  const bool has_vnni = levels::has(h::Int8Level::Avx512Vnni);
  CHECK(h::detail::has_int16_avx512() == has_vnni);
}

TEST_CASE("rows of pixels of int16 codes on AVX-512 are sums of products") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  row_cases::check(true, [](const h::Int16Row& row, std::int32_t* y) { h::detail::int16_row_avx512(row, y); });
}

TEST_CASE("each instruction set runs kernels of int16 codes that give sums of products") {
  for (const h::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    block_cases::check_int16([isa](const h::Int16Block& block) { h::detail::int16_block(block, isa); });
    row_cases::check(isa != h::Isa::Baseline,
                     [isa](const h::Int16Row& row, std::int32_t* y) { h::detail::int16_row(row, y, isa); });
  }
}
