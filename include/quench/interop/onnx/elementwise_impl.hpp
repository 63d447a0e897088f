// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/elementwise.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <quench/interop/onnx/affine.hpp>
#include <quench/interop/onnx/patterns.hpp>

namespace quench::interop {

namespace detail {

/// Two tensors as an operation element by element takes them: with equal ranks, extents of 1 where one is repeated.
struct OnnxOperands {
  OnnxView a, b;
  std::vector<std::size_t> order{};  // of the file's axes; empty if both have one view
};

inline OnnxOperands aligned(OnnxLowering& lowering, OnnxView a, OnnxView b) {
  onnx_broadcast(lowering.file_shape(a), lowering.file_shape(b));
  if (a.shape == b.shape && a.factors == b.factors && a.file == b.file) return {a, b};
  const std::size_t rank = std::max(a.file.size(), b.file.size());
  a.file.insert(a.file.begin(), rank - a.file.size(), {});
  b.file.insert(b.file.begin(), rank - b.file.size(), {});
  if (lowering.batch_extent() > 1 && a.batch_axis() != b.batch_axis())
    misunderstand("its inputs have the batch on different axes");
  const std::int64_t a_elements = elements_of(a.shape), b_elements = elements_of(b.shape);
  const bool b_leads = a_elements == b_elements ? !lowering.axes_as_they_lie(a) && lowering.axes_as_they_lie(b)
                                                : a_elements < b_elements;
  OnnxView& leader = b_leads ? b : a;
  OnnxView& other = b_leads ? a : b;
  OnnxLowering::Axes axes = lowering.as_axes(leader);
  leader = axes.view;
  other = lowering.in_order(other, axes.order);
  return {a, b, axes.order};
}

inline OnnxView lower_two(OnnxLowering& lowering, const OnnxView& x, const OnnxView& y, const std::string& type,
                          const std::string& function) {
  const OnnxOperands two = aligned(lowering, x, y);
  const OnnxShape shape = onnx_broadcast(two.a.shape, two.b.shape);
  const int value = lowering.emit({type, "", "$m" + function + "($0, $1)", {two.a.value, two.b.value}, shape});
  if (!two.order.empty()) return OnnxView::of(value, shape, two.order, two.a.file.size(), two.a.batch_axis());
  OnnxView result = two.a;
  result.value = value;
  return result;
}

/// The constant with f of each value.
template <class F>
OnnxConstant mapped(OnnxLowering& lowering, const OnnxConstant& constant, F f) {
  lowering.budget().take(constant.elements());
  std::vector<float> values = constant.reals();
  for (float& value : values) value = f(value);
  return {constant.shape(), std::move(values)};
}

inline OnnxView lower_arithmetic(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 2);
  const std::string_view op = call.op();
  const bool is_left = lowering.is_constant(call, 0), is_right = lowering.is_constant(call, 1);
  if (!is_left && !is_right) {
    const OnnxView &x = lowering.tensor(call, 0), &y = lowering.tensor(call, 1);
    if (op == "Div") return lower_two(lowering, x, y, "Div", "");
    return lower_two(lowering, x, y, "FloatFunctional", op == "Add" ? ".add" : op == "Sub" ? ".sub" : ".mul");
  }
  const OnnxConstant& c = lowering.constant(call, is_left ? 0 : 1);
  const OnnxConstant one(OnnxShape{}, std::vector<float>{1}), minus(OnnxShape{}, std::vector<float>{-1}),
      zero(OnnxShape{}, std::vector<float>{0});
  const std::size_t i = is_left ? 1 : 0;
  OnnxView x = lowering.tensor(call, i);
  // The constant may have more axes of extent 1 than the tensor.
  if (c.shape().size() > x.file.size()) x.file.insert(x.file.begin(), c.shape().size() - x.file.size(), {});
  OnnxStep* before = lowering.sole_producer(call, i);
  if (op == "Add") return affine_after(lowering, x, before, one, c);
  if (op == "Mul") return affine_after(lowering, x, before, c, zero);
  if (op == "Sub" && is_left) return affine_after(lowering, x, before, minus, c);
  if (op == "Sub") return affine_after(lowering, x, before, one, mapped(lowering, c, [](float v) { return -v; }));
  if (!is_left) return affine_after(lowering, x, before, mapped(lowering, c, [](float v) { return 1 / v; }), zero);
  return affine_after(lowering, lowering.apply(x, "Reciprocal"), nullptr, c, zero);
}

inline OnnxView lower_power(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 2);
  const OnnxView& x = lowering.tensor(call);
  const std::optional<float> exponent = lowering.constant(call, 1).single();
  if (lowering.constant(call, 1).shape().size() > x.file.size() || !exponent)
    refuse_node("its exponent is no single number", "quench has squares, cubes, roots and reciprocals");
  if (*exponent == 1.0f) return x;
  if (*exponent == 2.0f) return lowering.apply(x, "Square");
  if (*exponent == 0.5f) return lowering.apply(x, "Sqrt");
  if (*exponent == -1.0f) return lowering.apply(x, "Reciprocal");
  if (*exponent == -0.5f) return lowering.apply(x, "Rsqrt");
  if (*exponent == 3.0f) return lower_two(lowering, x, lowering.apply(x, "Square"), "FloatFunctional", ".mul");
  refuse_node("its exponent is " + std::to_string(*exponent), "quench has squares, cubes, roots and reciprocals");
}

