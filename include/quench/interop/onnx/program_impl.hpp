// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/program.hpp>

#include <algorithm>

#include <quench/interop/cpp_text.hpp>
#include <quench/interop/onnx/call.hpp>
#include <quench/interop/onnx/settings.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE OnnxView OnnxProgram::add_input(const OnnxShape& shape, const std::vector<std::size_t>& order,
                                              std::size_t rank, std::size_t batch_axis, bool is_indices) {
  const int number = input_count();
  input_shapes_.push_back(shape);
  are_indices_.push_back(is_indices);
  has_batch_ |= batch_axis < rank;
  return OnnxView::of(number, shape, order, rank, batch_axis);
}

QUENCH_INLINE const OnnxShape& OnnxProgram::shape_of(int value) const& {
  const int step = value - input_count();
  return step < 0 ? input_shapes_[static_cast<std::size_t>(value)] : steps_[static_cast<std::size_t>(step)].step.shape;
}

QUENCH_INLINE int OnnxProgram::emit(ImportedStep step, std::vector<std::string_view> origins) {
  const auto is_function = step.type.empty();
  if (is_function)
    if (const auto found = functions_.find({step.call, step.inputs[0]}); found != functions_.end())
      return found->second;
  for (const int value : step.inputs)
    if (is_indices(value) && step.type != "Embedding")
      refuse_node("it computes with an input of integers", "quench takes them only as indices of an Embedding");
  if (step.shape.empty()) step.shape = {1};
  if (step.shape.size() > static_cast<std::size_t>(max_rank))
    refuse_node("a tensor needs more than six axes besides the batch", "quench has none");
  for (const std::int64_t extent : step.shape)
    if (extent < 1) refuse_node("a tensor " + text_of_shape(step.shape) + " has no elements", "quench has none");
  if (elements_of(step.shape) > max_elements) refuse_node("a tensor has 2^31 elements or more", "quench has none");
  for (const auto& [name, array] : step.parameters) {
    const std::int64_t count = static_cast<std::int64_t>(array.elements());
    if (count > room_for_parameters_) refuse_node("weights are used too many times", "quench copies each weight");
    room_for_parameters_ -= count;
  }
  const int number = input_count() + static_cast<int>(steps_.size());
  if (is_function) functions_[{step.call, step.inputs[0]}] = number;
  steps_.push_back({std::move(step), node_, std::move(origins)});
  return number;
}

QUENCH_INLINE OnnxView OnnxProgram::apply(const OnnxView& x, std::string type, std::string settings, std::string call) {
  OnnxView result = x;
  result.value = emit({std::move(type), std::move(settings), std::move(call), {x.value}, x.shape});
  return result;
}

QUENCH_INLINE OnnxFactors OnnxProgram::group(const OnnxView& x, std::size_t axis) const {
  OnnxFactors factors;
  for (const std::size_t factor : x.file[axis]) {
    if (factor != OnnxView::batch)
      factors.push_back(factor);
    else if (batch_extent_ > 1 && x.file[axis].size() > 1)
      refuse_node("an axis joins the batch with another one", "export the model with a batch of 1");
  }
  return factors;
}

QUENCH_INLINE OnnxView OnnxProgram::with_batch(OnnxView x) const {
  const auto has_it = [](const OnnxFactors& axis) {
    return std::find(axis.begin(), axis.end(), OnnxView::batch) != axis.end();
  };
  if (!has_batch_ || batch_extent_ != 1 || std::any_of(x.file.begin(), x.file.end(), has_it)) return x;
  const auto unit = std::find(x.file.begin(), x.file.end(), OnnxFactors{});
  if (unit != x.file.end()) unit->push_back(OnnxView::batch);
  return x;
}

QUENCH_INLINE std::vector<std::size_t> OnnxProgram::own_axes(const OnnxView& x) const {
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < x.file.size(); ++axis)
    if (axis != x.batch_axis()) axes.push_back(axis);
  return axes;
}

QUENCH_INLINE std::vector<std::size_t> OnnxProgram::in_memory_order(const OnnxView& x,
                                                                    const std::vector<std::size_t>& axes) const {
  std::vector<std::size_t> units, others;
  for (const std::size_t axis : axes) (group(x, axis).empty() ? units : others).push_back(axis);
  const auto first = [&](std::size_t axis) {
    const OnnxFactors factors = group(x, axis);
    return *std::min_element(factors.begin(), factors.end());
  };
  const auto before = [&](std::size_t a, std::size_t b) { return first(a) < first(b); };
  if (std::is_sorted(others.begin(), others.end(), before)) return axes;
  std::sort(others.begin(), others.end(), before);
  units.insert(units.end(), others.begin(), others.end());
  return units;
}

