// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/settings.hpp>

#include <algorithm>
#include <limits>
#include <numeric>

namespace quench::interop {

namespace detail {

inline const OnnxConstant* constant_input(const OnnxCall& call, const OnnxConstants& constants, std::size_t i) {
  if (!call.has_input(i)) return nullptr;
  if (i >= constants.size() || constants[i] == nullptr)
    refuse_node("its input " + shown(call.input(i)) + " is computed by the network",
                "export the model with fixed shapes, or give them by --shape");
  return constants[i];
}

QUENCH_INLINE std::optional<std::vector<std::int64_t>> onnx_integers(OnnxCall& call, const OnnxConstants& constants,
                                                                     std::string_view attribute, std::size_t i) {
  if (call.has(attribute)) return call.integers(attribute);
  const OnnxConstant* constant = constant_input(call, constants, i);
  if (constant == nullptr) return {};
  if (constant->shape().size() > 1) misunderstand("its input " + shown(call.input(i)) + " is no list");
  return constant->integers();
}

QUENCH_INLINE std::optional<float> onnx_real(OnnxCall& call, const OnnxConstants& constants, std::string_view attribute,
                                             std::size_t i) {
  if (call.has(attribute)) return call.real(attribute, 0);
  const OnnxConstant* constant = constant_input(call, constants, i);
  if (constant == nullptr) return {};
  if (constant->elements() != 1) misunderstand("its input " + shown(call.input(i)) + " is no single number");
  return constant->reals()[0];
}

QUENCH_INLINE std::vector<OnnxRun> onnx_slice(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape) {
  const auto starts = onnx_integers(call, constants, "starts", 1), ends = onnx_integers(call, constants, "ends", 2);
  if (!starts || !ends || starts->size() != ends->size()) misunderstand("its starts and ends do not fit each other");
  std::vector<std::int64_t> all(starts->size());
  std::iota(all.begin(), all.end(), 0);
  const auto axes = onnx_axes(onnx_integers(call, constants, "axes", 3).value_or(all), shape.size());
  const auto steps = onnx_integers(call, constants, "steps", 4).value_or(std::vector<std::int64_t>(axes.size(), 1));
  if (axes.size() != starts->size() || steps.size() != axes.size()) misunderstand("its axes do not fit its starts");
  std::vector<OnnxRun> runs;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t extent = shape[axes[i]], step = steps[i];
    if (step == 0 || step == std::numeric_limits<std::int64_t>::min()) misunderstand("a step is 0");
    const std::int64_t last = step > 0 ? extent : extent - 1, least = step > 0 ? 0 : -1;
    const auto place = [&](std::int64_t position) {
      return std::clamp(position < 0 ? position + extent : position, least, last);
    };
    const std::int64_t begin = place((*starts)[i]), end = place((*ends)[i]);
    const std::int64_t span = step > 0 ? end - begin : begin - end, stride = step > 0 ? step : -step;
    const std::int64_t count = span <= 0 ? 0 : (span - 1) / stride + 1;
    if (begin != 0 || count != extent || step != 1) runs.push_back({axes[i], begin, step, count});
  }
  return runs;
}

QUENCH_INLINE OnnxSplit onnx_split(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape) {
  OnnxSplit split{onnx_axis(call.integer("axis", 0), shape.size()), {}};
  const std::int64_t extent = shape[split.axis], count = static_cast<std::int64_t>(call.node().outputs.size());
  if (call.has("num_outputs") && call.integer("num_outputs", 0) != count)
    misunderstand("its outputs are not num_outputs");
  split.sizes = onnx_integers(call, constants, "split", 1).value_or(std::vector<std::int64_t>{});
  if (split.sizes.empty() && count > 0) {
    const std::int64_t size = (extent + count - 1) / count;
    if (!call.has("num_outputs") && size * count != extent) misunderstand("its parts are not equal");
    split.sizes.assign(static_cast<std::size_t>(count), size);
    split.sizes.back() = extent - (count - 1) * size;
  }
  std::int64_t sum = 0;
  for (const std::int64_t size : split.sizes) {
    if (size < 0 || size > extent - sum) misunderstand("its parts are not as long as the axis");
    sum += size;
  }
  if (sum != extent || std::ssize(split.sizes) != count) misunderstand("its parts are not as long as the axis");
  return split;
}

inline OnnxShape reshaped(const OnnxShape& shape, std::vector<std::int64_t> target, bool takes_zeros) {
  std::int64_t known = 1;
  std::size_t open = target.size();
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == 0 && !takes_zeros) {
      if (i >= shape.size()) misunderstand("its shape has a 0 where the input has no axis");
      target[i] = shape[i];
    }
    if (target[i] == -1 && open == target.size())
      open = i;
    else if (target[i] < 0)
      misunderstand("its shape has an extent " + std::to_string(target[i]));
    else
      known = elements_of({known, target[i]});
  }
  const std::int64_t elements = elements_of(shape);
  if (open < target.size()) {
    if (known == 0 || elements % known != 0)
      misunderstand(text_of_shape(shape) + " cannot become " + std::to_string(known) + " parts");
    target[open] = elements / known;
    known = elements;
  }
  if (known != elements) misunderstand(text_of_shape(shape) + " cannot become " + text_of_shape(target));
  return target;
}

