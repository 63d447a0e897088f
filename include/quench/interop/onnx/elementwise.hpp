// SPDX-License-Identifier: Apache-2.0
// What operators of ONNX that work element by element become: functions of one value, operations between tensors and
// with constants, and Softmax.
#pragma once

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/lowering.hpp>

namespace quench::interop::detail {

/// False if the operator is none of these.
/// Errors   model-not-understood
bool lower_elementwise(OnnxLowering& lowering, OnnxCall& call);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/elementwise_impl.hpp>
#endif
