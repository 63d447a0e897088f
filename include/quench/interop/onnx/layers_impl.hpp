// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/layers.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <quench/interop/onnx/affine.hpp>
#include <quench/interop/onnx/windows.hpp>

namespace quench::interop {

namespace detail {

/// The view with another extent of the axis of the file that is the last one in memory.
inline OnnxView with_extent(OnnxView view, std::size_t axis, std::int64_t extent, int value) {
  const std::size_t removed = view.file[axis].size() - (view.file[axis] == OnnxFactors{OnnxView::batch});
  view.factors.resize(view.factors.size() - removed);
  view.file[axis].clear();
  if (extent > 1) {
    view.file[axis].push_back(view.factors.size());
    view.factors.push_back(extent);
  }
  view.value = value;
  view.shape.back() = extent;
  return view;
}

inline void add_bias(OnnxLowering& lowering, const OnnxCall& call, std::size_t i, std::int64_t channels,
                     NamedArrays& parameters, std::vector<std::string_view>& origins) {
  if (!call.has_input(i)) return;
  const OnnxConstant& bias = lowering.constant(call, i);
  if (bias.shape() != OnnxShape{channels}) misunderstand("its bias is " + text_of_shape(bias.shape()));
  parameters["bias"] = bias.parameter();
  origins.push_back(bias.origin());
}

inline OnnxView lower_conv(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 3);
  const OnnxConstant& weight = lowering.constant(call, 1);
  const OnnxShape& w = weight.shape();
  const OnnxView x = lowering.as_map(lowering.tensor(call));
  const bool is_transposed = call.op() == "ConvTranspose";
  const std::int64_t groups = call.integer("group", 1);
  if (w.size() != x.file.size() || elements_of(w) == 0) misunderstand("its weight is " + text_of_shape(w));
  const std::int64_t in = is_transposed ? w[0] : w[1] * std::max<std::int64_t>(groups, 1);
  if (groups < 1 || w[0] % groups != 0 || in != x.shape.back())
    misunderstand("a weight " + text_of_shape(w) + " in " + std::to_string(groups) + " groups does not fit " +
                  std::to_string(x.shape.back()) + " channels");
  const std::int64_t out = is_transposed ? w[1] * groups : w[0];
  const OnnxShape extents(x.shape.begin(), x.shape.end() - 1);
  OnnxWindow window = onnx_window(call, extents, {w.begin() + 2, w.end()}, is_transposed);
  ImportedStep step;
  CppSettings settings;
  settings.add("in_channels", in);
  settings.add("out_channels", out);
  settings.add("kernel_size", text_of_pair(window.kernel));
  std::vector<std::string_view> origins{weight.origin()};
  step.parameters["weight"] = weight.parameter();
  add_bias(lowering, call, 2, out, step.parameters, origins);
  const bool has_bias = step.parameters.contains("bias");
  const OnnxShape whole = is_transposed ? window.transposed_output(extents) : window.output(extents);
  const std::vector<OnnxRun> cut = is_transposed ? window.take_transposed_padding() : std::vector<OnnxRun>{};
  window.add_stride(settings, std::vector<std::int64_t>(extents.size(), 1));
  window.add_padding(settings);
  if (is_transposed && window.output_padding != std::vector<std::int64_t>(extents.size(), 0))
    settings.add("output_padding", text_of_pair(window.output_padding));
  if (!is_transposed) window.add_dilation(settings);
  if (groups != 1) settings.add("groups", groups);
  if (!has_bias) settings.add("bias", "false");
  if (is_transposed) window.add_dilation(settings);
  step.type = std::string(is_transposed ? "ConvTranspose" : "Conv") + (extents.size() == 2 ? "2d" : "1d");
  step.settings = settings.text();
  step.call = "$m($0)";
  step.inputs = {x.value};
  step.shape = is_transposed ? window.transposed_output(extents) : whole;
  step.shape.push_back(out);
  int value = lowering.emit(std::move(step), std::move(origins));
  for (const OnnxRun& run : cut) value = emit_slice(lowering, value, run.axis, run.begin, run.begin + whole[run.axis]);
  return map_view(x, value, lowering.shape_of(value));
}

/// alpha * a matrix as the weight [out, in] of a Linear. Columns are those at `places` of the matrix, if there are any.
inline NamedArray linear_weight(const OnnxConstant& matrix, bool is_in_out, float alpha, std::size_t out,
                                std::size_t in, const std::vector<std::size_t>& places) {
  if (!is_in_out && alpha == 1 && places.empty()) {
    NamedArray weight = matrix.parameter();
    weight.shape = {out, in};
    return weight;
  }
  const OnnxReals values = matrix.each_real();
  NamedArray weight{ArrayType::Float32, {out, in}, std::vector<std::byte>(out * in * sizeof(float))};
  constexpr std::size_t rows = 16;  // which are neighbours in a line of the cache, if they are columns in the matrix
  for (std::size_t begin = 0; begin < out; begin += rows)
    for (std::size_t column = 0; column < in; ++column)
      for (std::size_t row = begin; row < std::min(begin + rows, out); ++row) {
        const std::size_t from = places.empty() ? column : places[column];
        const float value = alpha * values[is_in_out ? from * out + row : row * in + from];
        std::memcpy(weight.bytes.data() + (row * in + column) * sizeof value, &value, sizeof value);
      }
  return weight;
}

/// alpha * a matrix along one axis of the file. It is [out, in], or [in, out].
inline OnnxView lower_linear(OnnxLowering& lowering, const OnnxView& x, std::size_t axis, std::int64_t out,
                             const OnnxConstant& matrix, bool is_in_out, float alpha = 1) {
  const OnnxLowering::Last last = lowering.with_last(x, {axis}, true);
  const std::int64_t in = last.view.shape.back();
  ImportedStep step{.type = "Linear", .call = "$m($0)", .inputs = {last.view.value}, .shape = last.view.shape};
  step.parameters["weight"] = linear_weight(matrix, is_in_out, alpha, static_cast<std::size_t>(out),
                                            static_cast<std::size_t>(in), last.places());
  step.shape.back() = out;
  step.settings =
      "{.in_features = " + std::to_string(in) + ", .out_features = " + std::to_string(out) + ", .bias = false}";
  return with_extent(last.view, axis, out, lowering.emit(std::move(step), {matrix.origin()}));
}

inline OnnxView lower_product_with_constant(OnnxLowering& lowering, const OnnxCall& call, std::size_t x_input) {
  const OnnxView& x = lowering.tensor(call, x_input);
  const OnnxConstant& weight = lowering.constant(call, 1 - x_input);
  OnnxShape w = weight.shape();
  while (w.size() > 2 && w[0] == 1) w.erase(w.begin());
  const std::size_t rank = x.file.size(), axis = x_input == 0 ? rank - 1 : rank - 2;
  if (w.size() != 2 || rank < 2)
    refuse_node("it multiplies by a constant " + text_of_shape(weight.shape()), "quench has a Linear for a matrix");
  const std::int64_t in = lowering.file_shape(x)[axis];
  if (w[x_input == 0 ? 0 : 1] != in || elements_of(w) == 0)
    misunderstand(text_of_shape(lowering.file_shape(x)) + " and " + text_of_shape(w) + " do not fit each other");
  return lower_linear(lowering, x, axis, w[x_input == 0 ? 1 : 0], weight, x_input == 0);
}

inline OnnxView lower_matmul(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 2);
  if (lowering.is_constant(call, 1)) return lower_product_with_constant(lowering, call, 0);
  if (lowering.is_constant(call, 0)) return lower_product_with_constant(lowering, call, 1);
  OnnxView a = lowering.tensor(call, 0), b = lowering.tensor(call, 1);
  const std::size_t rank = std::max(a.file.size(), b.file.size());
  a.file.insert(a.file.begin(), rank - a.file.size(), {});
  b.file.insert(b.file.begin(), rank - b.file.size(), {});
  const std::size_t batch = std::min(a.batch_axis(), b.batch_axis());
  if (rank < 2 || (batch < rank && batch + 2 >= rank))
    refuse_node("it works along the batch", "quench computes each sample by itself");
  if (lowering.batch_extent() > 1 && a.batch_axis() != b.batch_axis())
    misunderstand("its inputs have the batch on different axes");
  std::vector<std::size_t> order;
  for (std::size_t axis = 0; axis < rank; ++axis)
    if (axis != batch) order.push_back(axis);
  a = lowering.in_order(a, order), b = lowering.in_order(b, order);
  OnnxShape needed = a.shape;
  needed[order.size() - 2] = a.shape.back();
  needed.back() = b.shape.back();
  if (needed != b.shape)
    refuse_node(text_of_shape(a.shape) + " and " + text_of_shape(b.shape) + " are multiplied",
                "quench needs [..., M, K] and [..., K, N]");
  OnnxShape shape = a.shape;
  shape.back() = b.shape.back();
  const int value = lowering.emit(
      {.type = "FloatFunctional", .call = "$m.matmul($0, $1)", .inputs = {a.value, b.value}, .shape = shape});
  return OnnxView::of(value, shape, order, rank, batch);
}

