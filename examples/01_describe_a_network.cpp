// SPDX-License-Identifier: Apache-2.0
// Describes a network once. The compiler runs `forward` with symbols for tensors and checks the network. The result is
// a constant graph: every operator, shape, name and parameter is known before the program starts.
#include "fashion_net.hpp"
#include "print_graph.hpp"

// region checked
static_assert(quench::verified<FashionNet>());                        // breaks with one error for each mistake
static_assert(quench::verified<FashionNet, quench::march::NashE>());  // and NashE has each operator

constexpr const quench::Graph& graph = quench::graph<FashionNet>;  // operators, shapes, names: constants
static_assert(quench::parameter_count(graph) == 2682);
static_assert(graph.nodes[graph.outputs[0]].shape == quench::Shape(10));
// end region

int main() { print(graph); }
