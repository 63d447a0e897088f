// SPDX-License-Identifier: Apache-2.0
// `network_hash<Net>`: one number for the graph of a network with all settings of its layers. Saved states and exported
// headers carry it, so that those of another network are found out.
//
// Names of modules, lines of the source and the momentum of batch norms do not count. The order of modules does. Operators count by name, so that a new version of quench may
// add some. Freestanding; only the compiler evaluates the real numbers here.
#pragma once

#include <bit>
#include <cstdint>

#include <quench/ground/hash.hpp>
#include <quench/network/trace.hpp>

namespace quench {

namespace detail {

class NetworkHash {
 public:
  constexpr explicit NetworkHash(const Graph& graph) {
    add(graph.node_count);
    for (int n = 0; n < graph.node_count; ++n) add(graph, graph.nodes[n]);
    add(graph.module_count);
    for (int m = 0; m < graph.module_count; ++m) add(graph.modules[m].parameters_from);
    for (int m = 0; m < graph.module_count; ++m) {
      if (graph.modules[m].tied_scale < 0) continue;
      hash_.add("tied_scale");
      add(m);
      add(graph.modules[m].tied_scale);
    }
    for (int i = 0; i < graph.input_count; ++i) add(graph.inputs[i]);
    for (int i = 0; i < graph.output_count; ++i) add(graph.outputs[i]);
  }
  constexpr std::uint64_t value() const { return hash_.value; }

 private:
  constexpr void add(int number) { hash_.add(static_cast<std::uint64_t>(number)); }
  constexpr void add(float number) {  // evaluated by the compiler
    hash_.add(std::uint64_t{std::bit_cast<std::uint32_t>(number)});
  }
  constexpr void add(Pair pair) {
    add(pair.height);
    add(pair.width);
  }
  constexpr void add(const Graph& graph, const Node& node) {
    hash_.add(name_of(node.op));
    add(static_cast<int>(node.domain));
    if (node.op == Operator::Input) add(static_cast<int>(node.color));
    add(node.module);
    for (int i = 0; i < node.operand_count; ++i) add(graph.operand(node, i));
    for (int axis = 0; axis < node.shape.rank; ++axis) add(node.shape[axis]);
    const Settings& s = node.settings;
    const ScaleFactor& f = s.scale_factor;
    for (const Pair pair : {s.kernel_size, s.stride, s.padding.before(), s.output_padding, s.dilation,
                            Pair(f.height.numerator, f.width.numerator)})
      add(pair);
    // What older versions did not have counts where it is used, after a mark of its own: their hashes stay valid.
    if (s.padding.after() != s.padding.before()) {
      hash_.add("padding after");
      add(s.padding.after());
    }
    if (s.ceil_mode) hash_.add("ceil_mode");
    if (!s.count_include_pad) hash_.add("count_exclude_pad");
    if (s.elementwise_affine) hash_.add("elementwise_affine");
    if (f.height.denominator != 1 || f.width.denominator != 1) {
      hash_.add("scale_factor under");
      add(Pair(f.height.denominator, f.width.denominator));
    }
    if (coordinates_of(s) != coordinates_of(s.mode)) {
      hash_.add("coordinates");
      add(static_cast<int>(s.coordinates));
    }
    if (s.nearest_mode != NearestMode::Floor) {
      hash_.add("nearest_mode");
      add(static_cast<int>(s.nearest_mode));
    }
    for (const int number :
         {s.in_channels, s.out_channels, s.groups, int{s.bias}, int{s.keepdim}, static_cast<int>(s.mode), s.axis_count})
      add(number);
    if (s.axis_count == 0) hash_.add_zeros<3 * max_rank>();  // no call without axes has positions
    for (int i = 0; i < max_rank && s.axis_count > 0; ++i) {
      add(s.axes[i]);
      add(s.begin[i]);
      add(s.end[i]);
    }
    add(s.epsilon);
    add(s.parameters[0]);
    add(s.parameters[1]);
  }

  ground::Hash hash_;
};

}  // namespace detail

/// A number that differs, in all likelihood, if the graph or a setting of a layer differs.
template <class Net>
inline constexpr std::uint64_t network_hash = detail::NetworkHash(graph<Net>).value();

}  // namespace quench
