// SPDX-License-Identifier: Apache-2.0
// Computes nodes whose inputs are constants, such as the arithmetic on shapes that exporters leave in a graph.
#pragma once

#include <optional>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/settings.hpp>

namespace quench::interop::detail {

/// The outputs of a node of constants; nothing if its operator is not folded. Integers have 64 bits and are not wrapped;
/// real numbers are floats.
/// Errors   model-not-understood: the inputs do not fit, a number overflows, or the results are too large
std::optional<std::vector<OnnxConstant>> fold_onnx(OnnxCall& call, const OnnxConstants& inputs, OnnxFoldBudget& budget);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/fold_impl.hpp>
#endif
