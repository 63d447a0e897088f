// SPDX-License-Identifier: Apache-2.0
// The graph: what the compiler knows about a network after running `forward`.
//
// Nodes are in the order of their calls, so every operand has a lower index than its user. Everything is a plain
// constant: no pointer into the network, no type per node. Rules, planner and engines all walk this table.
// `quench::graph<Net>` (trace.hpp) gives it. Freestanding.
#pragma once

#include <cstddef>

#include <quench/ground/text.hpp>
#include <quench/network/settings.hpp>
#include <quench/types/color.hpp>
#include <quench/types/operator.hpp>
#include <quench/types/shape.hpp>

namespace quench {

/// The size of an array for `count` entries: never zero, which C++ does not allow.
constexpr std::size_t array_size(int count) { return count > 0 ? static_cast<std::size_t>(count) : 1; }

/// The kind of values in a tensor.
enum class Domain : unsigned char {
  Image,      // pixels of a colour format, before any computation
  Float,      // before a QuantStub or after a DeQuantStub
  Quantized,  // between the two, or after an Embedding
  Indices     // whole numbers, for an Embedding
};

/// One call in `forward`, or one input of the network.
struct Node {
  Operator op = Operator::Input;
  Domain domain = Domain::Float;          // of its output
  ColorFormat color = ColorFormat::None;  // of its output, if that is a picture, also a scaled one
  bool has_image_range = false;           // its output contains pixels, or means of pixels: [-1, 127/128] if centred
  bool shapes_agree = true;               // false: the operands do not fit, and `shape` follows from the settings
  int module = -1;                        // index into Graph::modules; -1 for an input or a free function; or see below
  int line = 0;                           // source line of the call, or one of its lines
  int first_operand = 0;                  // its operands are Graph::operands[first_operand ...]
  int operand_count = 0;
  int users = 0;  // how many operands and network outputs use it
  Shape shape;    // of its output, without the batch
  Settings settings;

  static constexpr int by_operator = -2;    // an operator of C++, `x + y`, which has no module and is refused
  static constexpr int by_comparison = -3;  // `x > y`, likewise
};

/// A layer, a stub or a FloatFunctional of the network, in the order of declaration, depth first.
struct Module {
  Operator op = Operator::FloatFunctional;
  TextView name;            // "layer1.0.conv1"
  int calls = 0;            // how often `forward` calls it
  int node = -1;            // its first call between the stubs, where its scale belongs; without one, its first call
  int parameters_from = 0;  // index of the module whose parameters it uses: itself unless a Tie says otherwise
  int tied_scale = -1;      // index of the first module with which it shares a scale by a TiedScale; -1: none
};

/// A Tie of the network or of a block, with the dotted names of both modules. Neither needs to exist.
struct NamedTie {
  TextView first, second;
  bool is_of_scale = false;  // a TiedScale, which may also name blocks
};

/// A network as constants.
struct Graph {
  const Node* nodes = nullptr;
  int node_count = 0;
  const int* operands = nullptr;
  int operand_count = 0;
  const Module* modules = nullptr;
  int module_count = 0;
  const int* inputs = nullptr;  // the input nodes, in the order of the arguments of `forward`
  int input_count = 0;
  const int* outputs = nullptr;  // the nodes that `forward` returns, in their order
  int output_count = 0;
  const NamedTie* ties = nullptr;
  int tie_count = 0;

  constexpr int operand(const Node& node, int i) const { return operands[node.first_operand + i]; }
  /// The node of operand `i`.
  constexpr const Node& operand_node(const Node& node, int i) const { return nodes[operand(node, i)]; }

  /// The name of a node for users: that of its module, or of the function called.
  constexpr TextView name_of_node(const Node& node) const {
    if (node.module >= 0) return modules[node.module].name;
    return node.settings.function.size > 0 ? node.settings.function : name_of(node.op);
  }

