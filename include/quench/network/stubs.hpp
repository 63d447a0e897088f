// SPDX-License-Identifier: Apache-2.0
// The borders of the quantized region. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// Entry of the quantized region: converts a float tensor or a centred image to integer codes.
/// Shapes   x [any] -> y [the same]
/// Units    x: real values, or codes of a centred image; y: int8 or int16 at the stub's own scale (1/128 for images, also
///          moved or resized; a scaled image has other values)
/// Errors   input-not-centered-yuv444, already-quantized, module-called-once (compile time)
struct QuantStub {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::QuantStub;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// Exit of the quantized region: gives real values, code times scale. Has no scale, so one stub may serve all outputs.
/// Shapes   x [any] -> y [the same]
/// Errors   missing-quant-stub (compile time)
struct DeQuantStub {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::DeQuantStub;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

}  // namespace quench
