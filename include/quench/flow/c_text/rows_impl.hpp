// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/c_text/rows.hpp>

#include <span>
#include <string>

#include <quench/device/engine.hpp>

namespace quench::detail::c_text {

QUENCH_INLINE void write_softmax(Step& step) {
  const kernels::SoftmaxTables& tables = *step.constants.softmax;
  const std::string suffix = "_" + std::to_string(step.index);
  step.add_constant("struct piecewise", "softmax_exponential", *tables.exponential);
  step.add_constant("struct piecewise", "softmax_reciprocal", *tables.reciprocal);
  step.add_constant("struct record", "to_exponent" + suffix, tables.to_exponent);
  step.set("classes", step.x_shape().channels());
  step.set("rows", step.size() / step.x_shape().channels());
  step.set("levels", tables.levels);
  step.set("post_shift", sum_of({{"shift", 1}, {"level", 6}}, tables.to_output.post_shift - 13));
  step.set("code", step.code("scaled(share, " + std::to_string(tables.to_output.multiplier) + ", " +
                             std::to_string(tables.to_output.pre_shift) + ", post_shift)"));
  step.add(R"(    for (int32_t row = 0; row < $rows; ++row, x += $classes, y += $classes) {
        int32_t largest = x[0], level;
        int64_t sum = 0;
        for (int32_t i = 1; i < $classes; ++i)
            if (x[i] > largest) largest = x[i];
        for (int32_t i = 0; i < $classes; ++i) {
            const int32_t e = exponential(x[i] - largest, &to_exponent_$n, $levels, &softmax_exponential, &level);
            sum += e * (INT32_C(1) << (12 - 6 * level));
        }
        int32_t shift = 13;
        for (sum >>= 12; sum > 65535; sum >>= 1) ++shift;
        const int32_t inverse = interpolate(smaller(((int32_t)sum + 1) >> 1, 32767), &softmax_reciprocal);
        for (int32_t i = 0; i < $classes; ++i) {
            const int32_t e = exponential(x[i] - largest, &to_exponent_$n, $levels, &softmax_exponential, &level);
            const int32_t share = round_shift(e * inverse, 15);
            const int32_t post_shift = smaller($post_shift, 31);
            y[i] = $code;
        }
    }
)");
}

QUENCH_INLINE void write_row_norm(Step& step) {
  const kernels::RowNorm& norm = *step.constants.row_norm;
  const auto size = static_cast<std::size_t>(norm.size);
  const std::string suffix = "_" + std::to_string(step.index);
  const bool has_mean = step.node.op == Operator::LayerNorm;
  step.add_records("struct row_weight", "weight", std::span(norm.weight, size));
  if (norm.bias != nullptr) step.add_integers("int32_t", "bias", std::span(norm.bias, size));
  step.set("n_of_row", norm.size);
  step.set("rows", step.size() / norm.size);
  step.set("epsilon", "INT64_C(" + std::to_string(norm.epsilon) + ")");
  step.set("sum", has_mean ? "int32_t sum = 0;" : "");
  step.set("add", has_mean ? "sum += x[i];" : "");
  step.set("less_mean", has_mean ? " - (int64_t)sum * sum" : "");
  const std::string scale = std::to_string(std::int64_t{1} << std::abs(norm.variance_shift));
  step.set("to_units",
           norm.variance_shift == 0 ? "" : (norm.variance_shift < 0 ? " / INT64_C(" : " * INT64_C(") + scale + ")");
  step.set("code", step.code("normalized(" + std::to_string(norm.size) + " * (int32_t)x[i]" +
                             (has_mean ? " - sum" : "") + ", root, shift, &weight" + suffix + "[i], " +
                             (norm.bias != nullptr ? "bias" + suffix + "[i]" : "0") + ")"));
  step.add(R"(    for (int32_t row = 0; row < $rows; ++row, x += $n_of_row, y += $n_of_row) {
        $sum
        int64_t squares = 0;
        for (int32_t i = 0; i < $n_of_row; ++i) {
            $add
            squares += (int32_t)x[i] * x[i];
        }
        const int64_t variance = $n_of_row * squares$less_mean;
        int32_t shift;
        const int32_t root = inverse_root(variance$to_units + $epsilon, &shift);
        for (int32_t i = 0; i < $n_of_row; ++i) y[i] = $code;
    }
)");
}

QUENCH_INLINE void write_reduction(Step& step) {
  const Shape x = step.x_shape();
  Shape kept = x, summed = x;
  bool is_reduced[max_rank]{};
  for (int i = 0; i < step.node.settings.axis_count; ++i) is_reduced[step.node.settings.axes[i]] = true;
  for (int axis = 0; axis < x.rank; ++axis) (is_reduced[axis] ? kept : summed)[axis] = 1;
  const Loops outer(kept, 1), inner(summed, outer.depth + 1);
  step.set("place", place_of(x, kernels::strides_of(x)));
  step.set("code", step.code(Step::scaled("sum", step.constants.requantization[0])));
  const std::string indent = outer.indent();
  step.add(outer.text + indent + "{\n" + indent + "    int32_t sum = 0;\n" + inner.text + inner.indent() +
           "sum += x[$place];\n" + indent + "    *y++ = $code;\n" + indent + "}\n");
}

QUENCH_INLINE void write_move(Step& step) {
  const Settings& s = step.node.settings;
  const Shape x = step.x_shape(), y = step.node.shape;
  kernels::Strides from = kernels::strides_of(x);
  if (step.node.op == Operator::Pad) {
    const kernels::Strides to = kernels::strides_of(y);
    int first = 0;
    for (int axis = 0; axis < y.rank; ++axis) first += s.begin[axis] * to[axis];
    const Loops loops(x, 1);
    step.set("place", place_of(x, to, first));
    step.add("    for (int32_t i = 0; i < $size; ++i) y[i] = 0;\n" + loops.text + loops.indent() +
             "y[$place] = *x++;\n");
    return;
  }
  int first = 0;
  if (step.node.op == Operator::Permute)
    for (int axis = 0; axis < y.rank; ++axis) from[axis] = kernels::strides_of(x)[s.axes[axis]];
  else
    first = s.begin[0] * from[s.axes[0]];
  const Loops loops(y, 1);
  step.set("place", place_of(y, from, first));
  step.add(loops.text + loops.indent() + "*y++ = x[$place];\n");
}

QUENCH_INLINE void write_lookup(Step& step) {
  const Settings& s = step.node.settings;
  const auto entries = static_cast<std::size_t>(s.in_channels) * static_cast<std::size_t>(s.out_channels);
  if (step.y_dtype() == DType::Int16)
    step.add_integers("int16_t", "table", std::span(step.constants.int16_table, entries));
  else
    step.add_integers("int8_t", "table", std::span(step.constants.int8_table, entries));
  step.set("count", step.x_shape().elements());
  step.set("last", s.in_channels - 1);
  step.set("length", s.out_channels);
  step.set("code", step.code("row[c]"));
  step.add(R"(    for (int32_t i = 0; i < $count; ++i) {
        const $y_type *row = table_$n + clamp(x[i], 0, $last) * $length;
        for (int32_t c = 0; c < $length; ++c) *y++ = $code;
    }
)");
}

}  // namespace quench::detail::c_text
