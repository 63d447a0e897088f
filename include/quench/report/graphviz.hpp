// SPDX-License-Identifier: Apache-2.0
// `to_graphviz(model)`: the graph of a network as text for Graphviz.
//
//   std::ofstream("net.dot") << quench::to_graphviz(quantized);      // then: dot -Tsvg net.dot -o net.svg
//
// A box for each call of `forward`, with its operator and the shape and dtype of its output. After calibration also with
// its scale. Operations on integers are filled. No part of quench.hpp: include it where it is used.
#pragma once

#include <string>
#include <string_view>

#include <quench/ground/compiled.hpp>
#include <quench/report/summary.hpp>

namespace quench {

namespace detail {

/// `summary` has a row for each node but the inputs.
std::string graphviz_text(const Graph& graph, std::string_view network, const Summary& summary);

}  // namespace detail

/// The graph of a model in any phase, as a digraph of Graphviz. Shapes are those of one sample.
/// Errors   those of `summary`
template <class Model>
std::string to_graphviz(const Model& model) {
  using Net = typename Model::Network;
  return detail::graphviz_text(graph<Net>, tensors::text(type_name<Net>()), summary(model));
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/graphviz_impl.hpp>
#endif
