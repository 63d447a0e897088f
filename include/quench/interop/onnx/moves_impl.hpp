// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/moves.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <quench/interop/onnx/affine.hpp>
#include <quench/interop/onnx/windows.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE OnnxConstant lower_shape(const OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  const OnnxConstant* constant = lowering.constants_of(call)[0];
  const OnnxShape shape = constant != nullptr ? constant->shape() : lowering.file_shape(lowering.tensor(call));
  if (call.op() == "Size") return {OnnxShape{}, std::vector<std::int64_t>{elements_of(shape)}};
  const std::int64_t rank = std::ssize(shape);
  const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const std::int64_t begin = place(call.integer("start", 0)), end = std::max(begin, place(call.integer("end", rank)));
  const std::vector<std::int64_t> values(shape.begin() + begin, shape.begin() + end);
  return {OnnxShape{end - begin}, values};
}

/// A view with another shape in the file.
inline OnnxView with_shape(OnnxLowering& lowering, OnnxView x, const OnnxShape& shape) {
  if (lowering.file_shape(x) == shape) return x;
  if (x.reshape(shape, lowering.batch_extent())) return lowering.with_batch(std::move(x));
  OnnxView ordered = lowering.in_order(x, lowering.own_axes(x));
  if (ordered.reshape(shape, lowering.batch_extent())) return lowering.with_batch(std::move(ordered));
  refuse_node(text_of_shape(lowering.file_shape(x)) + " cannot become " + text_of_shape(shape),
              "the batch stands between its axes");
}

inline OnnxView lower_view(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 2);
  const OnnxView& x = lowering.tensor(call);
  const OnnxShape shape = lowering.file_shape(x);
  return with_shape(lowering, x, onnx_view(call, lowering.constants_of(call), shape, !lowering.batch_is_one()));
}

inline OnnxView lower_transpose(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  const OnnxView& x = lowering.tensor(call);
  return x.transposed(onnx_order(call, x.file.size()));
}

inline OnnxView without_axis(const OnnxView& x, std::size_t axis) {
  OnnxView result = x;
  result.file.erase(result.file.begin() + static_cast<std::ptrdiff_t>(axis));
  return result;
}

/// A view of a result over the axes of `axes`, of another shape.
inline OnnxView view_over(const OnnxLowering& lowering, const OnnxLowering::Axes& axes, int value) {
  return OnnxView::of(value, lowering.shape_of(value), axes.order, axes.view.file.size(), axes.view.batch_axis());
}

/// [begin, end) of an axis of the file. The batch may only stay whole.
inline OnnxView sliced(OnnxLowering& lowering, const OnnxView& x, std::size_t axis, std::int64_t begin,
                       std::int64_t end) {
  if (begin == 0 && end == lowering.file_shape(x)[axis]) return x;
  const OnnxLowering::Axes axes = lowering.as_axes(x);
  return view_over(lowering, axes, emit_slice(lowering, axes.view.value, axes.place(axis), begin, end));
}

inline OnnxView lower_slice(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 5);
  OnnxView x = lowering.tensor(call);
  for (const OnnxRun& run : onnx_slice(call, lowering.constants_of(call), lowering.file_shape(x))) {
    if (run.count == 0) refuse_node("its result has no elements", "quench has no such tensor");
    if (run.step == 1) {
      x = sliced(lowering, x, run.axis, run.begin, run.begin + run.count);
      continue;
    }
    // Every n-th element: the axis becomes two, of which the second has one element left.
    OnnxShape shape = lowering.file_shape(x);
    const std::int64_t extent = shape[run.axis];
    if (run.step < 0 || extent % run.step != 0 || run.begin / run.step != 0 || run.count != extent / run.step)
      refuse_node("it takes elements in steps of " + std::to_string(run.step), "quench takes neighbours");
    OnnxShape two = shape;
    two[run.axis] = run.step;
    two.insert(two.begin() + static_cast<std::ptrdiff_t>(run.axis), run.count);
    shape[run.axis] = run.count;
    x = sliced(lowering, with_shape(lowering, x, two), run.axis + 1, run.begin, run.begin + 1);
    x = without_axis(x, run.axis + 1);
  }
  return x;
}