inline OnnxView lower_gemm(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 3);
  const float alpha = call.real("alpha", 1), beta = call.real("beta", 1);
  const bool is_a_transposed = call.integer("transA", 0) != 0, is_b_transposed = call.integer("transB", 0) != 0;
  OnnxView x = lowering.tensor(call);
  const OnnxConstant& b = lowering.constant(call, 1);
  if (x.file.size() != 2 || b.shape().size() != 2 || b.elements() == 0) misunderstand("its inputs are no matrices");
  if (is_a_transposed) x = x.transposed({1, 0});
  const std::int64_t in = b.shape()[is_b_transposed ? 1 : 0], out = b.shape()[is_b_transposed ? 0 : 1];
  if (lowering.file_shape(x)[1] != in)
    misunderstand("a weight " + text_of_shape(b.shape()) + " does not fit " + text_of_shape(lowering.file_shape(x)));
  OnnxView result = lower_linear(lowering, x, 1, out, b, !is_b_transposed, alpha);
  if (!call.has_input(2)) return result;
  const OnnxConstant& c = lowering.constant(call, 2);
  OnnxShape shape = c.shape();
  while (shape.size() > 1 && shape[0] == 1) shape.erase(shape.begin());
  if (shape.size() > 1 || (c.elements() != 1 && c.elements() != out))
    refuse_node("its bias is " + text_of_shape(c.shape()), "quench has one number for each output");
  std::vector<float> bias = c.reals();
  bias.resize(static_cast<std::size_t>(out), bias[0]);
  for (float& value : bias) value *= beta;
  OnnxStep& linear = lowering.steps().back();
  linear.step.parameters["bias"] = float_array({out}, bias);
  linear.origins.push_back(c.origin());
  give_bias(linear.step);
  return result;
}

