// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/fold.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace quench::interop {

namespace detail {

class OnnxFolder {
 public:
  OnnxFolder(OnnxCall& call, const OnnxConstants& inputs, OnnxFoldBudget& budget)
      : call_(call), inputs_(inputs), budget_(budget) {}

  std::optional<std::vector<OnnxConstant>> fold() {
    const std::string_view op = call_.op();
    if (op == "Constant") return one(constant());
    if (inputs_.empty() || std::find(inputs_.begin(), inputs_.end(), nullptr) != inputs_.end()) return {};
    if (op == "Identity" || op == "Dropout") {
      for (const char* name : {"ratio", "seed", "is_test"}) call_.ignore(name);
      return one(x());
    }
    if (op == "Cast") return one(cast());
    if (op == "ConstantOfShape") return one(constant_of_shape());
    if (op == "Range") return one(range());
    if (op == "Reshape" || op == "Flatten" || op == "Squeeze" || op == "Unsqueeze")
      return one(x().reshaped(onnx_view(call_, inputs_, x().shape(), false)));
    if (op == "Transpose") return one(transpose());
    if (op == "Gather") return one(gather());
    if (op == "Concat") return one(concat());
    if (op == "Slice") return one(slice());
    if (op == "Split") return split();
    if (op == "Expand") return one(expand());
    if (op == "Where") return one(where());
    if (op == "ReduceProd" || op == "ReduceSum") return one(reduce(op == "ReduceProd"));
    if (auto result = unary(op)) return one(*std::move(result));
    if (auto result = binary(op)) return one(*std::move(result));
    return {};
  }

 private:
  using Constants = std::vector<OnnxConstant>;
  static Constants one(OnnxConstant constant) { return {std::move(constant)}; }

  const OnnxConstant& x(std::size_t i = 0) const {
    if (i >= inputs_.size()) misunderstand("its input " + std::to_string(i) + " is missing");
    return *inputs_[i];
  }
  std::int64_t scalar(std::size_t i) const {
    if (x(i).elements() != 1) misunderstand("its input " + std::to_string(i) + " is no single number");
    return x(i).integers()[0];
  }
  /// Room for a result of this shape.
  OnnxShape sized(OnnxShape shape) {
    budget_.take(elements_of(shape));
    return shape;
  }

  OnnxConstant constant() {
    if (const OnnxTensor* tensor = call_.tensor("value")) {
      OnnxConstant result(*tensor);
      result.set_origin(call_.node().outputs.empty() ? std::string_view() : call_.node().outputs[0]);
      return result;
    }
    if (call_.has("value_float")) return {OnnxShape{}, std::vector<float>{call_.real("value_float", 0)}};
    if (call_.has("value_int")) return {OnnxShape{}, std::vector<std::int64_t>{call_.integer("value_int", 0)}};
    if (call_.has("value_floats")) {
      std::vector<float> values = call_.reals("value_floats");
      return {OnnxShape{std::ssize(values)}, std::move(values)};
    }
    if (call_.has("value_ints")) {
      std::vector<std::int64_t> values = call_.integers("value_ints");
      return {OnnxShape{std::ssize(values)}, std::move(values)};
    }
    misunderstand("it has no value that quench can read");
  }

  OnnxConstant cast() {
    const std::int64_t to = call_.integer("to", 0);
    const OnnxType type = onnx_type(to);
    call_.ignore("saturate");
    if (type == OnnxType::Float || type == OnnxType::Double)
      return x().is_integer() ? OnnxConstant(sized(x().shape()), x().reals()) : x();
    if (type != OnnxType::Int64 && type != OnnxType::Int32 && type != OnnxType::Bool)
      misunderstand(std::string("a constant becomes ") + name_of(type));
    std::vector<std::int64_t> values;
    const OnnxShape shape = sized(x().shape());
    if (x().is_integer()) {
      values = x().integers();
    } else {
      for (const float value : x().reals()) {
        if (!(std::abs(value) < 9e18f)) misunderstand("a number is too large for an integer");
        values.push_back(type == OnnxType::Bool ? value != 0 : static_cast<std::int64_t>(value));
      }
    }
    if (type == OnnxType::Bool)
      for (std::int64_t& value : values) value = value != 0;
    return {shape, std::move(values)};
  }

