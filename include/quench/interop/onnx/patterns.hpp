// SPDX-License-Identifier: Apache-2.0
// Patterns of several nodes that are one operator of quench.
//
// A function of one value is known by its values: the nodes between it and its argument are computed for some numbers and
// compared with quench's functions, in whatever way an exporter wrote them. LayerNorm and RMSNorm are known by their nodes.
#pragma once

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/lowering.hpp>

namespace quench::interop::detail {

/// Lowers the pattern that ends with this node; false if there is none.
bool lower_pattern(OnnxLowering& lowering, OnnxCall& call);

/// Notes that the file computes GELU by tanh.
void note_tanh_gelu(OnnxLowering& lowering, const OnnxCall& call);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/patterns_impl.hpp>
#endif
