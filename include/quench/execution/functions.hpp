// SPDX-License-Identifier: Apache-2.0
// The functions of one value, in double. Float layers, gradients and integer tables all use them.
//
// A function is one struct here, one row of types/operator.hpp and one layer of network/activations.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include <quench/network/graph.hpp>
#include <quench/network/symbol.hpp>

namespace quench::functions {

// Each has its operator, its value and its slope at x. `p` are the settings that the operator's row names. At a corner
// the slope is that of PyTorch.

/// Equals   torch.nn.LeakyReLU
struct LeakyReLU {
  static constexpr Operator op = Operator::LeakyReLU;
  static double value(double x, const float* p) { return x < 0 ? x * static_cast<double>(p[0]) : x; }
  static double slope(double x, const float* p) { return x > 0 ? 1 : static_cast<double>(p[0]); }
};

/// Equals   torch.nn.Sigmoid
struct Sigmoid {
  static constexpr Operator op = Operator::Sigmoid;
  static double value(double x, const float*) { return 1 / (1 + std::exp(-x)); }
  static double slope(double x, const float* p) {
    const double y = value(x, p);
    return y * (1 - y);
  }
};

/// Equals   torch.nn.Tanh
struct Tanh {
  static constexpr Operator op = Operator::Tanh;
  static double value(double x, const float*) { return std::tanh(x); }
  static double slope(double x, const float* p) {
    const double y = value(x, p);
    return 1 - y * y;
  }
};

/// Equals   torch.nn.SiLU
struct SiLU {
  static constexpr Operator op = Operator::SiLU;
  static double value(double x, const float*) { return x / (1 + std::exp(-x)); }
  static double slope(double x, const float* p) {
    const double s = Sigmoid::value(x, p);
    return s * (1 + x * (1 - s));
  }
};

/// Equals   torch.nn.GELU, by the error function
struct GELU {
  static constexpr Operator op = Operator::GELU;
  static double value(double x, const float*) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }
  static double slope(double x, const float*) {
    constexpr double root_of_two_pi = 2.50662827463100050242;
    return (1 + std::erf(x / std::sqrt(2.0))) / 2 + x * std::exp(-x * x / 2) / root_of_two_pi;
  }
};

/// Equals   torch.nn.Hardswish, onnx HardSwish
struct HardSwish {
  static constexpr Operator op = Operator::HardSwish;
  static double value(double x, const float*) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }
  static double slope(double x, const float*) { return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5; }
};

/// Equals   torch.nn.Hardsigmoid for 1 / 6 and 1 / 2, onnx HardSigmoid for any alpha and beta
struct HardSigmoid {
  static constexpr Operator op = Operator::HardSigmoid;
  static double value(double x, const float* p) { return std::clamp(line(x, p), 0.0, 1.0); }
  static double slope(double x, const float* p) {
    return line(x, p) > 0 && line(x, p) < 1 ? static_cast<double>(p[0]) : 0;
  }

 private:
  static double line(double x, const float* p) { return static_cast<double>(p[0]) * x + static_cast<double>(p[1]); }
};

/// A list of functions of one value.
template <class... F>
struct List {
  /// Calls f<Function>() with the function of an operator.
  template <class Call>
  static constexpr void visit(Operator op, Call call) {
    (static_cast<void>(op == F::op && (call.template operator()<F>(), true)), ...);
  }
  static constexpr bool is_complete() {
    for (const OperatorRow& row : OperatorRows::of)
      if (((row.op == F::op) + ...) != (row.family == Family::Function ? 1 : 0)) return false;
    return true;
  }
};

/// Every function of one value.
using All = List<LeakyReLU, Sigmoid, Tanh, SiLU, GELU, HardSwish, HardSigmoid>;
static_assert(All::is_complete(), "each operator of Family::Function has one struct in the list");

}  // namespace quench::functions

namespace quench::execution {

inline double function_value(const Node& node, double x) {
  double y = x;
  functions::All::visit(node.op, [&]<class F>() { y = F::value(x, node.settings.parameters); });
  return y;
}

inline double function_slope(const Node& node, double x) {
  double slope = 1;
  functions::All::visit(node.op, [&]<class F>() { slope = F::slope(x, node.settings.parameters); });
  return slope;
}

}  // namespace quench::execution
