// SPDX-License-Identifier: Apache-2.0
// Settings that operator sets 7 to 21 have as attributes or as constant inputs, in one form for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/call.hpp>

namespace quench::interop::detail {

/// The inputs of a node that are constants; null for others and for those that are left out.
using OnnxConstants = std::vector<const OnnxConstant*>;

/// Integers of an attribute, or of input `i` in later operator sets; nothing if there are none.
/// Errors   model-not-understood, for all here: they are computed by the network, or do not fit the shape
std::optional<std::vector<std::int64_t>> onnx_integers(OnnxCall& call, const OnnxConstants& constants,
                                                       std::string_view attribute, std::size_t i);
/// A real number in the same way.
std::optional<float> onnx_real(OnnxCall& call, const OnnxConstants& constants, std::string_view attribute,
                               std::size_t i);

/// The elements begin, begin + step, … of an axis.
struct OnnxRun {
  std::size_t axis;
  std::int64_t begin, step, count;
};
/// Of a Slice; axes that stay whole are left out.
std::vector<OnnxRun> onnx_slice(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape);

/// Of a Split: the extent of each output along the axis.
struct OnnxSplit {
  std::size_t axis;
  std::vector<std::int64_t> sizes;
};
OnnxSplit onnx_split(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape);

/// The shape that Reshape, Flatten, Squeeze and Unsqueeze give. With `keeps_batch` a Squeeze without axes keeps axis 0.
OnnxShape onnx_view(OnnxCall& call, const OnnxConstants& constants, const OnnxShape& shape, bool keeps_batch);

/// The order of a Transpose.
std::vector<std::size_t> onnx_order(OnnxCall& call, std::size_t rank);

/// The shape to which shapes are broadcast.
OnnxShape onnx_broadcast(const OnnxShape& a, const OnnxShape& b);

/// For each element of `to` the place of its element in a tensor of shape `from`, which is broadcast.
std::vector<std::size_t> onnx_broadcast_places(const OnnxShape& from, const OnnxShape& to);

/// The number of elements between neighbours along each axis.
std::vector<std::size_t> onnx_steps(const OnnxShape& shape);

/// For each element of a transposed tensor its place in the tensor of shape `from`.
std::vector<std::size_t> onnx_transposed_places(const OnnxShape& from, const std::vector<std::size_t>& order);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/settings_impl.hpp>
#endif