inline OnnxView lower_batch_norm(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(5, 5);
  const float eps = call.real("epsilon", 1e-5f), momentum = call.real("momentum", 0.9f);
  if (call.integer("spatial", 1) != 1) misunderstand("it has statistics for each pixel");
  if (call.integer("training_mode", 0) != 0)
    lowering.note(call.title() + " computes statistics of the batch in the file; here it has its running statistics");
  lowering.check_unused_outputs(call, "its statistics are used");
  const OnnxView& input = lowering.tensor(call);
  if (input.file.size() < 2) misunderstand("its input has no channels");
  const OnnxView x = lowering.with_last(input, {1}, false).view;
  const OnnxShape channels{x.shape.back()};
  constexpr const char* names[] = {"weight", "bias", "running_mean", "running_var"};
  ImportedStep step{.call = "$m($0)", .inputs = {x.value}, .shape = x.shape};
  std::vector<std::string_view> origins;
  std::vector<float> values[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const OnnxConstant& parameter = lowering.constant(call, i + 1);
    if (parameter.shape() != channels)
      misunderstand("its parameters have the shape " + text_of_shape(parameter.shape()));
    values[i] = parameter.reals();
    origins.push_back(parameter.origin());
  }
  if (lowering.file_shape(input)[1] != channels[0]) misunderstand("its channels are not those of its input");
  for (const float variance : values[3])
    if (!(variance >= 0)) misunderstand("a variance is negative");
  CppSettings settings;
  settings.add("channels", channels[0]);
  const OnnxStep* before = lowering.sole_producer(call);
  const bool follows_layer = before != nullptr && x.value == input.value &&
                             (before->step.type.starts_with("Conv") || before->step.type == "Linear");
  if (follows_layer) {
    step.type = before->step.type.ends_with("2d") ? "BatchNorm2d" : "BatchNorm1d";
    if (eps != 1e-5f) settings.add("eps", text_of(eps));
    if (std::abs(momentum - 0.9f) > 1e-6f) settings.add("momentum", text_of(1 - momentum));
    for (std::size_t i = 0; i < 4; ++i) step.parameters[names[i]] = float_array(channels, values[i]);
  } else {
    step.type = "ChannelAffine";
    for (std::size_t i = 0; i < values[0].size(); ++i) {
      const double factor = values[0][i] / std::sqrt(static_cast<double>(values[3][i]) + eps);
      values[1][i] = static_cast<float>(values[1][i] - values[2][i] * factor);
      values[0][i] = static_cast<float>(factor);
    }
    for (std::size_t i = 0; i < 2; ++i) step.parameters[names[i]] = float_array(channels, values[i]);
  }
  step.settings = settings.text();
  OnnxView result = x;
  result.value = lowering.emit(std::move(step), std::move(origins));
  return result;
}

