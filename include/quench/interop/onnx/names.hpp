// SPDX-License-Identifier: Apache-2.0
// Dotted paths of modules, from the names of weights and nodes in ONNX files.
//
//   weight "features.3.conv.weight"                      -> "features.3.conv"
//   weight "conv2d_0.w_0" (Paddle)                       -> "conv2d_0"
//   node "/features/features.3/conv/Conv" (PyTorch)      -> "features.3.conv"
//   node "model/block_1/conv2d/BiasAdd" (TensorFlow)     -> "model.block_1.conv2d"
#pragma once

#include <string>
#include <string_view>

#include <quench/ground/compiled.hpp>

namespace quench::interop::detail {

/// The module of a weight; empty if its name has none.
std::string module_of_weight(std::string_view name);

/// The module or block that a node belongs to; empty if its name has none.
std::string module_of_node(std::string_view name);

/// True for the name that PyTorch gives to a later call of a module: "fc_1" of "fc".
bool is_later_call(std::string_view path, std::string_view module);

/// The last part of a node's name, in lower case: "add_1" of "/block/Add_1".
std::string last_of_node(std::string_view name);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/names_impl.hpp>
#endif
