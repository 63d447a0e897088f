// SPDX-License-Identifier: Apache-2.0
// The rules of a qconfig setter as values, and the rule that each module follows.
//
// A setter is a list of rules, and the first one that matches a module decides. Here a rule is only a name or a kind,
// the dtypes that it asks for and the axes of their scales. The other parts of a qconfig (observers, fake-quantizers)
// are in qconfig/. Freestanding.
#pragma once

#include <quench/network/graph.hpp>
#include <quench/types/dtype.hpp>
#include <quench/types/march.hpp>

namespace quench {

/// The axis of a fake-quantizer's scales, if it has one for each index; negative axes count from the end.
struct ScaleAxis {
  bool per_channel = false;
  int axis = 0;

  constexpr int from_front(int rank) const { return axis < 0 ? axis + rank : axis; }
};

/// A rule of a setter as a value: which modules it decides, their dtypes and the axes of their scales.
struct SetterRule {
  enum class Subject : unsigned char {
    Name,                 // a module, or all modules of a block
    Kind,                 // all modules of one type
    HighPrecision,        // the modules that feed only DeQuantStubs and can keep their accumulator
    Int16Output,          // the modules whose values other outputs consist of, if all their users take int16
    AllowLowPrecision,    // gives no qconfig; a module that feeds only DeQuantStubs may give int8 or int16
    WhereInt16Supported,  // every module whose output all its users take as int16
    Everything
  };
  Subject subject = Subject::Everything;
  TextView name{};                            // of Name and AllowLowPrecision
  Operator kind = Operator::FloatFunctional;  // of Kind
  DType activation = DType::Int8;             // the dtype of the output; Int32 is the high-precision output
  ScaleAxis activation_axis[2]{};             // of the qconfig's calibration form and of its training form
  ScaleAxis weight_axis[2]{};                 // the same for weights
};

/// True if a setter has an AllowLowPrecision rule for a module.
constexpr bool allows_low_precision(const Graph& graph, const SetterRule* rules, int rule_count, int module) {
  for (int r = 0; r < rule_count; ++r)
    if (rules[r].subject == SetterRule::Subject::AllowLowPrecision && is_named(graph, module, rules[r].name))
      return true;
  return false;
}

namespace detail {

/// Marks each node that only DeQuantStubs use, directly or through flatten, reshape, permute, slice and a BatchNorm2d
/// that becomes part of the layer before it. `marks` has an entry for each node.
constexpr void mark_outputs(const Graph& graph, bool* marks) {
  for (int n = 0; n < graph.node_count; ++n) marks[n] = graph.nodes[n].users > 0;
  for (int o = 0; o < graph.output_count; ++o) marks[graph.outputs[o]] = false;
  for (int n = graph.node_count - 1; n >= 0; --n) {
    const Node& node = graph.nodes[n];
    const bool passes = node.op == Operator::DeQuantStub || (row_of(node.op).passes_accumulators && marks[n]);
    for (int i = 0; i < node.operand_count && !passes; ++i) marks[graph.operand(node, i)] = false;
  }
}

/// Marks each node whose output all its users take as int16. `overflows(node)` says whether an int16 input could make
/// the accumulator of a node wrap around.
template <march::March March, class Overflows>
constexpr void mark_int16(const Graph& graph, bool* marks, Overflows overflows) {
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    marks[n] = node.domain == Domain::Quantized && March::gives_int16_output(node.op) && !is_image_stub(graph, node);
  }
  for (int n = graph.node_count - 1; n >= 0; --n) {
    const Node& node = graph.nodes[n];
    if (node.domain != Domain::Quantized) continue;
    for (int i = 0; i < node.operand_count; ++i) {
      const bool as_matmul_operand = node.op != Operator::MatMul || i < March::int16_matmul_operands;
      const bool taken = March::takes_int16_input(node.op) && as_matmul_operand && !overflows(node);
      if (!taken || (!takes_qconfig(node.op) && !marks[n])) marks[graph.operand(node, i)] = false;
    }
  }
}

/// Marks the operands of a node if their values are part of an output that can be int16: those of a DeQuantStub, and
/// those of a marked node that keeps the scale of its input or is a cat of int16.
constexpr void mark_int16_outputs(const Graph& graph, const Node& node, bool passes_values, const bool* takes_int16,
                                  bool* marks) {
  if (node.op != Operator::DeQuantStub && !(passes_values && marks[&node - graph.nodes])) return;
  for (int i = 0; i < node.operand_count; ++i) {
    const int operand = graph.operand(node, i);
    marks[operand] = takes_int16[operand];
  }
}

}  // namespace detail

