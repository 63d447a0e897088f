// SPDX-License-Identifier: Apache-2.0
// Functions of one value in float, forward and backward: ReLU, ReLU6, the functions of lookup tables, and softmax.
#pragma once

#include <algorithm>
#include <cmath>

#include <quench/execution/functions.hpp>
#include <quench/execution/steps.hpp>
#include <quench/host/float/elementwise.hpp>
#include <quench/training/operand.hpp>

namespace quench::training {

/// max(x, 0), for ReLU6 min(max(x, 0), 6). NaN stays NaN.
inline void relu_forward(const Call& call) {
  host::float_clamp(call.x[0].values, call.y.values, static_cast<std::size_t>(call.size()),
                    execution::upper_bound(call.node->op));
}

inline void relu_backward(const Call& call) {
  host::float_clamp_gradient(call.y.values, call.y.gradient, call.x[0].gradient, static_cast<std::size_t>(call.size()),
                             execution::upper_bound(call.node->op));
}

/// Functions of one value, computed in double.
inline void function_forward(const Call& call) {
  for (std::ptrdiff_t i = 0; i < call.size(); ++i)
    call.y.values[i] =
        static_cast<float>(execution::function_value(*call.node, static_cast<double>(call.x[0].values[i])));
}

inline void function_backward(const Call& call) {
  for (std::ptrdiff_t i = 0; i < call.size(); ++i)
    call.x[0].gradient[i] += call.y.gradient[i] * static_cast<float>(execution::function_slope(
                                                      *call.node, static_cast<double>(call.x[0].values[i])));
}

inline void softmax_forward(const Call& call) {
  const int classes = call.y.shape.channels();
  for (std::ptrdiff_t row = 0; row < call.size(); row += classes) {
    const float* x = call.x[0].values + row;
    float* y = call.y.values + row;
    const float largest = *std::max_element(x, x + classes);
    double sum = 0;
    for (int c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(x[c] - largest));
    for (int c = 0; c < classes; ++c) y[c] = static_cast<float>(std::exp(static_cast<double>(x[c] - largest)) / sum);
  }
}

inline void softmax_backward(const Call& call) {
  const int classes = call.y.shape.channels();
  for (std::ptrdiff_t row = 0; row < call.size(); row += classes) {
    const float *y = call.y.values + row, *gy = call.y.gradient + row;
    double sum = 0;
    for (int c = 0; c < classes; ++c) sum += static_cast<double>(y[c]) * static_cast<double>(gy[c]);
    for (int c = 0; c < classes; ++c) call.x[0].gradient[row + c] += y[c] * (gy[c] - static_cast<float>(sum));
  }
}

}  // namespace quench::training
