// SPDX-License-Identifier: Apache-2.0
// Blocks and depthwise convolutions of int8 codes on any aarch64 CPU, against sums one product at a time.
#include <quench/host/int8/neon.hpp>

#include <doctest/doctest.h>

#include "host/block_cases.hpp"
#include "host/int8/depthwise_cases.hpp"
#include "host/int8/levels.hpp"

namespace h = quench::host;
TEST_CASE("blocks of int8 codes on any aarch64 CPU are sums of products, or their codes") {
  if (!levels::has(h::Int8Level::Neon)) return;
  block_cases::check_int8(0, 0, [](const auto& block) { h::detail::int8_block_arm<h::detail::NeonKernel>(block); });
}

TEST_CASE("depthwise convolutions of int8 codes on any aarch64 CPU are sums of products, or their codes") {
  depthwise_cases::check(h::Int8Level::Neon, [](const auto& layer, h::DepthwiseTaps& taps, auto* y) {
    h::detail::int8_depthwise_arm<h::detail::NeonKernel>(layer, taps, y);
  });
}
