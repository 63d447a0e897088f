// SPDX-License-Identifier: Apache-2.0
// The path of each step of an imported network: which block it belongs to, and its name there.
//
// A layer has the name of the file. A function joins the scope that the file gives it, or that of the step before it.
#pragma once

#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/imported_network.hpp>
#include <quench/types/operator.hpp>

namespace quench::interop::detail {

using NamePath = std::vector<std::string>;

/// A path for each step. The last part is empty if the step has a scope and no name, and the path if it has neither.
std::vector<NamePath> paths_of_steps(const ImportedNetwork& network);

/// The row of the operator that a step calls. Null for a function that is made of several.
const OperatorRow* row_of_step(const ImportedStep& step);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/description/paths_impl.hpp>
#endif