/// The nodes that rules speak of. Each array has an entry for each node.
struct NodeMarks {
  bool* is_output;        // only DeQuantStubs use it, see mark_outputs
  bool* takes_int16;      // all its users take int16, see mark_int16
  bool* is_int16_output;  // its values are part of an output that can be int16
};

/// What a setter decides for one module.
struct SetterDecision {
  int rule = -1;  // index of the rule; -1 if no rule matches or none is needed
  DType activation = DType::Int8;
  bool all_take_int16 = true;  // of the owner of a scale: the users of all modules with that scale take int16
};

/// Fills `decisions`, one for each module, and the marks. Modules outside the quantized region, and modules without
/// parameters and scale, follow no rule. The QuantStub of an image always gives int8. `overflows` as for `mark_int16`.
template <march::March March, class Overflows>
constexpr void decide(const Graph& graph, const SetterRule* rules, int rule_count, SetterDecision* decisions,
                      const NodeMarks& marks, Overflows overflows) {
  detail::mark_outputs(graph, marks.is_output);
  detail::mark_int16<March>(graph, marks.takes_int16, overflows);
  for (int m = 0; m < graph.module_count; ++m) decisions[m] = {};
  for (int m = 0; m < graph.module_count; ++m)
    if (const int n = graph.modules[m].node; n >= 0 && !marks.takes_int16[n])
      decisions[scale_owner(graph, m)].all_take_int16 = false;
  for (int n = 0; n < graph.node_count; ++n) marks.is_int16_output[n] = false;
  for (int n = graph.node_count - 1; n >= 0; --n) {  // a cat before its operands
    const Node& node = graph.nodes[n];
    const int m = node.module;
    if (node.domain == Domain::Quantized && takes_qconfig(node.op) && m >= 0 && graph.modules[m].node == n) {
      const bool is_tied = graph.modules[m].tied_scale >= 0;
      for (int r = 0; r < rule_count && decisions[m].rule < 0; ++r) {
        const SetterRule& rule = rules[r];
        const auto speaks = [&] {
          switch (rule.subject) {
            case SetterRule::Subject::Name: return is_named(graph, m, rule.name);
            case SetterRule::Subject::Kind: return graph.modules[m].op == rule.kind;
            case SetterRule::Subject::HighPrecision:
              return row_of(node.op).has_accumulator && marks.is_output[n] && !is_tied;
            case SetterRule::Subject::Int16Output: return marks.is_int16_output[n] && !is_tied;
            case SetterRule::Subject::WhereInt16Supported: return decisions[scale_owner(graph, m)].all_take_int16;
            case SetterRule::Subject::AllowLowPrecision: return false;
            case SetterRule::Subject::Everything: return true;
          }
          return false;
        };
        if (!speaks()) continue;
        decisions[m].rule = r;
        decisions[m].activation = rule.activation;
      }
      if (is_image_stub(graph, node)) decisions[m].activation = DType::Int8;
    }
    const bool passes_values = !takes_qconfig(node.op) ||
                               (family_of(node.op) == Family::Cat && m >= 0 && decisions[m].activation == DType::Int16);
    detail::mark_int16_outputs(graph, node, passes_values, marks.takes_int16, marks.is_int16_output);
  }
}

}  // namespace quench
