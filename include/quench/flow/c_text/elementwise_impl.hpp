// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/c_text/elementwise.hpp>

#include <algorithm>
#include <span>
#include <string>

#include <quench/device/engine.hpp>

namespace quench::detail::c_text {

/// One loop over all elements.
inline void add_map(Step& step, const std::string& code) {
  step.set("code", code);
  step.add("    for (int32_t i = 0; i < $size; ++i) y[i] = $code;\n");
}

/// Loops over two operands; an axis of extent 1 is repeated. `code(a, b)` is the expression of y for those of two codes.
template <class Code>
void add_pairs(Step& step, Code code) {
  const Shape a = step.x_shape(0), b = step.x_shape(1);
  if (a == b) return add_map(step, code("(int32_t)x0[i]", "(int32_t)x1[i]"));
  Shape shape = a;
  for (int axis = 0; axis < shape.rank; ++axis) shape[axis] = std::max(a[axis], b[axis]);
  const Loops loops(shape, 1);
  step.set("code", code("(int32_t)x0[" + place_of(shape, kernels::broadcast_strides(a)) + "]",
                        "(int32_t)x1[" + place_of(shape, kernels::broadcast_strides(b)) + "]"));
  step.add(loops.text + loops.indent() + "*y++ = $code;\n");
}

QUENCH_INLINE void write_addition(Step& step) {
  const kernels::Addition& addition = *step.constants.addition;
  const bool is_difference = step.node.op == Operator::Sub;
  const kernels::WeightedSum<std::int8_t> sum(addition, is_difference ? -1 : 1);
  const bool has_relu = step.node.op == Operator::AddReLU;
  add_pairs(step, [&](const std::string& a, const std::string& b) {
    return step.code(
        Step::scaled(a + " * " + std::to_string(sum.first) + " + " + b + " * " + std::to_string(sum.second),
                     addition.requantization),
        std::max(addition.low, has_relu ? 0 : addition.low), addition.high);
  });
}

QUENCH_INLINE void write_product(Step& step) {
  add_pairs(step, [&](const std::string& a, const std::string& b) {
    return step.code(Step::scaled(a + " * " + b, step.constants.requantization[0]));
  });
}

QUENCH_INLINE void write_comparison(Step& step) {
  const Requantization* records = step.constants.requantization;
  const std::string choice = step.node.op == Operator::Maximum ? "larger(" : "smaller(";
  add_pairs(step, [&](const std::string& a, const std::string& b) {
    return step.code(choice + (records == nullptr ? a : Step::rescaled(a, records[0])) + ", " +
                     (records == nullptr ? b : Step::rescaled(b, records[1])) + ")");
  });
}

QUENCH_INLINE void write_scalar_addition(Step& step) {
  const kernels::ScalarAddition& addition = *step.constants.scalar_addition;
  add_map(step, step.code(Step::scaled("(int32_t)x[i] * " + std::to_string(std::int32_t{1} << addition.shift) + " + " +
                                           std::to_string(addition.constant),
                                       addition.requantization)));
}

QUENCH_INLINE void write_scalar_product(Step& step) {
  add_map(step, step.code(step.constants.is_negative ? "-(int32_t)x[i]" : "x[i]"));
}

QUENCH_INLINE void write_clamp(Step& step) { add_map(step, step.code("x[i]", 0)); }

QUENCH_INLINE void write_function(Step& step) {
  const std::string suffix = "_" + std::to_string(step.index);
  const device::StepConstants& c = step.constants;
  if (step.x_dtype() == DType::Int16) {
    step.add_constant("struct piecewise", "piecewise" + suffix, *c.piecewise);
    return add_map(step, step.code("interpolate(x[i], &piecewise" + suffix + ")"));
  }
  if (step.y_dtype() == DType::Int16)
    step.add_integers("int16_t", "table", std::span(c.int16_table, 256));
  else
    step.add_integers("int8_t", "table", std::span(c.int8_table, 256));
  add_map(step, step.code("table" + suffix + "[x[i] + 128]"));
}

QUENCH_INLINE void write_cat(Step& step) {
  const int axis = cat_axis(step.node);
  const Shape& y = step.node.shape;
  const int inner = kernels::count_of(y, axis + 1, y.rank);
  step.set("y_step", y[axis] * inner);
  step.set("runs", kernels::count_of(y, 0, axis));
  for (int i = 0, begin = 0; i < step.node.operand_count; ++i) {
    const std::string x = step.node.operand_count > 1 ? "*x" + std::to_string(i) + "++" : "*x++";
    const Requantization* records = step.constants.requantization;
    step.set("begin", begin * inner);
    step.set("length", step.x_shape(i)[axis] * inner);
    step.set("code", step.code(records == nullptr ? x : Step::rescaled(x, records[i])));
    step.add(R"(    for (int32_t run = 0; run < $runs; ++run)
        for (int32_t i = 0; i < $length; ++i) y[run * $y_step + $begin + i] = $code;
)");
    begin += step.x_shape(i)[axis];
  }
}

}  // namespace quench::detail::c_text
