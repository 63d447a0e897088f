// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/windows.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace quench::interop {

namespace detail {

inline std::int64_t span_of(const OnnxWindow& window, std::size_t i) {
  return window.dilations[i] * (window.kernel[i] - 1) + 1;
}

QUENCH_INLINE OnnxShape OnnxWindow::output(const OnnxShape& extents, bool ceil_mode) const {
  OnnxShape result;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::int64_t room = extents[i] + before[i] + after[i] - span_of(*this, i),
                       beyond = ceil_mode ? strides[i] - 1 : 0;
    if (room + beyond < 0) misunderstand("its window does not fit " + text_of_shape(extents));
    const std::int64_t last = (room + beyond) / strides[i];
    result.push_back(ceil_mode && last * strides[i] >= extents[i] + before[i] ? last : last + 1);
  }
  return result;
}

QUENCH_INLINE OnnxShape OnnxWindow::transposed_output(const OnnxShape& extents) const {
  OnnxShape result;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    result.push_back((extents[i] - 1) * strides[i] + span_of(*this, i) - before[i] - after[i] + output_padding[i]);
    if (result.back() < 1) misunderstand("its result has no elements");
  }
  return result;
}

QUENCH_INLINE std::vector<OnnxRun> OnnxWindow::take_transposed_padding() {
  std::vector<OnnxRun> cut;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t missing = before[i] - after[i] + output_padding[i];  // more rows at the end
    if (missing >= 0 && missing < std::max(strides[i], dilations[i])) {
      after[i] = before[i];
      output_padding[i] = missing;
      continue;
    }
    const std::int64_t padding = std::min(before[i], after[i]);
    cut.push_back({i, before[i] - padding, 1, 0});
    before[i] = after[i] = padding;
  }
  return cut;
}

inline bool are_all(const std::vector<std::int64_t>& values, std::int64_t value) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == value; });
}

QUENCH_INLINE void OnnxWindow::add_stride(CppSettings& settings, const std::vector<std::int64_t>& otherwise) const {
  if (strides != otherwise) settings.add("stride", text_of_pair(strides));
}

QUENCH_INLINE void OnnxWindow::add_padding(CppSettings& settings) const {
  if (is_same)
    settings.add("padding", "Padding::Same");
  else if (before == after && !are_all(before, 0))
    settings.add("padding", text_of_pair(before));
  else if (before != after && before.size() == 1)
    settings.add("padding", text_of_list({before[0], after[0]}));
  else if (before != after)
    settings.add("padding", text_of_list({before[0], after[0], before[1], after[1]}));
}

QUENCH_INLINE void OnnxWindow::add_dilation(CppSettings& settings) const {
  if (!are_all(dilations, 1)) settings.add("dilation", text_of_pair(dilations));
}