QUENCH_INLINE int OnnxProgram::reshaped(int value, const OnnxShape& shape) {
  if (shape == shape_of(value)) return value;
  return emit({.call = shape.size() == 1 ? "flatten($0)" : "reshape($0, " + text_of_list(shape) + ")",
               .inputs = {value},
               .shape = shape});
}

QUENCH_INLINE int OnnxProgram::permuted(const OnnxView& x, const std::vector<OnnxFactors>& groups,
                                        const OnnxShape& wanted) {
  const auto permute = [&](int value, const std::vector<std::int64_t>& order) {
    OnnxShape shape;
    for (const std::int64_t axis : order) shape.push_back(shape_of(value)[static_cast<std::size_t>(axis)]);
    if (std::is_sorted(order.begin(), order.end())) return value;
    return emit({.call = "permute($0, " + text_of_list(order) + ")", .inputs = {value}, .shape = shape});
  };
  // Axes in memory that hold whole factors are moved as they are.
  std::vector<std::size_t> axis_of(x.factors.size(), x.shape.size());
  std::vector<std::int64_t> units;
  std::size_t factor = 0;
  for (std::size_t axis = 0; axis < x.shape.size(); ++axis) {
    if (x.shape[axis] == 1)
      units.push_back(static_cast<std::int64_t>(axis));
    else if (factor < x.factors.size() && x.factors[factor] == x.shape[axis])
      axis_of[factor++] = axis;
  }
  if (factor == x.factors.size()) {
    std::vector<std::int64_t> order;
    std::reverse(units.begin(), units.end());
    for (const OnnxFactors& group : groups) {
      if (group.empty() && !units.empty()) {
        order.push_back(units.back());
        units.pop_back();
      }
      for (const std::size_t f : group) order.push_back(static_cast<std::int64_t>(axis_of[f]));
    }
    order.insert(order.begin(), units.begin(), units.end());
    return reshaped(permute(x.value, order), wanted);
  }
  // Else runs of factors that stay together become axes first.
  OnnxFactors all;
  for (const OnnxFactors& group : groups) all.insert(all.end(), group.begin(), group.end());
  std::vector<std::size_t> first;  // factors with which a run begins, in the order wanted
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i == 0 || all[i] != all[i - 1] + 1) first.push_back(all[i]);
  std::vector<std::size_t> sorted = first;
  std::sort(sorted.begin(), sorted.end());
  OnnxShape runs(sorted.size(), 1);
  for (std::size_t run = 0; run < runs.size(); ++run)
    for (std::size_t f = sorted[run]; f < (run + 1 < runs.size() ? sorted[run + 1] : x.factors.size()); ++f)
      runs[run] *= x.factors[f];
  std::vector<std::int64_t> order;
  for (const std::size_t begin : first)
    order.push_back(std::lower_bound(sorted.begin(), sorted.end(), begin) - sorted.begin());
  return reshaped(permute(reshaped(x.value, runs), order), wanted);
}

QUENCH_INLINE OnnxView OnnxProgram::arranged(const OnnxView& x, const std::vector<OnnxFactors>& groups) {
  OnnxShape wanted;
  OnnxFactors all;
  for (const OnnxFactors& group : groups) {
    wanted.push_back(x.extent_of(group));
    all.insert(all.end(), group.begin(), group.end());
  }
  if (wanted.empty()) wanted = {1};
  if (all.size() != x.factors.size()) misunderstand("its input has axes that the operator does not take");
  OnnxView result = x;
  const bool stays = std::is_sorted(all.begin(), all.end());
  result.value = stays ? reshaped(x.value, wanted) : permuted(x, groups, wanted);
  result.shape = wanted;
  std::vector<std::size_t> number(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    number[all[i]] = i;
    result.factors[i] = x.factors[all[i]];
  }
  for (OnnxFactors& axis : result.file)
    for (std::size_t& factor : axis)
      if (factor != OnnxView::batch) factor = number[factor];
  result.join_neighbours();
  return result;
}

QUENCH_INLINE OnnxView OnnxProgram::in_order(const OnnxView& x, const std::vector<std::size_t>& order) {
  std::vector<OnnxFactors> groups;
  for (const std::size_t axis : order) groups.push_back(group(x, axis));
  return arranged(x, groups);
}

QUENCH_INLINE OnnxView OnnxProgram::as_map(const OnnxView& x) {
  const std::size_t rank = x.file.size();
  if (rank != 3 && rank != 4)
    refuse_node("it works on " + text_of_shape(file_shape(x)), "quench has 1-d and 2-d layers");
  const OnnxFactors& samples = x.file[0];
  if (!samples.empty() && samples != OnnxFactors{OnnxView::batch})
    refuse_node("it works on several maps of one sample", "quench has no such layer");
  std::vector<std::size_t> order;
  for (std::size_t axis = 2; axis < rank; ++axis) order.push_back(axis);
  order.push_back(1);
  const OnnxView result = in_order(x, order);
  if (result.value != x.value) want_order(x, order);
  return result;
}

