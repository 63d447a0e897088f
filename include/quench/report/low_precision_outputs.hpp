// SPDX-License-Identifier: Apache-2.0
// The outputs of a network that are rounded to int8, with the reason and the cure of each, for `summary` and `compare`.
//
//   for (const auto& low : quench::low_precision_outputs<Net, march::NashE, setter::DefaultQat>())
//     std::cout << low.output << " after " << low.module << ": " << low.why << " " << low.cure << "\n";
//
// An int8 output has 8 bits for its whole range, however good the layers before it are. `rule::HighPrecisionOutput`
// avoids this where the march can. These are the outputs where it cannot, or where another rule decides.
#pragma once

#include <string>
#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/phases/fake_quantizers.hpp>
#include <quench/qconfig/setter.hpp>
#include <quench/report/int16_fallback.hpp>

namespace quench {

/// An output of int8 codes that approximate real values. Values of an image that only move to an output lose nothing,
/// and are none. Nor is an output that AllowLowPrecisionOutput names.
struct LowPrecisionOutput {
  std::string output;  // the name of the DeQuantStub
  std::string module;  // the last one before it; for a cat of int16, the last one before the cat
  std::string why;     // a sentence
  std::string cure;    // a sentence
};

namespace detail {

/// The node that decides the dtype of a value: the producer of its scale, or an operator before it that gives no int16.
template <march::March M>
int decider_of_dtype(const Graph& graph, int n) {
  while (M::gives_int16_output(graph.nodes[n].op) && !takes_qconfig(graph.nodes[n].op))
    n = graph.operand(graph.nodes[n], 0);
  return n;
}

/// True if a node only moves, selects or scales the codes of an image, so that its int8 codes are exact.
bool is_exact(const Graph& graph, int n);

/// True if a node takes the value of operand `i` before, as `cat(x, x)` does.
bool is_repeated_operand(const Graph& graph, const Node& node, int i);

std::string name_of_last_module(const Graph& graph, int n);

/// An output whose operator has no int16 on the march.
LowPrecisionOutput low_without_int16(const Graph& graph, const std::string& march, int decider);
/// An output whose producer has a user that takes no int16.
LowPrecisionOutput low_for_user(const Graph& graph, const std::string& march, int decider, int user);
/// An output that a rule makes int8.
LowPrecisionOutput low_by_rule(const Graph& graph, int decider);

std::string text_of(const std::vector<LowPrecisionOutput>& outputs);

}  // namespace detail

/// The outputs of int8, in the order of the calls of DeQuantStubs. A cat of int16 adds a line for each operand of int8.
template <class Net, march::March M, Setter S>
std::vector<LowPrecisionOutput> low_precision_outputs() {
  constexpr const Graph& network = graph<Net>;
  const auto& table = SetterDecisions<Net, M, S>::table;
  const std::string march = phases::kind_of_type(type_name<M>());
  DType dtypes[array_size(network.node_count)]{};
  write_dtypes<SetterDecisions<Net, M, S>>(network, dtypes);
  std::vector<LowPrecisionOutput> outputs;
  const auto look = [&](const auto& again, const std::string& output, int n) -> void {
    const int decider = detail::decider_of_dtype<M>(network, n);
    const Node& node = network.nodes[decider];
    if (dtypes[n] == DType::Int16 && family_of(node.op) == Family::Cat)
      for (int i = 0; i < node.operand_count; ++i)
        if (!detail::is_repeated_operand(network, node, i)) again(again, output, network.operand(node, i));
    if (dtypes[n] != DType::Int8 || detail::is_exact(network, n) || is_image_stub(network, node) ||
        (node.module >= 0 && allows_low_precision(network, S::rules, S::rule_count, node.module)))
      return;
    LowPrecisionOutput low = !M::gives_int16_output(node.op) ? detail::low_without_int16(network, march, decider)
                             : table.takes_int16[decider]
                                 ? detail::low_by_rule(network, decider)
                                 : detail::low_for_user(network, march, decider,
                                                        detail::int16_obstacle<M>(network, table.takes_int16, decider));
    low.output = output;
    low.module = detail::name_of_last_module(network, n);
    outputs.push_back(std::move(low));
  };
  for (int n = 0; n < network.node_count; ++n)
    if (network.nodes[n].op == Operator::DeQuantStub)
      look(look, execution::name_of(network, n), network.operand(network.nodes[n], 0));
  return outputs;
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/low_precision_outputs_impl.hpp>
#endif