inline OnnxView lower_prelu(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 2);
  const OnnxConstant& slope = lowering.constant(call, 1);
  const OnnxView& x = lowering.tensor(call);
  const OnnxShape shape = lowering.file_shape(x);
  if (onnx_broadcast(shape, slope.shape()) != shape) misunderstand("its slopes are " + text_of_shape(slope.shape()));
  std::size_t axis = shape.size();
  for (std::size_t i = 1; i <= slope.shape().size(); ++i) {
    if (slope.shape()[slope.shape().size() - i] == 1) continue;
    if (axis != shape.size())
      refuse_node("its slopes are " + text_of_shape(slope.shape()), "quench has one for each channel, or one for all");
    axis = shape.size() - i;
  }
  const OnnxLowering::Last last = axis == shape.size() ? OnnxLowering::Last{x} : lowering.with_last(x, {axis}, false);
  const std::vector<float> in_file = slope.reals();
  const std::vector<std::size_t> places = last.places();
  std::vector<float> values = in_file;
  for (std::size_t i = 0; i < places.size(); ++i) values[i] = in_file[places[i]];
  ImportedStep step{.type = "PReLU", .call = "$m($0)", .inputs = {last.view.value}, .shape = last.view.shape};
  if (values.size() > 1) step.settings = "{.num_parameters = " + std::to_string(values.size()) + "}";
  step.parameters["weight"] = float_array({std::ssize(values)}, values);
  OnnxView result = last.view;
  result.value = lowering.emit(std::move(step), {slope.origin()});
  return result;
}

QUENCH_INLINE OnnxView lower_row_norm(OnnxLowering& lowering, const OnnxView& x, const std::vector<std::size_t>& axes,
                                      float eps, bool has_mean) {
  if (!(eps > 0)) refuse_node("its epsilon is not above 0", "quench needs one");
  const OnnxView last = lowering.with_last(x, axes, false).view;
  CppSettings settings;
  settings.add("normalized_shape", last.shape.back());
  if (!has_mean || eps != 1e-5f) settings.add("eps", text_of(eps));
  settings.add("elementwise_affine", "false");
  return lowering.apply(last, has_mean ? "LayerNorm" : "RMSNorm", settings.text());
}

inline OnnxView lower_layer_norm(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 3);
  lowering.check_unused_outputs(call, "its statistics are used");
  call.ignore("stash_type");
  const OnnxView& x = lowering.tensor(call);
  std::vector<std::size_t> axes;
  for (std::size_t axis = onnx_axis(call.integer("axis", -1), x.file.size()); axis < x.file.size(); ++axis)
    axes.push_back(axis);
  const OnnxView rows = lower_row_norm(lowering, x, axes, call.real("epsilon", 1e-5f), true);
  const OnnxConstant& weight = lowering.constant(call, 1);
  const OnnxConstant none(OnnxShape{}, std::vector<float>{0});
  const OnnxConstant& bias = call.has_input(2) ? lowering.constant(call, 2) : none;
  return affine_after(lowering, rows, &lowering.steps().back(), weight, bias);
}

QUENCH_INLINE bool lower_layer(OnnxLowering& lowering, OnnxCall& call) {
  constexpr OnnxMeaning layers[] = {{"Conv", lower_conv},
                                    {"ConvTranspose", lower_conv},
                                    {"MatMul", lower_matmul},
                                    {"Gemm", lower_gemm},
                                    {"BatchNormalization", lower_batch_norm},
                                    {"PRelu", lower_prelu},
                                    {"LayerNormalization", lower_layer_norm}};
  return lowering.give_by(layers, call);
}

}  // namespace detail

}  // namespace quench::interop