QUENCH_INLINE void OnnxProgram::want_order(const OnnxView& x, const std::vector<std::size_t>& order) {
  // Back over calls that keep all axes: is it an input whose order is free?
  int source = x.value;
  while (source >= input_count()) {
    const ImportedStep& step = steps_[static_cast<std::size_t>(source - input_count())].step;
    if (step.type.empty() || step.shape != shape_of(step.inputs[0])) return;
    source = step.inputs[0];
  }
  std::vector<std::size_t> places, units, axes;  // of factors, of extents of 1; of the input in the order wanted
  for (std::size_t axis = 0; axis < x.shape.size(); ++axis) (x.shape[axis] == 1 ? units : places).push_back(axis);
  if (places.size() != x.factors.size() || x.shape.size() != order.size()) return;
  for (std::size_t f = 0; f < places.size(); ++f)
    if (x.shape[places[f]] != x.factors[f]) return;
  std::reverse(units.begin(), units.end());
  for (const std::size_t axis : order) {
    const OnnxFactors factors = group(x, axis);
    if (factors.size() == 1) axes.push_back(places[factors[0]]);
    if (!factors.empty() || units.empty()) continue;
    axes.push_back(units.back());
    units.pop_back();
  }
  if (axes.size() == order.size()) wanted_orders_.emplace(source, axes);
}

QUENCH_INLINE std::size_t OnnxProgram::Axes::place(std::size_t axis) const {
  const auto found = std::find(order.begin(), order.end(), axis);
  if (found == order.end()) refuse_node("it works along the batch", "quench computes each sample by itself");
  return static_cast<std::size_t>(found - order.begin());
}

QUENCH_INLINE std::optional<std::vector<std::size_t>> OnnxProgram::axes_as_they_lie(const OnnxView& x) const {
  const std::vector<std::size_t> own = own_axes(x);
  std::vector<std::size_t> order;
  std::size_t factor = 0;
  for (const std::int64_t extent : x.shape)
    for (const std::size_t axis : own) {
      const bool is_used = std::find(order.begin(), order.end(), axis) != order.end();
      if (is_used || group(x, axis) != (extent == 1 ? OnnxFactors{} : OnnxFactors{factor})) continue;
      if (extent != x.extent_of(group(x, axis))) continue;
      order.push_back(axis);
      factor += extent == 1 ? 0 : 1;
      break;
    }
  if (order.size() == own.size() && order.size() == x.shape.size()) return order;
  return {};
}

QUENCH_INLINE OnnxProgram::Axes OnnxProgram::as_axes(const OnnxView& x) {
  if (auto order = axes_as_they_lie(x)) return {x, *std::move(order)};
  const std::vector<std::size_t> order = in_memory_order(x, own_axes(x));
  return {in_order(x, order), order};
}

QUENCH_INLINE std::vector<std::size_t> OnnxProgram::Last::places() const {
  return order.empty() ? std::vector<std::size_t>{} : onnx_transposed_places(extents, order);
}

QUENCH_INLINE OnnxProgram::Last OnnxProgram::with_last(const OnnxView& x, const std::vector<std::size_t>& axes,
                                                       bool exactly) {
  std::vector<std::size_t> others;
  OnnxFactors in_file;
  for (const std::size_t axis : own_axes(x))
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) others.push_back(axis);
  for (const std::size_t axis : axes) {
    if (axis == x.batch_axis()) refuse_node("it works along the batch", "quench computes each sample by itself");
    const OnnxFactors factors = group(x, axis);
    in_file.insert(in_file.end(), factors.begin(), factors.end());
  }
  OnnxFactors here = in_file;
  std::sort(here.begin(), here.end());
  Last result{x};
  const bool is_last =
      x.shape.back() == x.extent_of(here) && (here.empty() || here[0] + here.size() == x.factors.size());
  if (!is_last || (exactly && x.shape.size() != others.size() + 1)) {
    std::vector<OnnxFactors> groups;
    for (const std::size_t axis : in_memory_order(x, others)) groups.push_back(group(x, axis));
    groups.push_back(here);
    result.view = arranged(x, groups);
  }
  if (here != in_file) {
    for (const std::size_t factor : in_file) result.extents.push_back(x.factors[factor]);
    for (const std::size_t factor : here)
      result.order.push_back(
          static_cast<std::size_t>(std::find(in_file.begin(), in_file.end(), factor) - in_file.begin()));
  }
  return result;
}

}  // namespace detail

}  // namespace quench::interop
