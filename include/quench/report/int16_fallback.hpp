// SPDX-License-Identifier: Apache-2.0
// Where a march cannot give the int16 that a setter asks for: `setter::Int16WhereSupported` uses int8 without an error.
//
//   for (const auto& fallback : quench::int16_fallbacks<Net, march::NashE, setter::Int16WhereSupported>())
//     std::cout << fallback.module << " gives int8: " << fallback.because << " cannot take int16\n";
#pragma once

#include <string>
#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/qconfig/setter.hpp>

namespace quench {

/// A module with an int8 output although a rule asked for int16 wherever it is supported.
struct Int16Fallback {
  std::string module;
  std::string because;  // the module or function that cannot take int16; `module` itself if it cannot give it
};

namespace detail {

/// The node that prevents an int16 output of a node. `marks` come from mark_int16.
template <march::March M>
int int16_obstacle(const Graph& graph, const bool* marks, int n) {
  if (!M::gives_int16_output(graph.nodes[n].op)) return n;
  for (int u = n + 1; u < graph.node_count; ++u) {
    const Node& user = graph.nodes[u];
    if (user.domain != Domain::Quantized) continue;
    for (int i = 0; i < user.operand_count; ++i) {
      if (graph.operand(user, i) != n) continue;
      const bool is_taken = M::takes_int16_input(user.op) &&
                            (user.op != Operator::MatMul || i < M::int16_matmul_operands) &&
                            !misuse::may_overflow(graph, user, DType::Int16);
      if (!is_taken) return u;
      if (!takes_qconfig(user.op) && !marks[u]) return int16_obstacle<M>(graph, marks, u);
    }
  }
  return n;
}

}  // namespace detail

/// The modules for which a WhereInt16Supported rule of the setter had no effect, in the order of declaration. Empty for
/// setters without such a rule. Does not list the QuantStub of an image: its codes are always int8.
template <class Net, march::March M, Setter S>
std::vector<Int16Fallback> int16_fallbacks() {
  const Graph& network = graph<Net>;
  const auto& table = SetterDecisions<Net, M, S>::table;
  int rule = 0;
  while (rule < S::rule_count && S::rules[rule].subject != SetterRule::Subject::WhereInt16Supported) ++rule;
  std::vector<Int16Fallback> fallbacks;
  for (int m = 0; m < network.module_count; ++m) {
    const int n = network.modules[m].node;
    if (table.of_module[m].rule <= rule || table.of_module[m].activation != DType::Int8 ||
        is_image_stub(network, network.nodes[n]))
      continue;
    int refused = n;  // of the modules with its scale the first that cannot be int16
    for (int other = 0; other < network.module_count && table.takes_int16[refused]; ++other)
      if (scale_owner(network, other) == scale_owner(network, m)) refused = network.modules[other].node;
    const int obstacle = detail::int16_obstacle<M>(network, table.takes_int16, refused);
    fallbacks.push_back({execution::name_of(network, n), execution::name_of(network, obstacle)});
  }
  return fallbacks;
}

}  // namespace quench
