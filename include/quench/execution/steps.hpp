// SPDX-License-Identifier: Apache-2.0
// Facts about the steps of an integer network for the hosted code: the node that ends a step, and its scale.
#pragma once

#include <string>

#include <quench/device/fusion.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/network/setter_rules.hpp>

namespace quench::execution {

/// The name of a node in errors: that of its module.
std::string name_of(const Graph& graph, int node);

/// The node that gives the values of a step: its ReLU if it has one, else itself.
int end_of_step(const Graph& graph, int step);

/// The same before batch norms are folded: a step without a ReLU ends at its batch norm. Also for layers in float.
int end_of_unfolded_step(const Graph& graph, int step);

/// The ReLU or ReLU6 fused into a step; Operator::Input for none.
Operator fused_activation(const Graph& graph, int step);

/// The upper bound of a ReLU; infinity if it has none.
float upper_bound(Operator relu);

/// True if calibration finds the scale of a step. False for the stub of an image (1/128), a product with a constant (it
/// uses its input's scale), and steps that keep their input's scale.
constexpr bool has_observed_scale(const Graph& graph, int step) {
  const Node& node = graph.nodes[step];
  return device::is_step(graph, step) && row_of(node.op).scale == OutputScale::Own && !is_image_stub(graph, node);
}

/// The scale of an image's codes: a centred code c is the real value c / 128.
inline constexpr float image_scale = 1.0f / 128;

}  // namespace quench::execution

#if QUENCH_HEADER_ONLY
#include <quench/execution/steps_impl.hpp>
#endif
