// SPDX-License-Identifier: Apache-2.0
// ReLU and ReLU6 that are not fused into the operator before them: codes are clamped without a change of scale.
//
// Zero is the code 0, so ReLU is the same at every scale. The caller gives the code of 6: min(round(6 / s), largest).
// Freestanding.
#pragma once

#include <cstdint>

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// Codes clamped to [low, high].
/// Shapes   x [count] -> y [count]
/// Units    int8, int16 or int32, all at the scale of x; low <= high
/// Errors   none; y may be x
/// Equals   relu: clamp(x, 0, largest code); relu6: clamp(x, 0, the code of 6)
/// Source   nash.md section 4
template <class T>
constexpr void clamp(const T* x, T* y, int count, T low, T high) {
  for (int i = 0; i < count; ++i) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

/// max(x, 0).
template <class T>
constexpr void relu(const T* x, T* y, int count) {
  for (int i = 0; i < count; ++i) y[i] = x[i] < 0 ? T{0} : x[i];
}

/// min(max(x, 0), six), where `six` is the code of 6.
template <class T>
constexpr void relu6(const T* x, T* y, int count, T six) {
  clamp(x, y, count, T{0}, six);
}

}  // namespace quench::kernels