inline constexpr float no_bound = std::numeric_limits<float>::infinity();

/// At least `low`, at most `high`.
inline OnnxView lower_bounds(OnnxLowering& lowering, const OnnxView& x, float low, float high) {
  constexpr float most = std::numeric_limits<float>::max();
  const bool has_low = !(low <= -most), has_high = !(high >= most);
  if (low == no_bound || high == -no_bound || low != low || high != high) misunderstand("its bounds leave no value");
  if (low == 0 && high == 6) return lowering.apply(x, "ReLU6");
  if (low == 0 && !has_high) return lowering.apply(x, "ReLU");
  if (has_low && has_high) {
    if (!(low < high)) refuse_node("its bounds leave one value", "quench needs a lower bound below the upper one");
    return lowering.apply(x, "Clamp", "{.low = " + text_of(low) + ", .high = " + text_of(high) + "}");
  }
  if (has_low) return lowering.apply(x, "FloatFunctional", {}, "$m.maximum($0, " + text_of(low) + ")");
  if (has_high) return lowering.apply(x, "FloatFunctional", {}, "$m.minimum($0, " + text_of(high) + ")");
  return x;
}

inline OnnxView lower_clip(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 3);
  const OnnxConstants constants = lowering.constants_of(call);
  const float low = onnx_real(call, constants, "min", 1).value_or(-no_bound);
  return lower_bounds(lowering, lowering.tensor(call), low, onnx_real(call, constants, "max", 2).value_or(no_bound));
}

/// Max, Min, Sum and Mean of one or more.
inline OnnxView lower_several(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1 << 16);
  const std::string_view op = call.op();
  const bool is_max = op == "Max", is_comparison = is_max || op == "Min";
  std::optional<OnnxView> result;
  for (std::size_t i = 0; i < call.node().inputs.size(); ++i) {
    if (lowering.is_constant(call, i)) continue;
    const OnnxView& x = lowering.tensor(call, i);
    result = result ? lower_two(lowering, *result, x, "FloatFunctional",
                                is_max          ? ".maximum"
                                : is_comparison ? ".minimum"
                                                : ".add")
                    : x;
  }
  if (!result) refuse_node("all its inputs are constants", "compute it before the export");
  const OnnxConstant one(OnnxShape{}, std::vector<float>{1});
  for (std::size_t i = 0; i < call.node().inputs.size(); ++i) {
    if (!lowering.is_constant(call, i)) continue;
    const OnnxConstant& c = lowering.constant(call, i);
    if (!is_comparison) {
      result = affine_after(lowering, *result, nullptr, one, c);
      continue;
    }
    const std::optional<float> bound = c.single();
    if (!bound || c.shape().size() > result->file.size())
      refuse_node("it compares with several constants", "quench has one bound for all");
    result =
        is_max ? lower_bounds(lowering, *result, *bound, no_bound) : lower_bounds(lowering, *result, -no_bound, *bound);
  }
  if (op != "Mean") return *result;
  const float count = static_cast<float>(call.node().inputs.size());
  return lowering.apply(*result, "FloatFunctional", {}, "$m.mul_scalar($0, " + text_of(1 / count) + ")");
}

inline OnnxView lower_softmax(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  const OnnxView& x = lowering.tensor(call);
  const OnnxShape shape = lowering.file_shape(x);
  const bool joins = call.opset() < 13;  // all axes from this one on
  const std::size_t axis = onnx_axis(call.integer("axis", joins ? 1 : -1), shape.size());
  std::vector<std::size_t> axes{axis};
  for (std::size_t next = axis + 1; joins && next < shape.size(); ++next)
    if (shape[next] > 1) axes.push_back(next);
  if (axes.size() > 1 && shape[axis] == 1 && axis != x.batch_axis()) axes.erase(axes.begin());
  return lowering.apply(lowering.with_last(x, axes, false).view, "Softmax");
}

