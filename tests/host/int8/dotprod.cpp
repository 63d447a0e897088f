// SPDX-License-Identifier: Apache-2.0
// Blocks and depthwise convolutions of int8 codes on aarch64 CPUs with sdot, against sums one product at a time.
#include <quench/host/int8/dotprod.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/int8/depthwise_cases.hpp"
#include "host/int8/levels.hpp"

namespace h = quench::host;
TEST_CASE("blocks of int8 codes on aarch64 CPUs with sdot are sums of products, or their codes") {
  if (!levels::has(h::Int8Level::NeonDotprod)) return;
  block_cases::check_int8(0, 0, [](const auto& block) { h::detail::int8_block_arm<h::detail::DotprodKernel>(block); });
}

TEST_CASE("depthwise convolutions of int8 codes on aarch64 CPUs with sdot are sums of products, or their codes") {
  depthwise_cases::check(h::Int8Level::NeonDotprod, [](const auto& layer, h::DepthwiseTaps& taps, auto* y) {
    h::detail::int8_depthwise_arm<h::detail::DotprodKernel>(layer, taps, y);
  });
}