inline void lower_split(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 2);
  const OnnxView x = lowering.tensor(call);
  const OnnxSplit split = onnx_split(call, lowering.constants_of(call), lowering.file_shape(x));
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < split.sizes.size(); ++i) {
    if (split.sizes[i] == 0 && call.has_output(i)) refuse_node("a part has no elements", "quench has no such tensor");
    if (call.has_output(i)) lowering.give(call, sliced(lowering, x, split.axis, begin, begin + split.sizes[i]), i);
    begin += split.sizes[i];
  }
}

/// Rows of a table, by an input of indices.
inline OnnxView lower_lookup(OnnxLowering& lowering, OnnxCall& call) {
  const OnnxConstant& table = lowering.constant(call, 0);
  const OnnxView& x = lowering.tensor(call, 1);
  if (!lowering.is_indices(x.value))
    refuse_node("the network computes its indices", "quench looks up an input of indices");
  const OnnxShape& shape = table.shape();
  if (shape.size() != 2 || table.elements() == 0 || table.is_integer() || onnx_axis(call.integer("axis", 0), 2) != 0)
    refuse_node("its table is " + text_of_shape(shape), "quench looks up the rows of a table [rows, numbers] of reals");
  CppSettings settings;
  settings.add("num_embeddings", shape[0]);
  settings.add("embedding_dim", shape[1]);
  OnnxView result = x;  // whatever the file did to the indices is done to the rows
  result.shape.push_back(shape[1]);
  result.file.emplace_back();
  if (shape[1] > 1) {
    result.file.back().push_back(result.factors.size());
    result.factors.push_back(shape[1]);
  }
  ImportedStep step{"Embedding", settings.text(), "$m($0)", {x.value}, result.shape};
  step.parameters["weight"] = table.parameter();
  result.value = lowering.emit(std::move(step), {table.origin()});
  return result;
}

inline OnnxView lower_gather(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 2);
  if (lowering.is_constant(call, 0) && !lowering.is_constant(call, 1)) return lower_lookup(lowering, call);
  const OnnxView x = lowering.tensor(call);
  const OnnxConstant& indices = lowering.constant(call, 1);
  const std::size_t axis = onnx_axis(call.integer("axis", 0), x.file.size());
  OnnxShape shape = lowering.file_shape(x);
  const std::int64_t extent = shape[axis];
  std::vector<std::int64_t> places = indices.integers();
  bool are_neighbours = true;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < -extent || places[i] >= extent) misunderstand("there is no element " + std::to_string(places[i]));
    if (places[i] < 0) places[i] += extent;
    are_neighbours &= i == 0 || places[i] == places[i - 1] + 1;
  }
  if (places.empty()) refuse_node("its result has no elements", "quench has no such tensor");
  OnnxView result;
  if (are_neighbours) {
    result = sliced(lowering, x, axis, places[0], places.back() + 1);
  } else {
    const OnnxLowering::Axes axes = lowering.as_axes(x);
    const std::size_t place = axes.place(axis);
    OnnxShape moved = axes.view.shape;
    moved[place] = std::ssize(places);
    result =
        view_over(lowering, axes,
                  lowering.emit({.type = "FloatFunctional",
                                 .call = "$m.gather($0, " + text_of_list(places) + ", " + std::to_string(place) + ")",
                                 .inputs = {axes.view.value},
                                 .shape = moved}));
  }
  if (axis == result.batch_axis() && !lowering.batch_is_one())
    refuse_node("it takes one sample of a batch", "quench computes each sample by itself");
  const OnnxShape& inner = indices.shape();
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), inner.begin(), inner.end());
  return with_shape(lowering, std::move(result), shape);
}

