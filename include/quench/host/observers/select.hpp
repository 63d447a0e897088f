// SPDX-License-Identifier: Apache-2.0
// The k-th smallest of many floats.
//
// Floats are treated as integers in the order of their values. The values between the least and the greatest are
// counted in 4096 bins of equal width. The values of the bin with the k-th are gathered and treated the same way. Each
// round takes 12 bits off the width, so there are at most three; ordinary data leave little for the second.
#pragma once

#include <cstddef>
#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/host/isa.hpp>

namespace quench::host {

/// The k-th smallest value, k from 0. -0 is less than +0.
/// Errors   none: x has more than k values, none of them NaN
/// Equals   the value at k after sorting
float kth_smallest(std::span<const float> x, std::size_t k, Isa isa = best_isa());

}  // namespace quench::host

#if QUENCH_HEADER_ONLY
#include <quench/host/observers/select_impl.hpp>
#endif
