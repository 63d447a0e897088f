// SPDX-License-Identifier: Apache-2.0
// What the operators of ONNX that move values become: most change the view of a value alone.
#pragma once

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/lowering.hpp>

namespace quench::interop::detail {

/// Shape and Size of a tensor, which are constants.
/// Errors   model-not-understood, here and below
OnnxConstant lower_shape(const OnnxLowering& lowering, OnnxCall& call);

/// Transpose, Reshape, Flatten, Squeeze, Unsqueeze, Concat, Split, Slice, Gather, Pad, Expand, DepthToSpace, SpaceToDepth
/// and sums and means over axes. False if the operator is none of these.
bool lower_move(OnnxLowering& lowering, OnnxCall& call);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/moves_impl.hpp>
#endif
