// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/low_precision_outputs.hpp>

#include <cstring>
#include <string>
#include <vector>

#include <quench/tensors/error.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE bool is_exact(const Graph& graph, int n) {
  for (; !takes_qconfig(graph.nodes[n].op); n = graph.operand(graph.nodes[n], 0))
    if (family_of(graph.nodes[n].op) == Family::Upsample && graph.nodes[n].settings.mode != InterpolationMode::Nearest)
      return false;
  return is_image_stub(graph, graph.nodes[n]);
}

QUENCH_INLINE bool is_repeated_operand(const Graph& graph, const Node& node, int i) {
  for (int before = 0; before < i; ++before)
    if (graph.operand(node, before) == graph.operand(node, i)) return true;
  return false;
}

QUENCH_INLINE std::string name_of_last_module(const Graph& graph, int n) {
  while (graph.nodes[n].module < 0) n = graph.operand(graph.nodes[n], 0);
  return execution::name_of(graph, n);
}

QUENCH_INLINE LowPrecisionOutput low_without_int16(const Graph& graph, const std::string& march, int decider) {
  const std::string name = execution::name_of(graph, decider);
  return {"", "", march + " has no int16 of " + tensors::text(name_of(graph.nodes[decider].op)) + ".",
          "Call `" + name + "` after the DeQuantStub, in float, or before the last layer."};
}

QUENCH_INLINE LowPrecisionOutput low_for_user(const Graph& graph, const std::string& march, int decider, int user) {
  const std::string name = execution::name_of(graph, decider);
  return {"", "",
          "`" + name + "` is also used by `" + execution::name_of(graph, user) + "`, which takes it only as int8 on " +
              march + ".",
          "Give the output a layer of its own."};
}

QUENCH_INLINE LowPrecisionOutput low_by_rule(const Graph& graph, int decider) {
  const std::string name = execution::name_of(graph, decider);
  return {"", "", "A rule of the setter makes `" + name + "` int8.",
          "Put `quench::rule::HighPrecisionOutput<>` before it, or accept int8 with "
          "`quench::rule::AllowLowPrecisionOutput<\"" +
              name + "\">`."};
}

QUENCH_INLINE std::string text_of(const std::vector<LowPrecisionOutput>& outputs) {
  if (outputs.empty()) return "";
  std::string text = "\noutputs of only 8 bits:\n";
  for (const LowPrecisionOutput& low : outputs)
    text += "  " + low.output + ", after " + low.module + ": " + low.why + " " + low.cure + "\n";
  return text;
}

}  // namespace detail

}  // namespace quench
