// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/patterns.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include <quench/interop/onnx/layers.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE void note_tanh_gelu(OnnxLowering& lowering, const OnnxCall& call) {
  lowering.note(call.title() + " is GELU by tanh in the file; quench's GELU is exact, at most 0.0005 away");
}

/// A part of a graph as a function of one number.
class ScalarGraph {
 public:
  ScalarGraph(const OnnxLowering& lowering, int opset) : lowering_(lowering), opset_(opset) {}

  /// The values that nodes up to `depth` before `name` take, the farthest last.
  void collect(std::string_view name, int depth, std::vector<std::string_view>& names) {
    const OnnxNode* node = lowering_.producer(name);
    if (depth == 0 || node == nullptr || !is_function(*node) || node->inputs.size() > 3 || ++steps_ > 200) return;
    for (const std::string_view input : node->inputs)
      if (!input.empty() && !lowering_.value(input).constant &&
          std::find(names.begin(), names.end(), input) == names.end() && names.size() < 24)
        names.push_back(input);
    for (const std::string_view input : node->inputs) collect(input, depth - 1, names);
  }

  /// The value of `name` where that of `argument` is x; nothing if it depends on anything else.
  std::optional<double> value(std::string_view name, std::string_view argument, double x) {
    steps_ = 0;
    return of(name, argument, x);
  }

 private:
  static bool is_function(const OnnxNode& node) {
    constexpr std::string_view known[] = {
        "Add",  "Sub",     "Mul",         "Div",  "Pow",  "Max",      "Min", "Sqrt", "Exp",        "Log",      "Erf",
        "Tanh", "Sigmoid", "HardSigmoid", "Relu", "Clip", "Softplus", "Neg", "Abs",  "Reciprocal", "Identity", "Cast"};
    return std::find(std::begin(known), std::end(known), node.op) != std::end(known);
  }

  std::optional<double> of(std::string_view name, std::string_view argument, double x) {
    if (name == argument) return x;
    if (name.empty() || ++steps_ > 200) return {};
    if (const std::optional<OnnxConstant>& constant = lowering_.value(name).constant) {
      if (constant->elements() != 1 || constant->shape().size() > 1) return {};
      return constant->reals()[0];
    }
    const OnnxNode* node = lowering_.producer(name);
    if (node == nullptr || !is_function(*node)) return {};
    OnnxCall call(*node, opset_);
    double inputs[3] = {};
    if (node->inputs.empty() || node->inputs.size() > 3) return {};
    for (std::size_t i = 0; i < node->inputs.size(); ++i) {
      if (!call.has_input(i)) continue;
      const std::optional<double> input = of(node->inputs[i], argument, x);
      if (!input) return {};
      inputs[i] = *input;
    }
    return computed(call, inputs);
  }

  static std::optional<double> computed(OnnxCall& call, const double (&v)[3]) {
    const std::string_view op = call.op();
    const double a = v[0], b = v[1];
    if (call.node().inputs.size() == 2) {
      if (op == "Add") return a + b;
      if (op == "Sub") return a - b;
      if (op == "Mul") return a * b;
      if (op == "Div") return a / b;
      if (op == "Pow") return std::pow(a, b);
      if (op == "Max") return std::max(a, b);
      if (op == "Min") return std::min(a, b);
    }
    if (op == "Clip") {
      const double low = call.has_input(1) ? v[1] : call.real("min", -3.4e38f),
                   high = call.has_input(2) ? v[2] : call.real("max", 3.4e38f);
      return std::min(std::max(a, low), high);
    }
    if (call.node().inputs.size() != 1) return {};
    if (op == "Sqrt") return std::sqrt(a);
    if (op == "Exp") return std::exp(a);
    if (op == "Log") return std::log(a);
    if (op == "Erf") return std::erf(a);
    if (op == "Tanh") return std::tanh(a);
    if (op == "Sigmoid") return 1 / (1 + std::exp(-a));
    if (op == "HardSigmoid")
      return std::clamp<double>(static_cast<double>(call.real("alpha", 0.2f)) * a + call.real("beta", 0.5f), 0, 1);
    if (op == "Relu") return std::max(a, 0.0);
    if (op == "Softplus") return a > 30 ? a : std::log1p(std::exp(a));
    if (op == "Neg") return -a;
    if (op == "Abs") return std::abs(a);
    if (op == "Reciprocal") return 1 / a;
    if (op == "Identity") return a;
    if (op == "Cast" && call.integer("to", 0) == 1) return a;
    return {};
  }

