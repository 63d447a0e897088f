// SPDX-License-Identifier: Apache-2.0
// Blocks and depthwise convolutions of int8 codes on AVX2, with and without AVX-VNNI, against sums one product at a time.
#include <quench/host/int8/avx2.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/int8/depthwise_cases.hpp"
#include "host/int8/levels.hpp"

namespace h = quench::host;
using h::Int8Level;

TEST_CASE("blocks of int8 codes on AVX2 are sums of products, or their codes") {
  if (levels::has(Int8Level::Avx2))
    block_cases::check_int8(128, 0, [](const auto& block) { h::detail::block_avx2<h::detail::PairSums>(block); });
  if (levels::has(Int8Level::AvxVnni))
    block_cases::check_int8(128, 0, [](const auto& block) { h::detail::block_avx2<h::detail::VnniSums>(block); });
}

TEST_CASE("depthwise convolutions of int8 codes on AVX2 are sums of products, or their codes") {
  depthwise_cases::check(Int8Level::Avx2, [](const auto& layer, h::DepthwiseTaps& taps, auto* y) {
    h::detail::int8_depthwise_avx2<h::detail::PairSums>(layer, taps, y);
  });
  depthwise_cases::check(Int8Level::AvxVnni, [](const auto& layer, h::DepthwiseTaps& taps, auto* y) {
    h::detail::int8_depthwise_avx2<h::detail::VnniSums>(layer, taps, y);
  });
}
