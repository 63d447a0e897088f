// SPDX-License-Identifier: Apache-2.0
// The straight-through gradient in place: through the rounding of an activation and the ReLU fused into it.
#pragma once

#include <limits>

#include <quench/host/dispatch.hpp>
#include <quench/host/fake_quantize/rounding.hpp>

namespace quench::host {

namespace detail {

struct StraightThroughLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, float* __restrict g, std::size_t count,
                                         float reciprocal, InsideLimits inside, float low, float high) {
    for (std::size_t i = 0; i < count; ++i) {
      const float scaled = x[i] * reciprocal;
      const bool is_inside = (scaled >= inside.low) & (scaled <= inside.high) & (x[i] > low) & (x[i] < high);
      g[i] = is_inside ? g[i] : 0.0f;
    }
  }
};

}  // namespace detail

/// g = 0 except where x is inside the codes at a scale and low < x < high. x is not NaN.
/// Equals   fake_quantize_backward, and 0 outside (low, high)
inline void straight_through(const float* x, float* g, std::size_t count, float scale, CodeLimits codes,
                             float low = -std::numeric_limits<float>::infinity(),
                             float high = std::numeric_limits<float>::infinity(), Isa isa = best_isa()) {
  run_for<detail::StraightThroughLoop>(isa, x, g, count, 1 / scale, detail::InsideLimits(codes), low, high);
}

}  // namespace quench::host
