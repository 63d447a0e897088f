// SPDX-License-Identifier: Apache-2.0
// Elementwise activations, and softmax. ReLU and ReLU6 are clamps at the scale of their input. The others own an output
// scale, so they are called once. Some functions have no value for some x, as PyTorch has none: calibration refuses such
// data, and an integer outside the domain has the value at the end of the domain. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// max(x, 0). Has no scale, so it may be called any number of times.
/// Shapes   x [any] -> y [the same]
struct ReLU {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::ReLU;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// clamp(x, 0, 6). Has no scale, so it may be called any number of times.
/// Shapes   x [any] -> y [the same]
struct ReLU6 {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::ReLU6;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// x where x >= 0, negative_slope * x below.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region, setting-out-of-range (compile time)
struct LeakyReLU {
  float negative_slope = 0.01f;  // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::LeakyReLU;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.parameters[0] = negative_slope;
    return x.call(op, module_index, line, settings);
  }
};

/// 1 / (1 + exp(-x)).
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct Sigmoid {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Sigmoid;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// Hyperbolic tangent.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct Tanh {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Tanh;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// x * sigmoid(x), also known as swish.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct SiLU {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::SiLU;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// x * Phi(x), with the exact normal distribution function Phi.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct GELU {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::GELU;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// x * clamp(x / 6 + 1 / 2, 0, 1).
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct HardSwish {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::HardSwish;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// clamp(alpha * x + beta, 0, 1), with the constants of PyTorch; those of ONNX are alpha 0.2 and beta 0.5.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region, setting-out-of-range (compile time)
struct HardSigmoid {
  float alpha = 1.0f / 6;  // evaluated by the compiler only
  float beta = 0.5f;       // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::HardSigmoid;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.parameters[0] = alpha;
    settings.parameters[1] = beta;
    return x.call(op, module_index, line, settings);
  }
};

/// min(max(x, low), high), with the bounds of PyTorch's Hardtanh. Its output has a scale of its own.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region, setting-out-of-range if high is not above low (compile time)
struct Clamp {
  float low = -1.0f;  // evaluated by the compiler only
  float high = 1.0f;  // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Clamp;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.parameters[0] = low;
    settings.parameters[1] = high;
    return x.call(op, module_index, line, settings);
  }
};

/// x where x > 0, alpha * (exp(x) - 1) below.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region, setting-out-of-range (compile time)
struct ELU {
  float alpha = 1.0f;  // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::ELU;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.parameters[0] = alpha;
    return x.call(op, module_index, line, settings);
  }
};

/// log(1 + exp(beta * x)) / beta; x where beta * x is above the threshold.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region, setting-out-of-range (compile time)
struct Softplus {
  float beta = 1.0f;        // evaluated by the compiler only
  float threshold = 20.0f;  // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Softplus;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.parameters[0] = beta;
    settings.parameters[1] = threshold;
    return x.call(op, module_index, line, settings);
  }
};

/// x * tanh(log(1 + exp(x))).
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct Mish {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Mish;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// The magnitude of x.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct Abs {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Abs;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// x * x.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct Square {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Square;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// exp(x). The float value must be finite, so x is at most 88.7.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time); input-outside-domain (calibration)
struct Exp {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Exp;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// The natural logarithm of x, for x > 0.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time); input-outside-domain (calibration)
struct Log {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Log;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// The square root of x, for x >= 0.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time); input-outside-domain (calibration)
struct Sqrt {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Sqrt;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// 1 / sqrt(x), for x > 0.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time); input-outside-domain (calibration)
struct Rsqrt {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Rsqrt;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// 1 / x, for all x but 0.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time); input-outside-domain (calibration)
struct Reciprocal {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Reciprocal;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// exp(x) / sum(exp(x)) along the last axis; for another axis, permute first.
/// Shapes   x [any] -> y [the same]
/// Errors   module-called-once inside the quantized region (compile time)
struct Softmax {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Softmax;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

}  // namespace quench
