// SPDX-License-Identifier: Apache-2.0
// What firmware can ask of the inputs and outputs of exported weights. Each kind of fact is a small constant of its own,
// so that flash contains only those that a program asks for, and nothing of the graph. Freestanding.
#pragma once

#include <quench/device/dispatch.hpp>
#include <quench/device/fusion.hpp>
#include <quench/device/output.hpp>
#include <quench/device/step_constants.hpp>

namespace quench::embedded {

namespace detail {

// f(0) to f(Count - 1).
template <class T, int Count>
struct List {
  T of[array_size(Count)]{};
  template <class F>
  constexpr explicit List(const F& f) {
    for (int i = 0; i < Count; ++i) of[i] = f(i);
  }
};

// The nodes for which a condition holds, in the order of their calls.
template <int Nodes>
struct NodeList {
  int count = 0;
  int of[array_size(Nodes)]{};
  constexpr NodeList(const Graph& network, bool (*holds)(const Node&)) {
    for (int n = 0; n < network.node_count; ++n)
      if (holds(network.nodes[n])) of[count++] = n;
  }
};

template <class Net>
inline constexpr const Graph& network = graph<Net>;
template <class Net>
inline constexpr NodeList<network<Net>.node_count> inputs{network<Net>, device::is_given};
template <class Net>
inline constexpr NodeList<network<Net>.node_count> dequantized{
    network<Net>, [](const Node& node) { return node.op == Operator::DeQuantStub; }};

// The node whose integers output i is.
template <class Net>
constexpr int output_node(int i) {
  return network<Net>.operand(network<Net>.nodes[dequantized<Net>.of[i]], 0);
}

template <class Net>
inline constexpr List<Shape, inputs<Net>.count> input_shapes{
    [](int i) { return network<Net>.nodes[inputs<Net>.of[i]].shape; }};
template <class Net>
inline constexpr List<Shape, dequantized<Net>.count> output_shapes{
    [](int i) { return network<Net>.nodes[output_node<Net>(i)].shape; }};
template <class Weights>
inline constexpr List<DType, inputs<typename Weights::Network>.count> input_dtypes{[](int i) {
  using Net = typename Weights::Network;
  return device::node_dtypes<Net, Weights>.of[inputs<Net>.of[i]];
}};
template <class Weights>
inline constexpr List<DType, dequantized<typename Weights::Network>.count> output_dtypes{[](int i) {
  using Net = typename Weights::Network;
  return device::node_dtypes<Net, Weights>.of[output_node<Net>(i)];
}};
template <class Weights>
inline constexpr List<float, inputs<typename Weights::Network>.count> input_scales{[](int i) {  // float data
  const auto& step = Weights::steps[inputs<typename Weights::Network>.of[i]];
  return step.scales != nullptr ? step.scales[0] : 0;
}};

// The names of some nodes, one after the other. A view of the graph's own would keep all names of a network in flash.
template <int Count, int Characters>
struct Names {
  char text[array_size(Characters)]{};
  int begin[static_cast<std::size_t>(Count) + 1]{};
  template <class NodeOf>
  constexpr Names(const Graph& graph, const NodeOf& node_of) {
    for (int i = 0; i < Count; ++i) {
      const TextView name = graph.name_of_node(graph.nodes[node_of(i)]);
      begin[i + 1] = begin[i];
      for (const char c : name) text[begin[i + 1]++] = c;
    }
  }
  constexpr TextView operator[](int i) const { return {text + begin[i], begin[i + 1] - begin[i]}; }
};
template <int Count, class NodeOf>
constexpr int name_characters(const Graph& graph, const NodeOf& node_of) {
  int characters = 0;
  for (int i = 0; i < Count; ++i) characters += graph.name_of_node(graph.nodes[node_of(i)]).size;
  return characters;
}
template <class Net>
inline constexpr auto input_names = [] {
  constexpr auto node_of = [](int i) { return inputs<Net>.of[i]; };
  constexpr int count = inputs<Net>.count;
  return Names<count, name_characters<count>(graph<Net>, node_of)>(graph<Net>, node_of);
}();
template <class Net>
inline constexpr auto output_names = [] {
  constexpr auto node_of = [](int i) { return device::owner_of_scale(graph<Net>, output_node<Net>(i)); };
  constexpr int count = dequantized<Net>.count;
  return Names<count, name_characters<count>(graph<Net>, node_of)>(graph<Net>, node_of);
}();

// The permutes and slices before output i, the last one first.
template <class Net, int I>
inline constexpr int move_count = [] {
  int count = 0;
  for_each_move(graph<Net>, output_node<Net>(I), [&count](const ElementMove&) { ++count; });
  return count;
}();
template <class Net, int I>
inline constexpr auto moves = [] {
  struct {
    ElementMove of[array_size(move_count<Net, I>)]{};
  } list;
  int count = 0;
  for_each_move(graph<Net>, output_node<Net>(I), [&](const ElementMove& move) { list.of[count++] = move; });
  return list;
}();
// The channels of the module that the elements of output i come from.
template <class Net, int I>
inline constexpr int channels_of = [] {
  const int module = for_each_move(graph<Net>, output_node<Net>(I), [](const ElementMove&) {});
  return graph<Net>.nodes[module].shape.channels();
}();

}  // namespace detail

}  // namespace quench::embedded
