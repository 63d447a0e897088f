// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/observers/min_max.hpp>

#include <bit>
#include <span>

#include <quench/host/dispatch.hpp>
#include <quench/host/observers/ordered.hpp>

namespace quench::host {

QUENCH_INLINE MinMax min_max(std::span<const float> x) {
  const detail::OrderedMinMax found = dispatch<detail::MinMaxKernel>(x.data(), x.size());
  return {std::bit_cast<float>(detail::ordered(found.min)), std::bit_cast<float>(detail::ordered(found.max))};
}

}  // namespace quench::host
