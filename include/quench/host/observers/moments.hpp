// SPDX-License-Identifier: Apache-2.0
// Mean and spread of many floats, in double.
//
// Two passes: the mean first, then the squares of the differences, so that a large mean costs the spread no digits.
// Sums are made in 16 lanes in a fixed order: the result is the same on every CPU.
#pragma once

#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/host/isa.hpp>

namespace quench::host {

/// The mean of some values and the sum of the squares of their distances from it.
struct Moments {
  double size = 0, mean = 0, squares = 0;
};

/// The moments of at least one value.
/// Rounding double, in a fixed order
Moments moments(std::span<const float> x, Isa isa = best_isa());

}  // namespace quench::host

#if QUENCH_HEADER_ONLY
#include <quench/host/observers/moments_impl.hpp>
#endif