  OnnxConstant constant_of_shape() {
    const OnnxShape shape = x().integers();
    for (const std::int64_t extent : shape)
      if (extent < 0) misunderstand("an extent is " + std::to_string(extent));
    const auto count = [&] { return static_cast<std::size_t>(elements_of(sized(shape))); };
    const OnnxTensor* tensor = call_.tensor("value");
    if (tensor == nullptr) return {shape, std::vector<float>(count(), 0.0f)};
    const OnnxConstant value(*tensor);
    if (value.elements() != 1) misunderstand("its value is no single number");
    if (value.is_integer()) return {shape, std::vector<std::int64_t>(count(), value.integers()[0])};
    return {shape, std::vector<float>(count(), value.reals()[0])};
  }

  OnnxConstant range() {
    if (!x().is_integer()) misunderstand("it counts in real numbers");
    const std::int64_t start = scalar(0), limit = scalar(1), step = scalar(2);
    constexpr std::int64_t most = std::int64_t{1} << 40;
    if (step == 0 || std::max({start, limit, step}) > most || std::min({start, limit, step}) < -most)
      misunderstand("it counts too far");
    const std::int64_t span = step > 0 ? limit - start : start - limit, stride = step > 0 ? step : -step;
    const std::int64_t count = span <= 0 ? 0 : (span - 1) / stride + 1;
    std::vector<std::int64_t> values;
    const OnnxShape shape = sized({count});
    for (std::int64_t i = 0; i < count; ++i) values.push_back(start + i * step);
    return {shape, std::move(values)};
  }

  OnnxConstant transpose() {
    const std::vector<std::size_t> order = onnx_order(call_, x().shape().size());
    OnnxShape shape;
    for (const std::size_t axis : order) shape.push_back(x().shape()[axis]);
    sized(shape);  // before the places take memory
    OnnxConstant result = x().taken(shape, onnx_transposed_places(x().shape(), order));
    result.set_origin(x().origin());
    return result;
  }

  // Elements along one axis, at `places` that repeat for all others.
  OnnxConstant along(std::size_t axis, const std::vector<std::size_t>& places, const OnnxShape& shape) {
    const OnnxShape& from = x().shape();
    const auto middle = from.begin() + static_cast<std::ptrdiff_t>(axis);
    const auto before = static_cast<std::size_t>(elements_of({from.begin(), middle}));
    const auto after = static_cast<std::size_t>(elements_of({middle + 1, from.end()}));
    const auto extent = static_cast<std::size_t>(from[axis]);
    std::vector<std::size_t> index;
    sized(shape);
    for (std::size_t b = 0; b < before; ++b)
      for (const std::size_t place : places)
        for (std::size_t a = 0; a < after; ++a) index.push_back((b * extent + place) * after + a);
    return x().taken(shape, index);
  }

  OnnxConstant gather() {
    const std::size_t axis = onnx_axis(call_.integer("axis", 0), x().shape().size());
    const std::int64_t extent = x().shape()[axis];
    std::vector<std::size_t> places;
    for (const std::int64_t given : x(1).integers()) {
      const std::int64_t place = given < 0 ? given + extent : given;
      if (given < -extent || place >= extent) misunderstand("there is no element " + std::to_string(given));
      places.push_back(static_cast<std::size_t>(place));
    }
    OnnxShape shape = x().shape();
    const auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    const OnnxShape& inner = x(1).shape();
    shape.insert(shape.erase(at), inner.begin(), inner.end());
    return along(axis, places, shape);
  }

  OnnxConstant slice() {
    OnnxConstant result = x();
    for (const OnnxRun& run : onnx_slice(call_, inputs_, x().shape())) {
      std::vector<std::size_t> places;
      for (std::int64_t i = 0; i < run.count; ++i) places.push_back(static_cast<std::size_t>(run.begin + i * run.step));
      OnnxShape shape = result.shape();
      shape[run.axis] = run.count;
      OnnxFolder part(call_, {&result}, budget_);
      result = part.along(run.axis, places, shape);
    }
    return result;
  }

  Constants split() {
    const OnnxSplit split = onnx_split(call_, inputs_, x().shape());
    Constants results;
    std::size_t begin = 0;
    for (const std::int64_t size : split.sizes) {
      std::vector<std::size_t> places(static_cast<std::size_t>(size));
      for (std::size_t& place : places) place = begin++;
      OnnxShape shape = x().shape();
      shape[split.axis] = size;
      results.push_back(along(split.axis, places, shape));
    }
    return results;
  }