/// Zeros around axes of the file; negative numbers cut.
inline OnnxView padded(OnnxLowering& lowering, OnnxView x, const std::vector<std::int64_t>& before,
                       const std::vector<std::int64_t>& after) {
  const OnnxShape extents = lowering.file_shape(x);
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    constexpr std::int64_t most = std::int64_t{1} << 31;
    if (std::max(before[axis], after[axis]) > most || std::min(before[axis], after[axis]) < -extents[axis])
      misunderstand("a pad is out of range");
    const std::int64_t begin = std::max<std::int64_t>(-before[axis], 0);
    const std::int64_t end = extents[axis] - std::max<std::int64_t>(-after[axis], 0);
    if (begin >= end) refuse_node("its result has no elements", "quench has no such tensor");
    x = sliced(lowering, x, axis, begin, end);
  }
  if (std::max(*std::max_element(before.begin(), before.end()), *std::max_element(after.begin(), after.end())) <= 0)
    return x;
  const OnnxLowering::Axes axes = lowering.as_axes(x);
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    if (before[axis] > 0 || after[axis] > 0) axes.place(axis);
  std::string margins;
  OnnxShape shape = axes.view.shape;
  for (std::size_t i = 0; i < axes.order.size(); ++i) {
    const std::int64_t b = std::max<std::int64_t>(before[axes.order[i]], 0),
                       a = std::max<std::int64_t>(after[axes.order[i]], 0);
    margins += (margins.empty() ? "{" : ", ") + text_of_list({b, a});
    shape[i] += b + a;
  }
  return view_over(lowering, axes,
                   lowering.emit({.call = "pad($0, " + margins + "})", .inputs = {axes.view.value}, .shape = shape}));
}

inline OnnxView lower_pad(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 4);
  const OnnxView& x = lowering.tensor(call);
  const OnnxConstants constants = lowering.constants_of(call);
  const std::size_t rank = x.file.size();
  if (call.text("mode", "constant") != "constant")
    refuse_node("its mode is " + shown(call.text("mode", "")), "quench pads with zeros");
  if (onnx_real(call, constants, "value", 2).value_or(0.0f) != 0)
    refuse_node("it pads with a number other than 0", "quench pads with zeros");
  const auto pads = onnx_integers(call, constants, call.opset() < 11 ? "pads" : "", 1);
  std::vector<std::int64_t> all(rank);
  std::iota(all.begin(), all.end(), 0);
  const std::vector<std::size_t> axes = onnx_axes(onnx_integers(call, constants, "", 3).value_or(all), rank);
  if (!pads || pads->size() != 2 * axes.size()) misunderstand("its pads do not fit its input");
  std::vector<std::int64_t> before(rank), after(rank);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    before[axes[i]] = (*pads)[i];
    after[axes[i]] = (*pads)[axes.size() + i];
  }
  return padded(lowering, x, before, after);
}

