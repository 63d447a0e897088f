// SPDX-License-Identifier: Apache-2.0
// An estimate of the instructions that each step executes on a Cortex-M4 and on a Cortex-M55, for `summary(deployment)`.
//
// It multiplies products, values or outputs by costs from a table. Instructions are not cycles. Source of the table:
// tests/benchmark/kernels, see the page beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <quench/execution/constants.hpp>
#include <quench/ground/compiled.hpp>

namespace quench {

/// The estimated instructions of one step, for one sample.
struct InstructionEstimate {
  std::string module;  // its dotted name; for permute and the like that of the function
  Operator op = Operator::Input;
  // None for what the table lacks: int16 inputs, a grouped conv, a broadcast, an operator that was not measured.
  std::optional<double> cortex_m4, cortex_m55;
};

namespace detail {

/// An entry for each step but QuantStubs, whose codes are given.
std::vector<InstructionEstimate> instruction_estimates(const Graph& graph, const IntegerConstants& constants);

/// A table with the sums of what is known.
std::string text_of(const std::vector<InstructionEstimate>& estimates);

}  // namespace detail

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/instruction_estimate_impl.hpp>
#endif