  OnnxConstant concat() {
    const std::size_t axis = onnx_axis(call_.integer("axis", 0), x().shape().size());
    OnnxShape shape = x().shape();
    shape[axis] = 0;
    for (const OnnxConstant* part : inputs_) {
      OnnxShape others = part->shape();
      if (others.size() != shape.size() || part->is_integer() != x().is_integer())
        misunderstand("its parts do not fit each other");
      others[axis] = shape[axis];
      if (others != shape) misunderstand("its parts do not fit each other");
      shape[axis] = std::min<std::int64_t>(shape[axis] + part->shape()[axis], std::int64_t{1} << 40);
    }
    sized(shape);
    return x().is_integer() ? OnnxConstant(shape, joined<std::int64_t>(axis))
                            : OnnxConstant(shape, joined<float>(axis));
  }
  template <class T>
  std::vector<T> joined(std::size_t axis) const {
    std::vector<std::vector<T>> parts;
    std::vector<std::size_t> runs;
    std::size_t before = 1;
    for (std::size_t i = 0; i < axis; ++i) before *= static_cast<std::size_t>(x().shape()[i]);
    for (const OnnxConstant* part : inputs_) {
      parts.push_back(values<T>(*part));
      runs.push_back(before == 0 ? 0 : parts.back().size() / before);
    }
    std::vector<T> result;
    for (std::size_t b = 0; b < before; ++b)
      for (std::size_t p = 0; p < parts.size(); ++p)
        result.insert(result.end(), parts[p].begin() + static_cast<std::ptrdiff_t>(b * runs[p]),
                      parts[p].begin() + static_cast<std::ptrdiff_t>((b + 1) * runs[p]));
    return result;
  }
  template <class T>
  static std::vector<T> values(const OnnxConstant& constant) {
    if constexpr (std::is_same_v<T, float>)
      return constant.reals();
    else
      return constant.integers();
  }

  OnnxConstant broadcast(const OnnxConstant& constant, const OnnxShape& shape) {
    if (constant.shape() == shape) return constant;
    sized(shape);  // before the places take memory
    return constant.taken(shape, onnx_broadcast_places(constant.shape(), shape));
  }
  OnnxConstant expand() {
    const OnnxShape target = x(1).integers();
    for (const std::int64_t extent : target)
      if (extent < 0) misunderstand("an extent is " + std::to_string(extent));
    return broadcast(x(), onnx_broadcast(x().shape(), target));
  }

  OnnxConstant where() {
    const OnnxShape shape = onnx_broadcast(onnx_broadcast(x().shape(), x(1).shape()), x(2).shape());
    const std::vector<std::int64_t> condition = broadcast(x(), shape).integers();
    const OnnxConstant a = broadcast(x(1), shape), b = broadcast(x(2), shape);
    const auto choose = [&](const auto& yes, const auto& no) {
      auto result = no;
      for (std::size_t i = 0; i < result.size(); ++i)
        if (condition[i] != 0) result[i] = yes[i];
      return result;
    };
    sized(shape);
    if (a.is_integer() && b.is_integer()) return {shape, choose(a.integers(), b.integers())};
    return {shape, choose(a.reals(), b.reals())};
  }

  // Of a list: the product or the sum of extents.
  OnnxConstant reduce(bool is_product) {
    const auto axes = onnx_integers(call_, inputs_, "axes", 1);
    const bool keeps = call_.integer("keepdims", 1) != 0;
    if (x().shape().size() != 1 || (axes && !axes->empty() && onnx_axes(*axes, 1).size() != 1))
      misunderstand("a constant of more than one axis is reduced");
    std::int64_t result = is_product ? 1 : 0;
    for (const std::int64_t value : x().integers()) result = is_product ? product(result, value) : sum(result, value);
    return {keeps ? OnnxShape{1} : OnnxShape{}, std::vector<std::int64_t>{result}};
  }

  [[noreturn]] static void overflow() { misunderstand("an integer becomes too large"); }
  static std::int64_t sum(std::int64_t a, std::int64_t b) {
    using Limits = std::numeric_limits<std::int64_t>;
    if (b > 0 ? a > Limits::max() - b : a < Limits::min() - b) overflow();
    return a + b;
  }
  static std::int64_t product(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t most = 3'000'000'000;  // its square fits
    if (a == 0 || b == 0) return 0;
    if (a == 1) return b;
    if (b == 1) return a;
    if (a > most || a < -most || b > most || b < -most) overflow();
    return a * b;
  }
  static std::int64_t negative(std::int64_t a) { return product(a, -1); }
  static std::int64_t quotient(std::int64_t a, std::int64_t b) {
    if (b == 0) misunderstand("it divides by 0");
    return b == -1 ? negative(a) : a / b;
  }

