// SPDX-License-Identifier: Apache-2.0
// `summary(deployment)`: what a device stores of a network, and what lies in its arena while each step runs.
//
//   std::cout << quench::summary(quench::deploy<quench::processor::J6E>(quantized));
//
// It begins with the summary of the model. Then the flash of each module's constants as `export_cpp` writes them, and a
// line for each step with the bytes of the arena that are live. Last, an estimate of the instructions.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <quench/execution/integer_network.hpp>
#include <quench/flow/deploy.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/report/instruction_estimate.hpp>
#include <quench/report/summary.hpp>

namespace quench {

/// The constants of one step in flash. What equals an earlier constant counts there, as the exporter writes it once.
/// Units    bytes, where a pointer has four
struct FlashRow {
  std::string module;  // its dotted name; a module that is called twice has two rows
  Operator op = Operator::Input;
  long long weights = 0;
  long long biases = 0;
  long long records = 0;  // for requantization and the like
  long long tables = 0;   // of functions and embeddings; counts of pixels; scales of inputs and outputs

  long long bytes() const { return weights + biases + records + tables; }
};

/// The arena while one step runs.
struct ArenaStep {
  std::string module;  // its dotted name; for permute and the like that of the function
  Operator op = Operator::Input;
  int live_bytes = 0;  // of the tensors that the step reads or writes, and of those that a later step reads
};

/// The summary of a quantized model, and what its deployment takes of a device.
struct DeploymentSummary {
  Summary model;
  std::vector<FlashRow> flash;   // of each step that has constants
  std::vector<ArenaStep> arena;  // of each step, in the order of `forward`; that of a QuantStub are the inputs
  int arena_bytes = 0;
  std::vector<InstructionEstimate> instructions;  // of each step that a device computes

  /// The bytes of all constants that `export_cpp` writes. Neither code nor the packed table of steps is counted.
  long long flash_bytes() const;
  /// The most bytes that are live at one step. A plan with gaps has a larger arena.
  int peak_bytes() const;

  std::string text() const;
  friend std::ostream& operator<<(std::ostream& out, const DeploymentSummary& summary) { return out << summary.text(); }
};

namespace detail {

std::vector<FlashRow> flash_rows(const Graph& graph, const IntegerConstants& constants);

std::vector<ArenaStep> arena_steps(const Graph& graph, std::span<const device::Buffer> buffers);

}  // namespace detail

/// The tables of a deployment.
/// Errors   none
template <class Net, march::March M, Setter S, class Processor>
DeploymentSummary summary(const Deployment<Net, M, S, Processor>& deployment) {
  constexpr const auto& plan = device::memory_plan<Net, SetterDecisions<Net, M, S>>;
  return {summary(deployment.model()), detail::flash_rows(graph<Net>, deployment.model().core().constants()),
          detail::arena_steps(graph<Net>, {plan.buffers, static_cast<std::size_t>(plan.buffer_count)}),
          plan.arena_bytes, detail::instruction_estimates(graph<Net>, deployment.model().core().constants())};
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/deployment_summary_impl.hpp>
#endif