inline OnnxView lower_cast(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  call.ignore("saturate");
  const OnnxView& x = lowering.tensor(call);
  const OnnxType type = onnx_type(call.integer("to", 0));
  if (lowering.is_indices(x.value) && is_index(type)) return x;
  if (type == OnnxType::Float16 || type == OnnxType::BFloat16)
    lowering.note(call.title() + " rounds to " + name_of(type) + " in the file; here all values are float");
  else if (type != OnnxType::Float && type != OnnxType::Double)
    refuse_node(std::string("it makes ") + name_of(type) + " of a tensor", "quench has real tensors");
  return x;
}

inline OnnxView lower_dropout(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 3);
  for (const char* name : {"ratio", "seed", "is_test"}) call.ignore(name);
  lowering.check_unused_outputs(call, "its mask is used");
  if (call.has_input(2) && lowering.constant(call, 2).single() != 0.0f)
    lowering.note(call.title() + " drops values in the file; here it returns its input");
  return lowering.tensor(call);
}

/// A function of one value, with its settings.
inline std::optional<OnnxView> lower_function(OnnxLowering& lowering, OnnxCall& call) {
  constexpr std::pair<std::string_view, const char*> plain[] = {{"Relu", "ReLU"},
                                                                {"Sigmoid", "Sigmoid"},
                                                                {"Tanh", "Tanh"},
                                                                {"Softplus", "Softplus"},
                                                                {"Mish", "Mish"},
                                                                {"Abs", "Abs"},
                                                                {"Exp", "Exp"},
                                                                {"Log", "Log"},
                                                                {"Sqrt", "Sqrt"},
                                                                {"Reciprocal", "Reciprocal"},
                                                                {"HardSwish", "HardSwish"},
                                                                {"Gelu", "GELU"},
                                                                {"LeakyRelu", "LeakyReLU"},
                                                                {"Elu", "ELU"},
                                                                {"HardSigmoid", "HardSigmoid"}};
  const auto found =
      std::find_if(std::begin(plain), std::end(plain), [&](const auto& row) { return row.first == call.op(); });
  if (found == std::end(plain)) return {};
  call.check_inputs(1, 1);
  CppSettings settings;
  const auto real = [&](const char* name, const char* setting, float in_onnx, float in_quench) {
    const float value = call.real(name, in_onnx);
    if (value != in_quench) settings.add(setting, text_of(value));
  };
  if (call.op() == "LeakyRelu") real("alpha", "negative_slope", 0.01f, 0.01f);
  if (call.op() == "Elu") real("alpha", "alpha", 1, 1);
  if (call.op() == "HardSigmoid") {
    real("alpha", "alpha", 0.2f, 1.0f / 6);
    real("beta", "beta", 0.5f, 0.5f);
  }
  if (call.op() == "Gelu" && call.text("approximate", "none") == "tanh") note_tanh_gelu(lowering, call);
  return lowering.apply(lowering.tensor(call), found->second, settings.text());
}

QUENCH_INLINE bool lower_elementwise(OnnxLowering& lowering, OnnxCall& call) {
  if (auto result = lower_function(lowering, call)) {
    lowering.give(call, *std::move(result));
    return true;
  }
  constexpr auto identity = [](OnnxLowering& l, OnnxCall& c) -> OnnxView {
    c.check_inputs(1, 1);
    return l.tensor(c);
  };
  constexpr auto negative = [](OnnxLowering& l, OnnxCall& c) {
    c.check_inputs(1, 1);
    return l.apply(l.tensor(c), "FloatFunctional", {}, "$m.mul_scalar($0, -1.0f)");
  };
  constexpr OnnxMeaning operations[] = {
      {"Identity", identity},    {"Neg", negative},         {"Dropout", lower_dropout}, {"Cast", lower_cast},
      {"Add", lower_arithmetic}, {"Sub", lower_arithmetic}, {"Mul", lower_arithmetic},  {"Div", lower_arithmetic},
      {"Pow", lower_power},      {"Clip", lower_clip},      {"Max", lower_several},     {"Min", lower_several},
      {"Sum", lower_several},    {"Mean", lower_several},   {"Softmax", lower_softmax}};
  return lowering.give_by(operations, call);
}

}  // namespace detail

}  // namespace quench::interop
