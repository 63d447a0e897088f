// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/affine.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace quench::interop {

namespace detail {

QUENCH_INLINE NamedArray float_array(const OnnxShape& shape, const std::vector<float>& values) {
  return NamedArray::of<float>({shape.begin(), shape.end()}, values);
}

QUENCH_INLINE void give_bias(ImportedStep& step) {
  const std::string none = ", .bias = false";
  if (const std::size_t at = step.settings.find(none); at != std::string::npos) step.settings.erase(at, none.size());
}

/// One number for each channel, or the same for all of them.
struct ChannelNumbers {
  std::vector<float> factors, offsets;
  bool has_factors, has_offsets;
};

inline std::vector<float> parameter_of(const ImportedStep& step, const char* name, std::size_t count, float otherwise) {
  const auto found = step.parameters.find(name);
  return found == step.parameters.end() ? std::vector<float>(count, otherwise) : found->second.values<float>();
}

/// Puts factors and offsets of the last axis into a layer. False if it cannot have them.
inline bool merge_affine(OnnxStep& before, const ChannelNumbers& numbers) {
  ImportedStep& step = before.step;
  const bool is_filter = step.type == "Conv2d" || step.type == "Conv1d" || step.type == "Linear";
  const bool is_transposed = step.type == "ConvTranspose2d" || step.type == "ConvTranspose1d";
  const bool is_norm = step.type == "LayerNorm" || step.type == "RMSNorm";
  const bool is_channels = step.type == "ChannelAffine" || step.type.starts_with("BatchNorm") || is_norm;
  if (!is_filter && !is_transposed && !is_channels) return false;
  if ((is_transposed && numbers.has_factors) || (step.type == "RMSNorm" && numbers.has_offsets)) return false;
  const std::size_t count = numbers.factors.size();
  const OnnxShape channels{static_cast<std::int64_t>(count)};
  if (numbers.has_factors) {
    std::vector<float> weight = parameter_of(step, "weight", count, 1);
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= numbers.factors[i / (weight.size() / count)];
    if (step.parameters.contains("weight"))
      step.parameters["weight"] = NamedArray::of<float>(step.parameters["weight"].shape, weight);
    else
      step.parameters["weight"] = float_array(channels, weight);
    before.origins.assign(1, std::string_view());
  }
  if (is_norm) {
    const std::string none = ", .elementwise_affine = false";
    if (const std::size_t at = step.settings.find(none); at != std::string::npos)
      step.settings.replace(at, none.size(), step.type == "LayerNorm" ? ", .bias = false" : "");
    if (!step.parameters.contains("weight"))
      step.parameters["weight"] = float_array(channels, std::vector<float>(count, 1.0f));
  }
  if (numbers.has_offsets || step.parameters.contains("bias")) {
    std::vector<float> bias = parameter_of(step, "bias", count, 0);
    for (std::size_t i = 0; i < count; ++i) bias[i] = bias[i] * numbers.factors[i] + numbers.offsets[i];
    step.parameters["bias"] = float_array(channels, bias);
    give_bias(step);
  }
  return true;
}

inline OnnxView scalar_affine(OnnxLowering& lowering, OnnxView x, float factor, float offset) {
  if (factor != 1) x = lowering.apply(x, "FloatFunctional", {}, "$m.mul_scalar($0, " + text_of(factor) + ")");
  if (offset != 0) x = lowering.apply(x, "FloatFunctional", {}, "$m.add_scalar($0, " + text_of(offset) + ")");
  return x;
}

QUENCH_INLINE OnnxView affine_after(OnnxLowering& lowering, const OnnxView& x, OnnxStep* before,
                                    const OnnxConstant& factor, const OnnxConstant& offset) {
  const OnnxShape shape = lowering.file_shape(x);
  std::vector<std::size_t> axes;  // along which the constants vary
  OnnxShape extents;
  for (const OnnxConstant* constant : {&factor, &offset})
    if (onnx_broadcast(shape, constant->shape()) != shape || constant->elements() == 0)
      refuse_node("a constant " + text_of_shape(constant->shape()) + " enlarges " + text_of_shape(shape),
                  "repeat the tensor by Concat before");
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::size_t from_end = shape.size() - axis;
    const auto varies = [&](const OnnxConstant& c) {
      return c.shape().size() >= from_end && c.shape()[c.shape().size() - from_end] > 1;
    };
    if (!varies(factor) && !varies(offset)) continue;
    axes.push_back(axis);
    extents.push_back(shape[axis]);
  }
  const auto numbers_of = [&](const OnnxConstant& constant, const std::vector<std::size_t>& places, std::size_t count) {
    // The constant over the axes along which it varies.
    OnnxShape kept;
    for (const std::size_t axis : axes) {
      const std::size_t from_end = shape.size() - axis;
      kept.push_back(constant.shape().size() >= from_end ? constant.shape()[constant.shape().size() - from_end] : 1);
    }
    const std::vector<float> values = constant.reals();
    const std::vector<std::size_t> from = onnx_broadcast_places(kept, extents);
    std::vector<float> result;
    for (std::size_t i = 0; i < count; ++i)
      result.push_back(values[axes.empty() ? 0 : from[places.empty() ? i : places[i]]]);
    return result;
  };
  const std::optional<float> one_factor = factor.single(), one_offset = offset.single();
  const bool has_factors = one_factor != 1.0f, has_offsets = one_offset != 0.0f || offset.elements() > 1;
  if (axes.empty()) {
    const bool takes_bias = before != nullptr && !has_factors && has_offsets &&
                            before->step.settings.find(".bias = false") != std::string::npos &&
                            before->step.type != "LayerNorm";
    const auto count = static_cast<std::size_t>(x.shape.back());
    if (takes_bias &&
        merge_affine(*before, {std::vector<float>(count, 1), std::vector<float>(count, *one_offset), false, true}))
      return x;
    return scalar_affine(lowering, x, *one_factor, *one_offset);
  }
  const OnnxLowering::Last last = lowering.with_last(x, axes, false);
  const auto count = static_cast<std::size_t>(last.view.shape.back());
  lowering.budget().take(2 * last.view.shape.back());
  const std::vector<std::size_t> places = last.places();
  const ChannelNumbers numbers{numbers_of(factor, places, count), numbers_of(offset, places, count), has_factors,
                               has_offsets};
  const bool is_same = before != nullptr && last.view.value == x.value;
  if (is_same && merge_affine(*before, numbers)) {
    for (const OnnxConstant* constant : {&factor, &offset})
      if (!constant->origin().empty()) before->origins.push_back(constant->origin());
    return last.view;
  }
  if (one_factor && one_offset) return scalar_affine(lowering, x, *one_factor, *one_offset);
  ImportedStep step{.type = "ChannelAffine",
                    .settings = "{.channels = " + std::to_string(count) + "}",
                    .call = "$m($0)",
                    .inputs = {last.view.value},
                    .shape = last.view.shape};
  const OnnxShape channels{static_cast<std::int64_t>(count)};
  step.parameters["weight"] = float_array(channels, numbers.factors);
  step.parameters["bias"] = float_array(channels, numbers.offsets);
  OnnxView result = last.view;
  result.value = lowering.emit(std::move(step), {factor.origin(), offset.origin()});
  return result;
}

}  // namespace detail

}  // namespace quench::interop
