// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/c_text/layers.hpp>

#include <string>

#include <quench/device/engine.hpp>

namespace quench::detail::c_text {

/// An operand of a product: int16 codes are shifted right, half up.
inline std::string factor(const std::string& code, DType dtype, int shift) {
  return dtype == DType::Int8 || shift == 0 ? "(int32_t)" + code
                                            : "round_shift(" + code + ", " + std::to_string(shift) + ")";
}

/// The arrays of a layer.
inline void add_layer(Step& step) {
  const IntegerLayer& layer = step.all.layer(step.index);
  step.add_integers("int8_t", "weight", layer.weight);
  if (!layer.bias.empty()) step.add_integers("int32_t", "bias", layer.bias);
  if (step.y_dtype() != DType::Int32) step.add_records("struct record", "record", step.records());
}

/// The expression of the first sum of a filter, and that of its output.
inline std::string first_sum(const Step& step, const std::string& filter) {
  return step.all.layer(step.index).bias.empty() ? "0" : "bias_" + std::to_string(step.index) + "[" + filter + "]";
}
inline std::string output(const Step& step, const std::string& filter, const std::string& sum) {
  if (step.y_dtype() == DType::Int32) return step.code(sum);
  return step.code("scaled_by(" + sum + ", &record_" + std::to_string(step.index) + "[" + filter + "])");
}

/// Adds loops over `filters`, of which every `of_one_input` read one input. Four are computed at once, so that each code
/// is loaded once for all four; those that are left over follow one by one. `taps` is C text. Its line @ becomes the
/// products of $depth codes, which are $factor, with the weights from `$tap` on.
inline void add_filters(Step& step, int filters, int of_one_input, int filter_size, const std::string& indent,
                        const std::string& indent_of_products, const std::string& taps) {
  const auto add_loop = [&](int begin, int end, int at_once) {
    if (begin == end) return;
    std::string sums, products, outputs;
    for (int i = 0; i < at_once; ++i) {
      const std::string filter = i == 0 ? "k" : "k + " + std::to_string(i);
      const std::string sum = at_once == 1 ? "sum" : "sum" + std::to_string(i);
      const std::string place = i == 0 ? "[c];\n" : "[c + " + std::to_string(i * filter_size) + "];\n";
      sums += (i == 0 ? " " : ", ") + sum + " = " + first_sum(step, filter);
      products += indent_of_products + "    " + sum + " += code * $tap" + place;
      outputs += indent + "    *y++ = " + output(step, filter, sum) + ";\n";
    }
    std::string text = taps;
    text.replace(text.find("@\n"), 2,
                 indent_of_products + "for (int32_t c = 0; c < $depth; ++c) {\n" + indent_of_products +
                     "    const int32_t code = $factor;\n" + products + indent_of_products + "}\n");
    step.set("begin", begin);
    step.set("end", end);
    step.set("next", at_once == 1 ? "++k" : "k += " + std::to_string(at_once));
    step.set("filter_size", filter_size);
    step.add(indent + "for (int32_t k = $begin; k < $end; $next) {\n" + indent +
             "    const int8_t *w = weight_$n + k * $filter_size;\n" + indent + "    int32_t" + sums + ";\n" + text +
             outputs + indent + "}\n");
  };
  const int together = of_one_input == filters ? filters / 4 * 4 : of_one_input % 4 == 0 ? filters : 0;
  add_loop(0, together, 4);
  add_loop(together, filters, 1);
}

/// A test that ends a turn of a loop over taps, if a window may lie outside the map.
inline std::string skip_outside(const std::string& pixel, int first, int last, int extent) {
  if (first >= 0 && last < extent) return "";
  return "if (" + pixel + " < 0 || " + pixel + " >= " + std::to_string(extent) + ") continue;";
}

inline void set_windows(Step& step, const kernels::Convolution& conv) {
  const kernels::Window& window = conv.window;
  const int depth = conv.x[2] / conv.groups, filters = conv.y[2] / conv.groups;
  step.set("height", conv.x[0]);
  step.set("width", conv.x[1]);
  step.set("channels", conv.x[2]);
  step.set("rows", conv.y[0]);
  step.set("columns", conv.y[1]);
  step.set("depth", depth);
  step.set("kernel_height", window.kernel_size.height);
  step.set("kernel_width", window.kernel_size.width);
  step.set("stride_y", window.stride.height);
  step.set("stride_x", window.stride.width);
  step.set("iy", sum_of({{"oy", window.stride.height}, {"ky", window.dilation.height}}, -window.padding.height));
  step.set("ix", sum_of({{"ox", window.stride.width}, {"kx", window.dilation.width}}, -window.padding.width));
  step.set("from_y", sum_of({{"oy", 1}, {"ky", -window.dilation.height}}, window.padding.height));
  step.set("from_x", sum_of({{"ox", 1}, {"kx", -window.dilation.width}}, window.padding.width));
  step.set("group", conv.groups == 1 ? "" : " + k / " + std::to_string(filters) + " * " + std::to_string(depth));
  const auto last = [](int outputs, int stride, int before, int kernel, int dilation) {
    return (outputs - 1) * stride - before + (kernel - 1) * dilation;
  };
  step.set("skip_y", skip_outside("iy", -window.padding.height,
                                  last(conv.y[0], window.stride.height, window.padding.height,
                                       window.kernel_size.height, window.dilation.height),
                                  conv.x[0]));
  step.set("skip_x", skip_outside("ix", -window.padding.width,
                                  last(conv.y[1], window.stride.width, window.padding.width, window.kernel_size.width,
                                       window.dilation.width),
                                  conv.x[1]));
  step.set("factor", factor("pixel[c]", step.x_dtype(), conv.x_shift));
}

/// Adds loops over the pixels of the output, and in them those over the filters.
inline void add_pixels(Step& step, const kernels::Convolution& conv, const std::string& taps) {
  const Pair kernel = conv.window.kernel_size;
  step.add("    for (int32_t oy = 0; oy < $rows; ++oy)\n        for (int32_t ox = 0; ox < $columns; ++ox) {\n");
  step.set("tap", "tap");
  add_filters(step, conv.y[2], conv.y[2] / conv.groups, kernel.height * kernel.width * (conv.x[2] / conv.groups),
              std::string(12, ' '), std::string(24, ' '), taps);
  step.add("        }\n");
}

QUENCH_INLINE void write_convolution(Step& step) {
  const kernels::Convolution conv = kernels::convolution_of(step.node, step.x_shape(), step.constants.x_shift);
  add_layer(step);
  set_windows(step, conv);
  add_pixels(step, conv, R"(                for (int32_t ky = 0; ky < $kernel_height; ++ky) {
                    const int32_t iy = $iy;
                    $skip_y
                    for (int32_t kx = 0; kx < $kernel_width; ++kx) {
                        const int32_t ix = $ix;
                        $skip_x
                        const $x_type *pixel = x + (iy * $width + ix) * $channels$group;
                        const int8_t *tap = w + (ky * $kernel_width + kx) * $depth;
@
                    }
                }
)");
}

