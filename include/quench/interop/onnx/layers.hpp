// SPDX-License-Identifier: Apache-2.0
// What layers with weights of ONNX become: convolutions, matrix products, norms, PReLU. Weights are PyTorch's shapes, with
// the features of a flattened map in quench's order.
#pragma once

#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/lowering.hpp>

namespace quench::interop::detail {

/// False if the operator is none of these.
/// Errors   model-not-understood
bool lower_layer(OnnxLowering& lowering, OnnxCall& call);

/// LayerNorm, or RMSNorm without a mean, over axes of the file, without a weight.
OnnxView lower_row_norm(OnnxLowering& lowering, const OnnxView& x, const std::vector<std::size_t>& axes, float eps,
                        bool has_mean);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/layers_impl.hpp>
#endif