  /// Index of the module with this dotted name, or -1.
  constexpr int find_module(TextView name) const {
    for (int m = 0; m < module_count; ++m)
      if (modules[m].name == name) return m;
    return -1;
  }
};

/// The module that keeps the scale of a module's output: itself, or the first one of a TiedScale.
constexpr int scale_owner(const Graph& graph, int module) {
  return graph.modules[module].tied_scale < 0 ? module : graph.modules[module].tied_scale;
}

/// True if `name` is the name of a module or of a block with the module.
constexpr bool is_named(const Graph& graph, int module, TextView name) {
  return graph.modules[module].name == name || graph.modules[module].name.is_inside(name);
}

/// True if a call of a module lies in the quantized region. A module without parameters may have other calls in float.
constexpr bool is_quantized(const Graph& graph, int module) {
  const int node = graph.modules[module].node;
  return node >= 0 && graph.nodes[node].domain == Domain::Quantized;
}

/// The QuantStub of an image, whose scale is 1/128. A picture that was scaled or added to has other values, and its stub
/// finds a scale.
constexpr bool is_image_stub(const Graph& graph, const Node& node) {
  return node.op == Operator::QuantStub && graph.operand_node(node, 0).has_image_range;
}

/// True if calibration finds a scale for the output of a module.
constexpr bool finds_scale(const Graph& graph, int module) {
  return is_quantized(graph, module) && takes_qconfig(graph.nodes[graph.modules[module].node].op) &&
         !is_image_stub(graph, graph.nodes[graph.modules[module].node]);
}

/// The modules that a name stands for: one module, or those of a block, which follow one another. Empty if it is
/// neither's.
struct NamedModules {
  TextView name;
  int begin = 0, end = 0;