  const OnnxLowering& lowering_;
  int opset_;
  int steps_ = 0;
};

/// A function that quench has, or that it has nearly.
struct KnownFunction {
  const char* type;
  double (*value)(double);
  bool is_tanh_gelu = false;
};

inline constexpr KnownFunction known_functions[] = {
    {"SiLU", [](double x) { return x / (1 + std::exp(-x)); }},
    {"GELU", [](double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); }},
    {"GELU",
     [](double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x))); },
     true},
    {"HardSwish", [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
    {"HardSigmoid", [](double x) { return std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
    {"Mish", [](double x) { return x * std::tanh(x > 30 ? x : std::log1p(std::exp(x))); }},
    {"Square", [](double x) { return x * x; }}};

inline bool agrees(ScalarGraph& graph, std::string_view name, std::string_view argument, double (*function)(double)) {
  constexpr double far[] = {-10000, -300, -60, -20, 20, 60, 300, 10000};
  const auto agrees_at = [&](double x) {
    const std::optional<double> value = graph.value(name, argument, x);
    const double wanted = function(x);
    return value && std::abs(*value - wanted) <= 2e-6 * std::max(1.0, std::abs(wanted));
  };
  for (double x = -9.1; x < 9.2; x += 0.37)
    if (!agrees_at(x)) return false;
  return std::all_of(std::begin(far), std::end(far), agrees_at);
}

inline bool lower_scalar_function(OnnxLowering& lowering, const OnnxCall& call) {
  ScalarGraph graph(lowering, call.opset());
  const std::string_view name = call.node().outputs[0];
  std::vector<std::string_view> arguments;
  graph.collect(name, 9, arguments);
  for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
    const std::optional<OnnxView>& x = lowering.value(*argument).view;
    if (!x) continue;
    for (const KnownFunction& function : known_functions) {
      if (!agrees(graph, name, *argument, function.value)) continue;
      if (function.is_tanh_gelu) note_tanh_gelu(lowering, call);
      lowering.give(call, lowering.apply(OnnxView(*x), function.type));
      return true;
    }
  }
  return false;
}

/// The nodes of a LayerNorm: d / sqrt(mean(d d) + eps), where d is x - mean(x), or x for RMSNorm.
class RowNormPattern {
 public:
  RowNormPattern(OnnxLowering& lowering, int opset) : lowering_(lowering), opset_(opset) {}

  bool lower(const OnnxCall& root) {
    const std::vector<std::string_view>& inputs = root.node().inputs;
    if (inputs.size() != 2) return false;
    if (root.op() == "Div") return lower(root, inputs[0], inputs[1], false);
    return lower(root, inputs[0], inputs[1], true) || lower(root, inputs[1], inputs[0], true);
  }

 private:
  const OnnxNode* node(std::string_view name, std::string_view op, std::size_t inputs) const {
    const OnnxNode* node = lowering_.producer(name);
    return node != nullptr && node->op == op && node->inputs.size() >= inputs ? node : nullptr;
  }
  std::optional<float> number(std::string_view name) const {
    const std::optional<OnnxConstant>& constant = lowering_.value(name).constant;
    return constant && constant->elements() == 1 ? std::optional(constant->reals()[0]) : std::nullopt;
  }
  // The same value, perhaps computed twice.
  bool are_same(std::string_view a, std::string_view b) const {
    if (a == b) return true;
    const OnnxNode *x = lowering_.producer(a), *y = lowering_.producer(b);
    return x != nullptr && y != nullptr && x->op == "Sub" && y->op == "Sub" && x->inputs == y->inputs;
  }
  // The argument of a mean that keeps its axes.
  std::optional<std::string_view> mean(std::string_view name, std::vector<std::size_t>& axes) const {
    const OnnxNode* node = this->node(name, "ReduceMean", 1);
    if (node == nullptr) return {};
    OnnxCall call(*node, opset_);
    const std::optional<OnnxView>& x = lowering_.value(node->inputs[0]).view;
    if (!x || call.integer("keepdims", 1) == 0) return {};
    const auto given = onnx_integers(call, lowering_.constants_of(call), "axes", 1);
    if (!given || given->empty()) return {};
    axes = onnx_axes(*given, x->file.size());
    std::sort(axes.begin(), axes.end());
    return node->inputs[0];
  }
  std::optional<std::string_view> square(std::string_view name) const {
    if (const OnnxNode* power = node(name, "Pow", 2); power && number(power->inputs[1]) == 2.0f)
      return power->inputs[0];
    if (const OnnxNode* product = node(name, "Mul", 2); product && are_same(product->inputs[0], product->inputs[1]))
      return product->inputs[0];
    return {};
  }

  bool lower(const OnnxCall& root, std::string_view numerator, std::string_view factor, bool is_inverse) {
    std::string_view variance = factor;
    if (is_inverse) {
      const OnnxNode* inverse = node(factor, "Reciprocal", 1);
      const OnnxNode* power = node(factor, "Pow", 2);
      const OnnxNode* quotient = node(factor, "Div", 2);
      if (inverse != nullptr)
        variance = inverse->inputs[0];
      else if (quotient != nullptr && number(quotient->inputs[0]) == 1.0f)
        variance = quotient->inputs[1];
      else if (power == nullptr || number(power->inputs[1]) != -0.5f)
        return false;
      else
        return finish(root, numerator, power->inputs[0]);
    }
    const OnnxNode* root_of = node(variance, "Sqrt", 1);
    return root_of != nullptr && finish(root, numerator, root_of->inputs[0]);
  }

  bool finish(const OnnxCall& root, std::string_view numerator, std::string_view sum) {
    const OnnxNode* add = node(sum, "Add", 2);
    if (add == nullptr) return false;
    const bool is_first = number(add->inputs[0]).has_value();
    const std::optional<float> eps = number(add->inputs[is_first ? 0 : 1]);
    std::vector<std::size_t> axes, axes_of_mean;
    const auto squares = mean(add->inputs[is_first ? 1 : 0], axes);
    if (!eps || !squares) return false;
    const auto difference = square(*squares);
    if (!difference || !are_same(*difference, numerator)) return false;
    std::string_view x = numerator;
    bool has_mean = false;
    if (const OnnxNode* sub = node(numerator, "Sub", 2)) {
      const auto averaged = mean(sub->inputs[1], axes_of_mean);
      has_mean = averaged == sub->inputs[0] && axes_of_mean == axes;
      if (has_mean) x = sub->inputs[0];
    }
    const std::optional<OnnxView>& view = lowering_.value(x).view;
    if (!view) return false;
    lowering_.give(root, lower_row_norm(lowering_, OnnxView(*view), axes, *eps, has_mean));
    return true;
  }

  OnnxLowering& lowering_;
  int opset_;
};

QUENCH_INLINE bool lower_pattern(OnnxLowering& lowering, OnnxCall& call) {
  if (call.node().outputs.size() != 1) return false;
  const bool is_product = call.op() == "Mul" || call.op() == "Div";
  if (is_product && RowNormPattern(lowering, call.opset()).lower(call)) return true;
  return is_product && lower_scalar_function(lowering, call);
}

}  // namespace detail

}  // namespace quench::interop