QUENCH_INLINE OnnxWindow onnx_window(OnnxCall& call, const OnnxShape& extents, std::vector<std::int64_t> kernel,
                                     bool is_transposed) {
  const std::size_t rank = extents.size();
  const auto numbers = [&](std::string_view name, std::int64_t otherwise, std::int64_t least, std::size_t count) {
    const auto result = call.integers(name, std::vector<std::int64_t>(count, otherwise));
    if (result.size() != count)
      misunderstand("its " + std::string(name) + " do not fit " + std::to_string(rank) + " axes");
    for (const std::int64_t number : result)
      if (number < least || number > (1 << 24))
        misunderstand("its " + std::string(name) + " have " + std::to_string(number));
    return result;
  };
  OnnxWindow window;
  window.kernel = numbers("kernel_shape", 0, 0, rank);
  if (!call.has("kernel_shape")) window.kernel = kernel;
  if ((!kernel.empty() && window.kernel != kernel) || window.kernel.empty())
    misunderstand("its kernel_shape is not that of its weight");
  for (const std::int64_t size : window.kernel)
    if (size < 1) misunderstand("its kernel has no elements");
  window.strides = numbers("strides", 1, 1, rank);
  window.dilations = numbers("dilations", 1, 1, rank);
  window.before.assign(rank, 0);
  window.after.assign(rank, 0);
  window.output_padding = is_transposed ? numbers("output_padding", 0, 0, rank) : std::vector<std::int64_t>(rank, 0);
  std::vector<std::int64_t> wanted;
  if (is_transposed && call.has("output_shape")) {
    wanted = numbers("output_shape", 0, 1, call.integers("output_shape").size() == rank + 2 ? rank + 2 : rank);
    wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(rank));
  }
  const std::string_view automatic = call.text("auto_pad", "NOTSET");
  const bool is_upper = automatic == "SAME_UPPER", is_lower = automatic == "SAME_LOWER";
  if (!is_upper && !is_lower && automatic != "NOTSET" && automatic != "VALID" && !automatic.empty())
    misunderstand("its auto_pad is " + shown(automatic));
  const std::vector<std::int64_t> pads = numbers("pads", 0, 0, 2 * rank);
  const bool is_given = automatic == "NOTSET" || automatic.empty();
  for (std::size_t i = 0; i < rank; ++i) {
    if (is_given) window.before[i] = pads[i], window.after[i] = pads[rank + i];
    if (!is_upper && !is_lower && wanted.empty()) continue;
    const std::int64_t step = window.strides[i], span = span_of(window, i);
    std::int64_t total = ((extents[i] + step - 1) / step - 1) * step + span - extents[i];
    if (is_transposed) {
      const std::int64_t extent = wanted.empty() ? extents[i] * step : wanted[i];
      total = step * (extents[i] - 1) + window.output_padding[i] + span - extent;
      if (total < 0) {
        window.output_padding[i] -= total;
        total = 0;
      }
    }
    const std::int64_t small = std::max<std::int64_t>(total, 0) / 2, large = std::max<std::int64_t>(total, 0) - small;
    // A transposed convolution has the odd one where the operator set says so.
    const bool begins_small = is_transposed ? is_upper == (call.opset() >= 11) : is_upper;
    window.before[i] = begins_small ? small : large;
    window.after[i] = begins_small ? large : small;
  }
  window.is_same = is_upper && !is_transposed;
  return window;
}

QUENCH_INLINE OnnxView map_view(const OnnxView& x, int value, const OnnxShape& shape) {
  const std::size_t rank = x.file.size();
  std::vector<std::size_t> order;
  for (std::size_t axis = 2; axis < rank; ++axis) order.push_back(axis);
  order.push_back(1);
  return OnnxView::of(value, shape, order, rank, x.batch_axis());
}

QUENCH_INLINE int emit_slice(OnnxLowering& lowering, int value, std::size_t axis, std::int64_t begin,
                             std::int64_t end) {
  OnnxShape shape = lowering.shape_of(value);
  if (begin == 0 && end == shape[axis]) return value;
  const bool is_last = axis + 1 == shape.size();
  const std::string call = "slice($0, " + (is_last ? std::string("-1") : std::to_string(axis)) + ", " +
                           std::to_string(begin) + ", " + std::to_string(end) + ")";
  shape[axis] = end - begin;
  return lowering.emit({.call = call, .inputs = {value}, .shape = shape});
}

inline OnnxView lower_pool(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  lowering.check_unused_outputs(call, "the places of its maxima are used");
  const bool is_max = call.op() == "MaxPool";
  const OnnxView x = lowering.as_map(lowering.tensor(call));
  const OnnxShape extents(x.shape.begin(), x.shape.end() - 1);
  const OnnxWindow window = onnx_window(call, extents, {}, false);
  const bool ceil_mode = call.integer("ceil_mode", 0) != 0;
  call.ignore("storage_order");
  CppSettings settings;
  settings.add("kernel_size", text_of_pair(window.kernel));
  window.add_stride(settings, window.kernel);
  window.add_padding(settings);
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (!window.is_same && std::max(window.before[i], window.after[i]) > window.kernel[i] / 2)
      refuse_node("its padding is more than half its kernel", "quench has pools with at most half, as PyTorch does");
    if (is_max && window.before[i] > 0 && window.dilations[i] > extents[i])
      refuse_node("a window of it may hold no pixel", "quench needs one in each");
  }
  if (is_max) {
    window.add_dilation(settings);
  } else if (!are_all(window.dilations, 1)) {
    refuse_node("it has a dilation", "quench has no such average pool");
  }
  if (ceil_mode) settings.add("ceil_mode", "true");
  const bool counts = !is_max && call.integer("count_include_pad", 0) != 0;
  const bool has_padding = !are_all(window.before, 0) || !are_all(window.after, 0);
  if (!is_max && !counts && has_padding) settings.add("count_include_pad", "false");
  OnnxShape shape = window.output(extents, ceil_mode);
  shape.push_back(x.shape.back());
  const std::string type = std::string(is_max ? "MaxPool" : "AvgPool") + (extents.size() == 2 ? "2d" : "1d");
  return map_view(x, lowering.emit({type, settings.text(), "$m($0)", {x.value}, shape}), shape);
}

