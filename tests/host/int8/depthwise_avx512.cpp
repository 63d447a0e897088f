// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions of int8 codes on AVX-512 against sums one product at a time.
#include <quench/host/int8/depthwise_avx512.hpp>

#include <doctest/doctest.h>

#include "host/int8/depthwise_cases.hpp"

namespace h = quench::host;

TEST_CASE("depthwise convolutions of int8 codes on AVX-512 are sums of products, or their codes") {
  depthwise_cases::check(h::Int8Level::Avx512Vnni, [](const auto& layer, h::DepthwiseTaps& taps, auto* y) {
    h::detail::int8_depthwise_avx512(layer, taps, y);
  });
}