QUENCH_INLINE void write_transposed_convolution(Step& step) {
  const kernels::Convolution conv = kernels::convolution_of(step.node, step.x_shape(), step.constants.x_shift);
  add_layer(step);
  set_windows(step, conv);
  add_pixels(step, conv, R"(                for (int32_t ky = 0; ky < $kernel_height; ++ky) {
                    const int32_t from_y = $from_y;
                    if (from_y < 0 || from_y % $stride_y != 0 || from_y / $stride_y >= $height) continue;
                    for (int32_t kx = 0; kx < $kernel_width; ++kx) {
                        const int32_t from_x = $from_x;
                        if (from_x < 0 || from_x % $stride_x != 0 || from_x / $stride_x >= $width) continue;
                        const $x_type *pixel = x + (from_y / $stride_y * $width + from_x / $stride_x) * $channels$group;
                        const int8_t *tap = w + (ky * $kernel_width + kx) * $depth;
@
                    }
                }
)");
}

QUENCH_INLINE void write_linear(Step& step) {
  const int in = step.node.settings.in_channels, out = step.node.settings.out_channels;
  add_layer(step);
  step.set("rows", step.x_shape().elements() / in);
  step.set("depth", in);
  step.set("factor", factor("x[c]", step.x_dtype(), step.constants.x_shift));
  step.add("    for (int32_t row = 0; row < $rows; ++row, x += $depth) {\n");
  step.set("tap", "w");
  add_filters(step, out, out, in, std::string(8, ' '), std::string(12, ' '), "@\n");
  step.add("    }\n");
}

QUENCH_INLINE void write_channel_affine(Step& step) {
  add_layer(step);
  const int channels = step.node.settings.in_channels;
  step.set("rows", step.size() / channels);
  step.set("channels", channels);
  step.set("first", first_sum(step, "k"));
  step.set("output", output(step, "k", "sum"));
  step.add(R"(    for (int32_t row = 0; row < $rows; ++row)
        for (int32_t k = 0; k < $channels; ++k) {
            const int32_t sum = (int32_t)*x++ * weight_$n[k] + $first;
            *y++ = $output;
        }
)");
}

QUENCH_INLINE void write_prelu(Step& step) {
  const int slopes = step.node.settings.in_channels;
  step.add_records("struct record", "record", step.records());
  step.set("rows", step.size() / slopes);
  step.set("slopes", slopes);
  step.set("code", step.code("scaled_by(*x, &record_" + std::to_string(step.index) + "[*x < 0 ? 1 + k : 0])"));
  step.add(R"(    for (int32_t row = 0; row < $rows; ++row)
        for (int32_t k = 0; k < $slopes; ++k, ++x) *y++ = $code;
)");
}

QUENCH_INLINE void write_matmul(Step& step) {
  const Shape a = step.x_shape(0), b = step.x_shape(1);
  const int rows = a[a.rank - 2], depth = a[a.rank - 1], columns = b[b.rank - 1];
  const DType a_dtype = step.x_dtype(0), b_dtype = step.x_dtype(1);
  const bool is_wide_a = a_dtype == DType::Int16, is_wide_b = b_dtype == DType::Int16;
  const int shift = is_wide_a && is_wide_b   ? kernels::matmul_shift<std::int16_t, std::int16_t>(depth)
                    : is_wide_a || is_wide_b ? kernels::matmul_shift<std::int16_t, std::int8_t>(depth)
                                             : 0;
  step.set("batch", step.size() / (rows * columns));
  step.set("rows", rows);
  step.set("depth", depth);
  step.set("columns", columns);
  step.set("a", factor("x0[c]", a_dtype, shift));
  step.set("b", factor("x1[c * " + std::to_string(columns) + " + column]", b_dtype, shift));
  step.set("code",
           step.code(step.y_dtype() == DType::Int32 ? "sum" : Step::scaled("sum", step.constants.requantization[0])));
  step.add(R"(    for (int32_t matrix = 0; matrix < $batch; ++matrix, x1 += $depth * $columns)
        for (int32_t row = 0; row < $rows; ++row, x0 += $depth)
            for (int32_t column = 0; column < $columns; ++column) {
                int32_t sum = 0;
                for (int32_t c = 0; c < $depth; ++c) sum += $a * $b;
                *y++ = $code;
            }
)");
}

}  // namespace quench::detail::c_text