inline OnnxView lower_global_pool(OnnxLowering& lowering, OnnxCall& call) {
  call.check_inputs(1, 1);
  const bool is_max = call.op() == "GlobalMaxPool";
  const OnnxView x = lowering.as_map(lowering.tensor(call));
  OnnxShape shape(x.shape.size(), 1);
  shape.back() = x.shape.back();
  const bool is_2d = shape.size() == 3;
  const std::string adaptive = std::string(is_max ? "AdaptiveMaxPool" : "AdaptiveAvgPool") + (is_2d ? "2d" : "1d");
  const bool is_global = is_2d && !is_max;
  return map_view(x,
                  lowering.emit({is_global ? "GlobalAvgPool2d" : adaptive,
                                 is_global ? "" : "{.output_size = 1}",
                                 "$m($0)",
                                 {x.value},
                                 shape}),
                  shape);
}

/// A factor of Resize as quench's ScaleFactor has it. Floats such as 0.6666667 are fractions in it.
inline std::string text_of_factor(float factor) {
  const bool is_whole = factor == std::floor(factor) && factor < 1e6f;
  if (is_whole) return std::to_string(static_cast<std::int64_t>(factor));
  std::string text = text_of(factor);
  text.pop_back();
  return text;
}

inline OnnxView lower_resize(OnnxLowering& lowering, OnnxCall& call) {
  const bool is_upsample = call.op() == "Upsample", has_sizes_input = !is_upsample && call.opset() >= 11;
  call.check_inputs(1, is_upsample ? 2 : 4);
  const OnnxView& input = lowering.tensor(call);
  const OnnxView x = lowering.as_map(input);
  if (x.shape.size() != 3) refuse_node("it resizes a sequence", "quench resizes maps");
  const OnnxConstants constants = lowering.constants_of(call);
  const std::size_t scales_at = has_sizes_input ? 2 : 1;
  const auto list = [&](std::size_t i) -> const OnnxConstant* {
    if (!call.has_input(i)) return nullptr;
    const OnnxConstant& constant = lowering.constant(call, i);
    return constant.elements() == 0 ? nullptr : &constant;
  };
  std::vector<float> scales = call.has("scales") ? call.reals("scales") : std::vector<float>{};
  if (const OnnxConstant* given = list(scales_at)) scales = given->reals();
  std::vector<std::int64_t> sizes;
  if (has_sizes_input)
    if (const OnnxConstant* given = list(3)) sizes = given->integers();
  std::vector<std::size_t> axes = {0, 1, 2, 3};
  if (call.has("axes")) axes = onnx_axes(call.integers("axes"), 4);
  if ((scales.empty() ? sizes.size() : scales.size()) != axes.size())
    misunderstand("its scales or sizes do not fit four axes");
  if (call.text("keep_aspect_ratio_policy", "stretch") != "stretch" || call.integer("antialias", 0) != 0 ||
      call.integer("exclude_outside", 0) != 0)
    refuse_node("it keeps a ratio or filters", "quench's Upsample does not");
  call.ignore("extrapolation_value");
  call.ignore("cubic_coeff_a");
  const std::string_view mode = call.text("mode", "nearest");
  const bool is_linear = mode == "linear" || mode == "bilinear";
  if (!is_linear && mode != "nearest") refuse_node("its mode is " + shown(mode), "quench has nearest and linear");
  const std::string_view coordinates =
      call.text("coordinate_transformation_mode", has_sizes_input ? "half_pixel" : "asymmetric");
  const std::string_view nearest = call.text("nearest_mode", has_sizes_input ? "round_prefer_floor" : "floor");
  float factors[2] = {1, 1};
  std::int64_t extents[2] = {x.shape[0], x.shape[1]};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axes[i];
    const std::int64_t extent = lowering.file_shape(input)[axis];
    if (axis < 2) {
      if (scales.empty() ? sizes[i] != extent : scales[i] != 1)
        refuse_node("it resizes the channels", "quench resizes pixels");
      continue;
    }
    std::int64_t& size = extents[axis - 2];
    if (!scales.empty() && !(scales[i] > 0 && scales[i] < 1e6f))
      misunderstand("a scale is " + std::to_string(scales[i]));
    factors[axis - 2] = scales.empty() ? static_cast<float>(sizes[i]) / static_cast<float>(extent) : scales[i];
    size = scales.empty()
               ? sizes[i]
               : static_cast<std::int64_t>(std::floor(static_cast<double>(scales[i]) * static_cast<double>(extent)));
    if (size < 1 || size > (1 << 24)) misunderstand("a size is " + std::to_string(size));
  }
  const auto has_whole = [&](std::size_t axis) {
    return factors[axis] * static_cast<float>(x.shape[axis]) == static_cast<float>(extents[axis]);
  };
  if (coordinates == "align_corners" && !scales.empty() && !(has_whole(0) && has_whole(1)))
    refuse_node("its scales give no whole extents", "give the sizes instead");
  CppSettings settings;
  const bool is_exact = has_whole(0) && has_whole(1);
  const bool is_whole = factors[0] == std::floor(factors[0]) && factors[1] == std::floor(factors[1]);
  if ((is_exact || scales.empty()) && !is_whole)
    settings.add("size", text_of_pair({extents[0], extents[1]}));
  else
    settings.add("scale_factor", factors[0] == factors[1]
                                     ? text_of_factor(factors[0])
                                     : "{" + text_of_factor(factors[0]) + ", " + text_of_factor(factors[1]) + "}");
  if (is_linear) settings.add("mode", "InterpolationMode::Bilinear");
  constexpr std::pair<std::string_view, const char*> coordinate_modes[] = {{"half_pixel", "HalfPixel"},
                                                                           {"pytorch_half_pixel", "PytorchHalfPixel"},
                                                                           {"asymmetric", "Asymmetric"},
                                                                           {"align_corners", "AlignCorners"}};
  constexpr std::pair<std::string_view, const char*> nearest_modes[] = {{"round_prefer_floor", "RoundPreferFloor"},
                                                                        {"round_prefer_ceil", "RoundPreferCeil"},
                                                                        {"floor", "Floor"},
                                                                        {"ceil", "Ceil"}};
  const auto find = [](const auto& rows, std::string_view wanted) -> std::string {
    for (const auto& [name, text] : rows)
      if (name == wanted) return text;
    refuse_node("it has " + shown(wanted), "quench has no such coordinates");
  };
  settings.add("coordinates", "CoordinateMode::" + find(coordinate_modes, coordinates));
  if (!is_linear) settings.add("nearest_mode", "NearestMode::" + find(nearest_modes, nearest));
  const OnnxShape shape{extents[0], extents[1], x.shape[2]};
  if (shape == x.shape) return x;
  return map_view(x, lowering.emit({"Upsample", settings.text(), "$m($0)", {x.value}, shape}), shape);
}

QUENCH_INLINE bool lower_window(OnnxLowering& lowering, OnnxCall& call) {
  constexpr OnnxMeaning windows[] = {{"MaxPool", lower_pool},
                                     {"AveragePool", lower_pool},
                                     {"GlobalAveragePool", lower_global_pool},
                                     {"GlobalMaxPool", lower_global_pool},
                                     {"Resize", lower_resize},
                                     {"Upsample", lower_resize}};
  return lowering.give_by(windows, call);
}

}  // namespace detail

}  // namespace quench::interop
