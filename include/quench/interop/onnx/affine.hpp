// SPDX-License-Identifier: Apache-2.0
// Constants that a tensor is multiplied by, or that are added to it: a bias of the layer before, a number for the whole
// tensor, or a ChannelAffine over the axes along which they vary.
#pragma once

#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/lowering.hpp>

namespace quench::interop::detail {

NamedArray float_array(const OnnxShape& shape, const std::vector<float>& values);

/// x * factor + offset. Both are broadcast to the shape that x has in the file. They go into `before`, the call that
/// made x, where it is a layer; null if its value is used elsewhere too.
/// Errors   model-not-understood: the result is larger than x, or each sample of a batch has its own number
OnnxView affine_after(OnnxLowering& lowering, const OnnxView& x, OnnxStep* before, const OnnxConstant& factor,
                      const OnnxConstant& offset);

/// Takes the setting that a layer has no bias away.
void give_bias(ImportedStep& step);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/affine_impl.hpp>
#endif