inline OnnxView lower_concat(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1 << 16);
  std::vector<OnnxView> views;
  std::size_t first = call.node().inputs.size(), last = 0;  // tensors among the inputs
  for (std::size_t i = 0; i < call.node().inputs.size(); ++i) {
    if (lowering.is_constant(call, i)) continue;
    views.push_back(lowering.tensor(call, i));
    first = std::min(first, i), last = i;
  }
  const std::size_t rank = views[0].file.size();
  const std::size_t axis = onnx_axis(call.integer("axis", -1), rank);
  if (!call.has("axis")) misunderstand("it names no axis");
  OnnxShape shape = lowering.file_shape(views[0]), whole = shape;
  whole[axis] = 0;
  std::vector<std::int64_t> before(rank), after(rank);
  for (std::size_t i = 0; i < call.node().inputs.size(); ++i) {
    const OnnxShape given = lowering.is_constant(call, i) ? lowering.constant(call, i).shape()
                                                          : lowering.file_shape(lowering.tensor(call, i));
    OnnxShape others = given;
    if (given.size() != rank) misunderstand("its inputs do not fit each other");
    others[axis] = shape[axis];
    if (others != shape)
      misunderstand(text_of_shape(shape) + " and " + text_of_shape(given) + " do not fit each other");
    whole[axis] += given[axis];
    if (!lowering.is_constant(call, i)) continue;
    if (i > first && i < last) refuse_node("a constant stands between its tensors", "quench pads at the ends");
    (i < first ? before : after)[axis] += given[axis];
  }
  OnnxLowering::Axes axes = lowering.as_axes(views[0]);
  const std::size_t place = axes.place(axis);
  OnnxView result = views[0];
  if (views.size() > 1) {
    ImportedStep step{.type = "FloatFunctional", .shape = axes.view.shape};
    step.shape[place] = 0;
    std::string operands;
    for (const OnnxView& view : views) {
      const OnnxView part = lowering.in_order(view, axes.order);
      operands += (operands.empty() ? "$" : ", $") + std::to_string(step.inputs.size());
      step.inputs.push_back(part.value);
      step.shape[place] += part.shape[place];
    }
    const bool is_last = place + 1 == axes.order.size();
    step.call = (is_last ? "$m.cat(" : "$m.cat<" + std::to_string(place) + ">(") + operands + ")";
    result = view_over(lowering, axes, lowering.emit(std::move(step)));
  }
  result = padded(lowering, result, before, after);
  // Constants that are not zero are added where the padding is.
  for (std::size_t i = 0, begin = 0; i < call.node().inputs.size(); ++i) {
    const bool is_constant = lowering.is_constant(call, i);
    const OnnxShape given =
        is_constant ? lowering.constant(call, i).shape() : lowering.file_shape(lowering.tensor(call, i));
    const std::size_t offset = begin;
    begin += static_cast<std::size_t>(given[axis]);
    if (!is_constant || lowering.constant(call, i).single() == 0.0f) continue;
    OnnxShape summand = whole;
    lowering.budget().take(elements_of(summand));
    std::vector<float> values(static_cast<std::size_t>(elements_of(summand)), 0.0f);
    const std::vector<float> own = lowering.constant(call, i).reals();
    const std::vector<std::size_t> steps = onnx_steps(whole);
    const std::size_t run = steps[axis] * static_cast<std::size_t>(given[axis]),
                      stride = steps[axis] * static_cast<std::size_t>(whole[axis]);
    for (std::size_t e = 0; e < own.size(); ++e) values[e / run * stride + offset * steps[axis] + e % run] = own[e];
    const OnnxConstant one(OnnxShape{}, std::vector<float>{1});
    result = affine_after(lowering, result, nullptr, one, OnnxConstant(summand, std::move(values)));
  }
  return result;
}

inline OnnxView lower_blocks(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  const OnnxView x = lowering.as_map(lowering.tensor(call));
  const std::int64_t block = call.integer("blocksize", 0);
  if (x.shape.size() != 3 || block < 1 || block > 4096) misunderstand("its input is no map of blocks");
  OnnxShape shape = x.shape;
  std::string function = "space_to_depth";
  if (call.op() == "DepthToSpace") {
    const std::string_view mode = call.text("mode", "DCR");
    if (mode != "DCR" && mode != "CRD") misunderstand("its mode is " + shown(mode));
    if (shape[2] % (block * block) != 0) misunderstand("its channels are no blocks");
    shape = {shape[0] * block, shape[1] * block, shape[2] / (block * block)};
    function = mode == "DCR" ? "depth_to_space" : "pixel_shuffle";
  } else {
    if (shape[0] % block != 0 || shape[1] % block != 0) misunderstand("its pixels are no blocks");
    shape = {shape[0] / block, shape[1] / block, shape[2] * block * block};
  }
  return map_view(
      x, lowering.emit({.call = function + "($0, " + std::to_string(block) + ")", .inputs = {x.value}, .shape = shape}),
      shape);
}

inline OnnxView lower_expand(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(2, 2);
  const OnnxView& x = lowering.tensor(call);
  const OnnxShape shape = lowering.file_shape(x), target = onnx_broadcast(shape, lowering.constant(call, 1).integers());
  if (elements_of(target) != elements_of(shape))
    refuse_node("it repeats a tensor", "quench repeats in add, mul and the like, without it");
  return with_shape(lowering, x, target);
}

