// SPDX-License-Identifier: Apache-2.0
// The functions behind lookup tables, in double. Float kernels compute the same functions (training/activations.hpp).
#pragma once

#include <cmath>

#include <quench/network/graph.hpp>

namespace quench::detail {

/// The function of an activation at x.
/// Equals   torch.nn.Sigmoid, Tanh, SiLU, GELU (by the error function), LeakyReLU
inline double function_value(const Node& node, double x) {
  switch (node.op) {
    case Operator::Sigmoid: return 1 / (1 + std::exp(-x));
    case Operator::Tanh: return std::tanh(x);
    case Operator::SiLU: return x / (1 + std::exp(-x));
    case Operator::GELU: return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
    case Operator::LeakyReLU: return x < 0 ? x * static_cast<double>(node.settings.negative_slope) : x;
    default: return x;
  }
}

/// Its derivative.
inline double function_slope(const Node& node, double x) {
  switch (node.op) {
    case Operator::Sigmoid: {
      const double y = 1 / (1 + std::exp(-x));
      return y * (1 - y);
    }
    case Operator::Tanh: {
      const double y = std::tanh(x);
      return 1 - y * y;
    }
    case Operator::SiLU: {
      const double s = 1 / (1 + std::exp(-x));
      return s * (1 + x * (1 - s));
    }
    case Operator::GELU: {
      constexpr double root_of_two_pi = 2.50662827463100050242;
      return (1 + std::erf(x / std::sqrt(2.0))) / 2 + x * std::exp(-x * x / 2) / root_of_two_pi;
    }
    case Operator::LeakyReLU: return x < 0 ? static_cast<double>(node.settings.negative_slope) : 1;
    default: return 1;
  }
}

}  // namespace quench::detail
