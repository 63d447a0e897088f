// SPDX-License-Identifier: Apache-2.0
// Loops over float values for training, vectorised by compilers for each CPU (dispatch.hpp).
#pragma once

#include <quench/host/dispatch.hpp>

namespace quench::host {

namespace detail {

struct ClampLoop {
  [[gnu::always_inline]] static void run(const float* x, float* y, std::size_t count, float high) {
    for (std::size_t i = 0; i < count; ++i) {
      const float positive = x[i] < 0 ? 0.0f : x[i];
      y[i] = positive > high ? high : positive;
    }
  }
};

struct ClampGradientLoop {
  [[gnu::always_inline]] static void run(const float* __restrict y, const float* __restrict gy, float* __restrict gx,
                                         std::size_t count, float high) {
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_inside = (y[i] > 0) & (y[i] < high);
      gx[i] += is_inside ? gy[i] : 0.0f;
    }
  }
};

struct MaskLoop {
  [[gnu::always_inline]] static void run(const float* __restrict y, float* __restrict g, std::size_t count,
                                         float high) {
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_inside = (y[i] > 0) & (y[i] < high);
      g[i] = is_inside ? g[i] : 0.0f;
    }
  }
};

struct AddLoop {
  [[gnu::always_inline]] static void run(const float* a, const float* b, float* y, std::size_t count, float low) {
    for (std::size_t i = 0; i < count; ++i) {
      const float sum = a[i] + b[i];
      y[i] = sum < low ? low : sum;
    }
  }
};

struct AccumulateLoop {
  [[gnu::always_inline]] static void run(const float* __restrict x, float* __restrict y, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) y[i] += x[i];
  }
};

}  // namespace detail

/// y = min(max(x, 0), high). NaN stays NaN.
inline void float_clamp(const float* x, float* y, std::size_t count, float high) {
  dispatch<detail::ClampLoop>(x, y, count, high);
}
/// gx += gy where 0 < y < high.
inline void float_clamp_gradient(const float* y, const float* gy, float* gx, std::size_t count, float high) {
  dispatch<detail::ClampGradientLoop>(y, gy, gx, count, high);
}
/// g = 0 except where 0 < y < high.
inline void float_clamp_mask(const float* y, float* g, std::size_t count, float high) {
  dispatch<detail::MaskLoop>(y, g, count, high);
}
/// y = max(a + b, low).
inline void float_add(const float* a, const float* b, float* y, std::size_t count, float low) {
  dispatch<detail::AddLoop>(a, b, y, count, low);
}
/// y += x.
inline void float_accumulate(const float* x, float* y, std::size_t count) {
  dispatch<detail::AccumulateLoop>(x, y, count);
}

}  // namespace quench::host