  constexpr NamedModules(const Graph& graph, TextView given) : name(given) {
    while (begin < graph.module_count && !is_named(graph, begin, name)) ++begin;
    for (end = begin; end < graph.module_count && is_named(graph, end, name);) ++end;
  }
};

/// The module among `others` that has the name of `module`, one of `own`, in their place; -1 if there is none.
constexpr int scale_partner(const Graph& graph, int module, const NamedModules& own, const NamedModules& others) {
  const TextView name = graph.modules[module].name;
  const int rest = name.size - own.name.size;
  for (int m = others.begin; m < others.end; ++m) {
    const TextView other = graph.modules[m].name;
    if (other.size - others.name.size == rest &&
        TextView(other.data + others.name.size, rest) == TextView(name.data + own.name.size, rest))
      return m;
  }
  return -1;
}

/// The axis along which a cat joins. It is the last one unless the call names another.
constexpr int cat_axis(const Node& node) {
  return node.settings.axis_count > 0 ? node.settings.axes[0] : node.shape.rank - 1;
}

/// How many elements of operand `x` of a cat stand together in its output: those from the axis on.
constexpr int cat_run(const Node& node, const Shape& x) {
  int elements = 1;
  for (int axis = cat_axis(node); axis < x.rank; ++axis) elements *= x[axis];
  return elements;
}

/// The extents that a reshape, a LayerNorm or an RMSNorm lists, as the user wrote them.
constexpr Shape extents_of(const Settings& s) {
  Shape shape;
  for (int i = 0; i < s.axis_count && i < max_rank; ++i) shape[shape.rank++] = s.axes[i];
  return shape;
}

/// The shape of a node's weight, or rank 0 if it has none.
/// Conv2d and ConvTranspose2d [out, kh, kw, in / groups], Conv1d and ConvTranspose1d [out, k, in / groups], Linear
/// [out, in], batch norms and ChannelAffine [channels], PReLU [num_parameters], LayerNorm and RMSNorm the normalized
/// axes, Embedding [num_embeddings, embedding_dim].
constexpr Shape weight_shape(const Node& node) {
  const Settings& s = node.settings;
  const int groups = s.groups > 0 ? s.groups : 1;
  switch (row_of(node.op).weight) {
    case Weight::Filters:
      if (row_of(node.op).is_1d) return Shape(s.out_channels, s.kernel_size.width, s.in_channels / groups);
      return Shape(s.out_channels, s.kernel_size.height, s.kernel_size.width, s.in_channels / groups);
    case Weight::Matrix: return Shape(s.out_channels, s.in_channels);
    case Weight::Channels: return Shape(s.in_channels);
    case Weight::Rows: return s.elementwise_affine ? extents_of(s) : Shape();
    case Weight::Table: return Shape(s.in_channels, s.out_channels);
    case Weight::None: break;
  }
  return {};
}

/// True if a batch norm becomes part of the layer before it: nothing else uses that layer's output.
constexpr bool is_folded(const Graph& graph, const Node& node) {
  if (family_of(node.op) != Family::BatchNorm) return false;
  const Node& before = graph.operand_node(node, 0);
  for (int i = 0; i < graph.output_count; ++i)
    if (&graph.nodes[graph.outputs[i]] == &before) return false;
  return before.users == 1 && has_integer_weights(before.op);
}

/// The batch norm that becomes part of a layer, or -1.
constexpr int folded_batch_norm(const Graph& graph, int layer) {
  for (int n = layer + 1; n < graph.node_count; ++n)
    if (is_folded(graph, graph.nodes[n]) && graph.operand(graph.nodes[n], 0) == layer) return n;
  return -1;
}

/// The module whose parameters a module uses after batch norms have become part of the layers. It is `parameters_from` if
/// both contain the same batch norm; otherwise the first of the tied modules that contains the one of this module.
constexpr int folded_parameters_from(const Graph& graph, int m) {
  const int from = graph.modules[m].parameters_from;
  if (from == m) return m;
  // The owner of the parameters of the batch norm in a module; -1 without one, -2 for such a batch norm itself.
  const auto norm_of = [&](int module) {
    const int node = graph.modules[module].node;
    if (node < 0) return -1;
    if (is_folded(graph, graph.nodes[node])) return -2;
    const int norm = folded_batch_norm(graph, node);
    return norm < 0 ? -1 : graph.modules[graph.nodes[norm].module].parameters_from;
  };
  const int norm = norm_of(m);
  if (norm_of(from) == norm) return from;
  for (int other = 0; other < m; ++other)
    if (graph.modules[other].parameters_from == from && norm_of(other) == norm) return other;
  return m;
}

/// The largest count of parameters; larger counts saturate.
inline constexpr long long max_parameters = 1LL << 62;

/// The number of trainable parameters of a node: weight and bias. Running statistics do not count, as in PyTorch.
constexpr long long parameter_count(const Node& node) {
  if (!is_trained(node.op)) return 0;
  if (family_of(node.op) == Family::BatchNorm) return 2LL * node.settings.in_channels;
  const Shape weight = weight_shape(node);
  long long count = weight.rank > 0 ? 1 : 0;
  for (int axis = 0; axis < weight.rank; ++axis) {
    if (weight[axis] < 1) return 0;  // settings out of range
    count = count > max_parameters / weight[axis] ? max_parameters : count * weight[axis];
  }
  if (!node.settings.bias) return count;
  const long long biases = row_of(node.op).weight == Weight::Rows ? count : weight[0];
  return count > max_parameters - biases ? max_parameters : count + biases;
}

/// The number of trainable parameters of a network. Parameters shared by a Tie count once.
constexpr long long parameter_count(const Graph& graph) {
  long long count = 0;
  for (int m = 0; m < graph.module_count; ++m) {
    const Module& module = graph.modules[m];
    if (module.node < 0 || module.parameters_from != m) continue;
    const long long more = parameter_count(graph.nodes[module.node]);
    count = count > max_parameters - more ? max_parameters : count + more;
  }
  return count;
}

}  // namespace quench