  std::optional<OnnxConstant> unary(std::string_view op) {
    using Real = float (*)(float);
    constexpr std::pair<std::string_view, Real> reals[] = {{"Neg", [](float v) { return -v; }},
                                                           {"Abs", [](float v) { return std::abs(v); }},
                                                           {"Floor", [](float v) { return std::floor(v); }},
                                                           {"Ceil", [](float v) { return std::ceil(v); }},
                                                           {"Round", [](float v) { return std::nearbyint(v); }},
                                                           {"Sqrt", [](float v) { return std::sqrt(v); }},
                                                           {"Exp", [](float v) { return std::exp(v); }},
                                                           {"Log", [](float v) { return std::log(v); }},
                                                           {"Reciprocal", [](float v) { return 1 / v; }},
                                                           {"Relu", [](float v) { return v > 0 ? v : 0; }},
                                                           {"Sigmoid", [](float v) { return 1 / (1 + std::exp(-v)); }},
                                                           {"Tanh", [](float v) { return std::tanh(v); }}};
    using Integer = std::int64_t (*)(std::int64_t);
    constexpr std::pair<std::string_view, Integer> integers[] = {
        {"Neg", [](std::int64_t v) { return negative(v); }},
        {"Abs", [](std::int64_t v) { return v < 0 ? negative(v) : v; }},
        {"Not", [](std::int64_t v) { return std::int64_t{v == 0}; }}};
    const auto apply = [&](const auto& functions, auto values) -> std::optional<OnnxConstant> {
      for (const auto& [name, function] : functions) {
        if (name != op) continue;
        for (auto& value : values) value = function(value);
        return OnnxConstant(sized(x().shape()), std::move(values));
      }
      return {};
    };
    if (x().is_integer()) return apply(integers, x().integers());
    return apply(reals, x().reals());
  }

  std::optional<OnnxConstant> binary(std::string_view op) {
    using Real = float (*)(float, float);
    constexpr std::pair<std::string_view, Real> reals[] = {{"Add", [](float a, float b) { return a + b; }},
                                                           {"Sub", [](float a, float b) { return a - b; }},
                                                           {"Mul", [](float a, float b) { return a * b; }},
                                                           {"Div", [](float a, float b) { return a / b; }},
                                                           {"Pow", [](float a, float b) { return std::pow(a, b); }},
                                                           {"Max", [](float a, float b) { return std::max(a, b); }},
                                                           {"Min", [](float a, float b) { return std::min(a, b); }}};
    using Integer = std::int64_t (*)(std::int64_t, std::int64_t);
    constexpr std::pair<std::string_view, Integer> integers[] = {
        {"Add", [](std::int64_t a, std::int64_t b) { return sum(a, b); }},
        {"Sub", [](std::int64_t a, std::int64_t b) { return sum(a, negative(b)); }},
        {"Mul", [](std::int64_t a, std::int64_t b) { return product(a, b); }},
        {"Div", [](std::int64_t a, std::int64_t b) { return quotient(a, b); }},
        {"Max", [](std::int64_t a, std::int64_t b) { return std::max(a, b); }},
        {"Min", [](std::int64_t a, std::int64_t b) { return std::min(a, b); }},
        {"And", [](std::int64_t a, std::int64_t b) { return std::int64_t{a != 0 && b != 0}; }},
        {"Or", [](std::int64_t a, std::int64_t b) { return std::int64_t{a != 0 || b != 0}; }},
        {"Equal", [](std::int64_t a, std::int64_t b) { return std::int64_t{a == b}; }},
        {"Less", [](std::int64_t a, std::int64_t b) { return std::int64_t{a < b}; }},
        {"Greater", [](std::int64_t a, std::int64_t b) { return std::int64_t{a > b}; }}};
    const auto apply = [&](const auto& functions, auto&& values_of) -> std::optional<OnnxConstant> {
      for (const auto& [name, function] : functions) {
        if (name != op) continue;
        if (inputs_.size() != 2) misunderstand("it does not have two inputs");
        const OnnxShape shape = onnx_broadcast(x(0).shape(), x(1).shape());
        auto a = values_of(broadcast(x(0), shape));
        const auto b = values_of(broadcast(x(1), shape));
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = function(a[i], b[i]);
        return OnnxConstant(sized(shape), std::move(a));
      }
      return {};
    };
    if (inputs_.size() == 2 && x(0).is_integer() && x(1).is_integer())
      return apply(integers, [](const OnnxConstant& c) { return c.integers(); });
    return apply(reals, [](const OnnxConstant& c) { return c.reals(); });
  }

  OnnxCall& call_;
  OnnxConstants inputs_;
  OnnxFoldBudget& budget_;
};

QUENCH_INLINE std::optional<std::vector<OnnxConstant>> fold_onnx(OnnxCall& call, const OnnxConstants& inputs,
                                                                 OnnxFoldBudget& budget) {
  return OnnxFolder(call, inputs, budget).fold();
}

}  // namespace detail

}  // namespace quench::interop