/// The largest value of each channel.
inline OnnxView lower_reduced_max(OnnxLowering& lowering, const OnnxCall& call, std::vector<std::size_t> axes,
                                  bool keeps) {
  OnnxView x = lowering.tensor(call);
  std::sort(axes.begin(), axes.end());
  const bool is_map = (x.file.size() == 4 && axes == std::vector<std::size_t>{2, 3}) ||
                      (x.file.size() == 3 && axes == std::vector<std::size_t>{2});
  if (!is_map) refuse_node("it takes the largest value of other axes than those of the pixels", "quench has max pools");
  x = lowering.as_map(x);
  OnnxShape shape(x.shape.size() - 1, 1);
  shape.push_back(x.shape.back());
  const std::string type = x.shape.size() == 3 ? "AdaptiveMaxPool2d" : "AdaptiveMaxPool1d";
  OnnxView result = map_view(x, lowering.emit({type, "{.output_size = 1}", "$m($0)", {x.value}, shape}), shape);
  if (!keeps) result.file.resize(2);
  return result;
}

inline OnnxView lower_reduction(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 2);
  const OnnxView& x = lowering.tensor(call);
  const std::size_t rank = x.file.size();
  const auto given = onnx_integers(call, lowering.constants_of(call), "axes", 1);
  const bool keeps = call.integer("keepdims", 1) != 0, is_nothing = call.integer("noop_with_empty_axes", 0) != 0;
  std::vector<std::size_t> reduced = onnx_axes(given.value_or(std::vector<std::int64_t>{}), rank);
  if (reduced.empty() && is_nothing) return x;
  if (reduced.empty()) {
    reduced.resize(rank);
    std::iota(reduced.begin(), reduced.end(), std::size_t{0});
  }
  if (call.op() == "ReduceMax") return lower_reduced_max(lowering, call, reduced, keeps);
  const OnnxLowering::Axes axes = lowering.as_axes(x);
  std::vector<std::int64_t> places;
  OnnxShape shape = axes.view.shape;
  std::vector<std::size_t> left;  // axes of the file that stay
  for (const std::size_t axis : reduced) {
    if (axis == x.batch_axis() && lowering.batch_is_one()) continue;
    places.push_back(static_cast<std::int64_t>(axes.place(axis)));
  }
  std::sort(places.begin(), places.end());
  OnnxShape kept;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool goes = std::binary_search(places.begin(), places.end(), static_cast<std::int64_t>(i));
    if (!goes) left.push_back(axes.order[i]);
    if (!goes || keeps) kept.push_back(goes ? 1 : shape[i]);
  }
  const std::string where = places.size() == 1 ? std::to_string(places[0]) : text_of_list(places);
  OnnxView result = axes.view;
  if (!places.empty()) {
    const std::string function = call.op() == "ReduceMean" ? "mean" : "sum";
    const int value = lowering.emit({.type = "FloatFunctional",
                                     .call = "$m." + function + "($0, " + where + (keeps ? ", true)" : ")"),
                                     .inputs = {axes.view.value},
                                     .shape = kept});
    result = OnnxView::of(value, lowering.shape_of(value), keeps ? axes.order : left, rank, axes.view.batch_axis());
  }
  if (keeps) return result;
  std::sort(reduced.begin(), reduced.end());
  for (std::size_t i = reduced.size(); i-- > 0;) result = without_axis(result, reduced[i]);
  return result;
}

QUENCH_INLINE bool lower_move(OnnxLowering& lowering, OnnxCall& call) {
  if (call.op() == "Split") {
    lower_split(lowering, call);
    return true;
  }
  constexpr OnnxMeaning moves[] = {
      {"Transpose", lower_transpose},  {"Reshape", lower_view},        {"Flatten", lower_view},
      {"Squeeze", lower_view},         {"Unsqueeze", lower_view},      {"Concat", lower_concat},
      {"Slice", lower_slice},          {"Gather", lower_gather},       {"Pad", lower_pad},
      {"Expand", lower_expand},        {"DepthToSpace", lower_blocks}, {"SpaceToDepth", lower_blocks},
      {"ReduceMean", lower_reduction}, {"ReduceSum", lower_reduction}, {"ReduceMax", lower_reduction}};
  return lowering.give_by(moves, call);
}

}  // namespace detail

}  // namespace quench::interop
