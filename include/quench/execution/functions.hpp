// SPDX-License-Identifier: Apache-2.0
// The functions of one value, in double. Float layers, gradients and integer tables all use them.
//
// A function is one struct here, one row of types/operator.hpp and one layer of network/activations.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include <quench/network/graph.hpp>
#include <quench/network/symbol.hpp>

namespace quench::functions {

/// Where a function is finite. `least` is the end of its domain, at which it may be infinite.
struct Domain {
  std::string_view text;
  double least = -std::numeric_limits<double>::infinity();
};

/// A function that is not finite everywhere.
template <class F>
concept PartlyDefined = requires { F::domain; };

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

/// Equals   torch.nn.Hardtanh; the slope at a bound is 0, where torch.clamp has 1
struct Clamp {
  static constexpr Operator op = Operator::Clamp;
  static double value(double x, const float* p) {
    return std::min(std::max(x, static_cast<double>(p[0])), static_cast<double>(p[1]));
  }
  static double slope(double x, const float* p) {
    return x > static_cast<double>(p[0]) && x < static_cast<double>(p[1]) ? 1 : 0;
  }
};

/// Equals   torch.nn.ELU
struct ELU {
  static constexpr Operator op = Operator::ELU;
  static double value(double x, const float* p) { return x > 0 ? x : static_cast<double>(p[0]) * std::expm1(x); }
  static double slope(double x, const float* p) { return x > 0 ? 1 : static_cast<double>(p[0]) * std::exp(x); }
};

/// Equals   torch.nn.Softplus
struct Softplus {
  static constexpr Operator op = Operator::Softplus;
  static double value(double x, const float* p) {
    const double beta = static_cast<double>(p[0]);
    return beta * x > static_cast<double>(p[1]) ? x : std::log1p(std::exp(beta * x)) / beta;
  }
  static double slope(double x, const float* p) {
    const double of_beta = static_cast<double>(p[0]) * x;
    return of_beta > static_cast<double>(p[1]) ? 1 : Sigmoid::value(of_beta, p);
  }
};

/// Equals   torch.nn.Mish
struct Mish {
  static constexpr Operator op = Operator::Mish;
  static double value(double x, const float*) { return x * std::tanh(softplus(x)); }
  static double slope(double x, const float* p) {
    const double t = std::tanh(softplus(x));
    return t + x * (1 - t * t) * Sigmoid::value(x, p);
  }

 private:
  static double softplus(double x) { return x > 40 ? x : std::log1p(std::exp(x)); }
};

/// Equals   torch.abs
struct Abs {
  static constexpr Operator op = Operator::Abs;
  static double value(double x, const float*) { return std::abs(x); }
  static double slope(double x, const float*) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
};

/// Equals   torch.square
struct Square {
  static constexpr Operator op = Operator::Square;
  static double value(double x, const float*) { return x * x; }
  static double slope(double x, const float*) { return 2 * x; }
};

// The functions that follow are finite in their domain alone. Their slopes are finite everywhere: 0 where PyTorch's is
// NaN or infinite, and for Exp that of 88.7 above it.

/// Equals   torch.exp
struct Exp {
  static constexpr Operator op = Operator::Exp;
  static constexpr Domain domain{"x <= 88.7"};
  static double value(double x, const float*) { return std::exp(x); }
  static double slope(double x, const float*) { return std::exp(std::min(x, 88.7)); }
};

/// Equals   torch.log
struct Log {
  static constexpr Operator op = Operator::Log;
  static constexpr Domain domain{"x > 0", 0};
  static double value(double x, const float*) { return std::log(x); }
  static double slope(double x, const float*) { return x > 0 ? 1 / x : 0; }
};

/// Equals   torch.sqrt
struct Sqrt {
  static constexpr Operator op = Operator::Sqrt;
  static constexpr Domain domain{"x >= 0", 0};
  static double value(double x, const float*) { return std::sqrt(x); }
  static double slope(double x, const float*) { return x > 0 ? 0.5 / std::sqrt(x) : 0; }
};

/// Equals   torch.rsqrt
struct Rsqrt {
  static constexpr Operator op = Operator::Rsqrt;
  static constexpr Domain domain{"x > 0", 0};
  static double value(double x, const float*) { return 1 / std::sqrt(x); }
  static double slope(double x, const float*) { return x > 0 ? -0.5 / (x * std::sqrt(x)) : 0; }
};

/// Equals   torch.reciprocal
struct Reciprocal {
  static constexpr Operator op = Operator::Reciprocal;
  static constexpr Domain domain{"x != 0"};
  static double value(double x, const float*) { return 1 / x; }
  static double slope(double x, const float*) { return x == 0 ? 0 : -1 / (x * x); }
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
using All = List<LeakyReLU, Sigmoid, Tanh, SiLU, GELU, HardSwish, HardSigmoid, Clamp, ELU, Softplus, Mish, Abs, Square,
                 Exp, Log, Sqrt, Rsqrt, Reciprocal>;
static_assert(All::is_complete(), "each operator of Family::Function has one struct in the list");

}  // namespace quench::functions

namespace quench::execution {

/// The real value. NaN or infinite outside the domain, as in PyTorch.
inline double function_value(const Node& node, double x) {
  double y = x;
  functions::All::visit(node.op, [&]<class F>() { y = F::value(x, node.settings.parameters); });
  return y;
}

/// The value that integers get: below the domain that of the end of the domain, perhaps infinite, and never NaN.
inline double function_value_of_code(const Node& node, double x) {
  functions::All::visit(node.op, [&]<class F>() {
    if constexpr (functions::PartlyDefined<F>) x = std::max(x, F::domain.least);
  });
  return function_value(node, x);
}

/// Where a function is finite; "" if it is finite everywhere.
inline std::string_view function_domain(Operator op) {
  std::string_view text;
  functions::All::visit(op, [&]<class F>() {
    if constexpr (functions::PartlyDefined<F>) text = F::domain.text;
  });
  return text;
}

inline double function_slope(const Node& node, double x) {
  double slope = 1;
  functions::All::visit(node.op, [&]<class F>() { slope = F::slope(x, node.settings.parameters); });
  return slope;
}

}  // namespace quench::execution
