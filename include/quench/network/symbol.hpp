// SPDX-License-Identifier: Apache-2.0
// Symbols stand for tensors while the compiler runs `forward`; calling a layer with one writes a node of the graph.
//
// There is one `Symbol` type. What a tensor is (image, float, quantized) and its shape stand in the graph, not in the
// C++ type, so that no mistake ends in a failed overload and all mistakes are found by the same rules. `forward` runs
// twice: first to count, then to write into arrays of that size (trace.hpp). Freestanding.
#pragma once

#include <concepts>

#include <quench/network/graph.hpp>
#include <quench/network/shape_rules.hpp>

namespace quench {

/// Where a layer keeps its index in the list of modules. Each layer ends with one; users never set it.
struct ModuleIndex {
  int value = -1;
};

/// A layer, a stub or a FloatFunctional: what gets a name and an index among the modules of a network.
template <class T>
concept ModuleType = requires(T t) {
  { t.module_index.value } -> std::same_as<int&>;
  { T::op } -> std::convertible_to<Operator>;
};

namespace detail {

// Receives the calls of `forward`: first the operands of a call, then the call. Without arrays it only counts.
struct Recorder {
  Node* nodes = nullptr;
  int* operands = nullptr;
  Module* modules = nullptr;
  int node_count = 0;
  int operand_count = 0;

  constexpr void add_operand(int node) {
    if (operands != nullptr) {
      operands[operand_count] = node;
      ++nodes[node].users;
    }
    ++operand_count;
  }

  // A call with the `count` operands that were added last. Gives the index of its node.
  constexpr int add_call(Operator op, int module, int line, const Settings& settings, int count) {
    if (nodes != nullptr) write_node(nodes[node_count], op, module, line, settings, count);
    return node_count++;
  }

 private:
  constexpr void write_node(Node& node, Operator op, int module, int line, const Settings& settings, int count);
};

}  // namespace detail

/// A tensor in `forward`. Copy it, return it, call layers with it; there is nothing else to do with one.
class Symbol {
 public:
  constexpr Symbol() = default;
  constexpr Symbol(detail::Recorder* recorder, int node) : recorder_(recorder), node_(node) {}

  /// The node of the graph that this tensor comes out of.
  constexpr int node() const { return node_; }

  /// Writes a call of an operator with these operands, of which there is at least one. For layers only.
  static constexpr Symbol call(Operator op, ModuleIndex module, int line, const Settings& settings,
                               std::initializer_list<Symbol> operands) {
    detail::Recorder* recorder = operands.begin()->recorder_;
    for (const Symbol& operand : operands) recorder->add_operand(operand.node_);
    const int count = static_cast<int>(operands.size());
    return {recorder, recorder->add_call(op, module.value, line, settings, count)};
  }

  /// The same with this tensor as the only operand.
  constexpr Symbol call(Operator op, ModuleIndex module, int line, const Settings& settings) const {
    return call(op, module, line, settings, {*this});
  }

 private:
  detail::Recorder* recorder_ = nullptr;
  int node_ = -1;
};

namespace detail {

// A Symbol together with the line that passes it: for functions whose argument list ends in a pack.
struct SymbolAtLine {
  Symbol symbol;
  int line;
  constexpr SymbolAtLine(Symbol s, int at = __builtin_LINE()) : symbol(s), line(at) {}  // NOLINT: implicit on purpose
};

// Codes of an image stay codes of an image where an operator only moves or selects them.
constexpr bool moves_values(const Node& node) {
  return is_shape_function(node.op) || node.op == Operator::MaxPool2d ||
         (node.op == Operator::Upsample && node.settings.mode == InterpolationMode::Nearest);
}

constexpr void infer_domain(const Graph& graph, Node& node) {
  bool quantized = node.op == Operator::QuantStub;
  for (int i = 0; i < node.operand_count; ++i) quantized |= graph.operand_node(node, i).domain == Domain::Quantized;
  node.domain = quantized && node.op != Operator::DeQuantStub ? Domain::Quantized : Domain::Float;
  const Node& x = graph.operand_node(node, 0);
  if (x.domain == Domain::Image && moves_values(node)) {
    node.domain = Domain::Image;
    node.color = x.color;
  }
}

constexpr void Recorder::write_node(Node& node, Operator op, int module, int line, const Settings& settings,
                                    int count) {
  node.op = op;
  node.module = module;
  node.line = line;
  node.settings = settings;
  node.first_operand = operand_count - count;
  node.operand_count = count;
  Graph so_far;
  so_far.nodes = nodes;
  so_far.operands = operands;
  resolve_negative_axes(op, node.settings, so_far.operand_node(node, 0).shape);
  const InferredShape inferred = infer_shape(so_far, node);
  node.shape = inferred.shape;
  node.shapes_agree = inferred.agrees;
  node.shape_is_known = inferred.agrees || !is_functional(op);
  for (int i = 0; i < count; ++i) node.shape_is_known &= so_far.operand_node(node, i).shape_is_known;
  infer_domain(so_far, node);
  if (module >= 0 && modules[module].calls++ == 0) modules[module].node = node_count;
}

}  // namespace detail
}  // namespace quench