inline OnnxShape squeezed(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape, bool keeps_batch) {
  const auto given = onnx_integers(call, constants, "axes", 1);
  const std::vector<std::size_t> axes = onnx_axes(given.value_or(std::vector<std::int64_t>{}), shape.size());
  OnnxShape result;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const bool is_named = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (is_named && shape[axis] != 1)
      misunderstand("axis " + std::to_string(axis) + " of " + text_of_shape(shape) + " is not 1");
    const bool goes = given ? is_named : shape[axis] == 1 && !(keeps_batch && axis == 0);
    if (!goes) result.push_back(shape[axis]);
  }
  return result;
}

QUENCH_INLINE OnnxShape onnx_view(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape,
                                  bool keeps_batch) {
  if (call.op() == "Squeeze") return squeezed(call, constants, shape, keeps_batch);
  if (call.op() == "Unsqueeze") {
    const auto given = onnx_integers(call, constants, "axes", 1);
    if (!given) misunderstand("it names no axes");
    std::vector<std::size_t> axes = onnx_axes(*given, shape.size() + given->size());
    std::sort(axes.begin(), axes.end());
    OnnxShape result = shape;
    for (const std::size_t axis : axes) result.insert(result.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    return result;
  }
  if (call.op() == "Flatten") {
    const std::int64_t axis = call.integer("axis", 1), rank = std::ssize(shape);
    if (axis < -rank || axis > rank) misunderstand("there is no axis " + std::to_string(axis));
    const auto middle = shape.begin() + (axis < 0 ? axis + rank : axis);
    return reshaped(shape, {elements_of({shape.begin(), middle}), elements_of({middle, shape.end()})}, true);
  }
  const bool takes_zeros = call.integer("allowzero", 0) != 0;
  const auto target = onnx_integers(call, constants, "shape", 1);
  if (!target) misunderstand("it has no shape");
  return reshaped(shape, *target, takes_zeros);
}

QUENCH_INLINE std::vector<std::size_t> onnx_order(OnnxCall& call, std::size_t rank) {
  std::vector<std::int64_t> reversed(rank);
  for (std::size_t i = 0; i < rank; ++i) reversed[i] = static_cast<std::int64_t>(rank - 1 - i);
  std::vector<std::size_t> order = onnx_axes(call.integers("perm", reversed), rank);
  if (order.size() != rank)
    misunderstand("its perm has " + std::to_string(order.size()) + " axes of " + std::to_string(rank));
  return order;
}

QUENCH_INLINE OnnxShape onnx_broadcast(const OnnxShape& a, const OnnxShape& b) {
  OnnxShape result = a.size() < b.size() ? b : a;
  const OnnxShape& other = a.size() < b.size() ? a : b;
  for (std::size_t i = 1; i <= other.size(); ++i) {
    std::int64_t& extent = result[result.size() - i];
    const std::int64_t given = other[other.size() - i];
    if (extent != given && extent != 1 && given != 1)
      misunderstand(text_of_shape(a) + " and " + text_of_shape(b) + " do not fit each other");
    if (extent == 1) extent = given;
  }
  return result;
}

QUENCH_INLINE std::vector<std::size_t> onnx_steps(const OnnxShape& shape) {
  std::vector<std::size_t> steps(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;)
    steps[axis - 1] = steps[axis] * static_cast<std::size_t>(shape[axis]);
  return steps;
}

/// The places of all elements of `shape` in a tensor with these steps.
inline std::vector<std::size_t> places_by_steps(const OnnxShape& shape, const std::vector<std::size_t>& steps) {
  std::vector<std::size_t> places;
  const std::size_t count = static_cast<std::size_t>(elements_of(shape));
  places.reserve(count);
  OnnxShape at(shape.size(), 0);
  std::size_t place = 0;
  while (places.size() < count) {
    places.push_back(place);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      place += steps[axis];
      if (++at[axis] < shape[axis]) break;
      place -= steps[axis] * static_cast<std::size_t>(shape[axis]);
      at[axis] = 0;
    }
  }
  return places;
}

QUENCH_INLINE std::vector<std::size_t> onnx_broadcast_places(const OnnxShape& from, const OnnxShape& to) {
  const std::vector<std::size_t> own = onnx_steps(from);
  std::vector<std::size_t> steps(to.size(), 0);
  for (std::size_t i = 1; i <= from.size(); ++i)
    if (from[from.size() - i] != 1) steps[to.size() - i] = own[from.size() - i];
  return places_by_steps(to, steps);
}

QUENCH_INLINE std::vector<std::size_t> onnx_transposed_places(const OnnxShape& from,
                                                              const std::vector<std::size_t>& order) {
  const std::vector<std::size_t> own = onnx_steps(from);
  std::vector<std::size_t> steps;
  OnnxShape to;
  for (const std::size_t axis : order) {
    steps.push_back(own[axis]);
    to.push_back(from[axis]);
  }
  return places_by_steps(to, steps);
}

}  // namespace detail

}  // namespace quench::interop
