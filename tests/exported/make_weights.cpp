// SPDX-License-Identifier: Apache-2.0
// Quantizes the networks of the exported tests, writes their weights as headers and the networks as C, and prints what the
// host computes.
#include <quench/quench.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "exported/networks.hpp"
#include "exported/print.hpp"
#include "networks/setters.hpp"

namespace q = quench;

namespace {

template <class Net, class Setter>
void make(const std::string& folder, const std::string& name) {
  const auto batches = q::random_batches<Net>(q::Seed{3}, 2, 6);
  q::FloatModel<Net> model{q::Seed{11}};
  for (const auto& batch : batches)
    q::phases::with_inputs<Net>(batch, [&](const auto&... inputs) { model.forward(inputs...); });
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches));
  const auto deployment = q::deploy<q::processor::J6E>(quantized);
  q::export_cpp(deployment, folder + "/" + name + "_weights.hpp");
  q::export_c(deployment, folder + "/c_" + name + ".h");

  // The codes of the stubs are set by hand, as a device is given them.
  const auto& core = quantized.core();
  q::IntegerTensors integers;
  integers.resize(q::graph<Net>, core.dtypes(), 1);
  std::uint32_t state = 1;
  for (int n = 0; n < q::graph<Net>.node_count; ++n)
    if (q::device::is_given(q::graph<Net>.nodes[n])) {
      const int size = q::graph<Net>.nodes[n].shape.elements();
      if (q::graph<Net>.nodes[n].domain == q::Domain::Indices)
        exported::fill(integers.of<std::int32_t>(n), size, state);
      else if (core.dtypes()[static_cast<std::size_t>(n)] == q::DType::Int16)
        exported::fill(integers.of<std::int16_t>(n), size, state);
      else
        exported::fill(integers.of<std::int8_t>(n), size, state);
    }
  core.network().run(integers, {0, 1});
  for (int n = 0; n < q::graph<Net>.node_count; ++n)
    if (q::graph<Net>.nodes[n].op == q::Operator::DeQuantStub) {
      const q::Graph& graph = q::graph<Net>;
      const int from = graph.operand(graph.nodes[n], 0);
      int owner = q::device::step_of(graph, from);
      while (!q::owns_output_scale(graph.nodes[owner].op))
        owner = q::device::step_of(graph, graph.operand(graph.nodes[owner], 0));
      q::execution::with_integers(core.constants(), from, integers, 0, [&]<class Value>(const Value* values) {
        const auto& c = core.constants().step(owner);
        std::vector<q::embedded::ElementMove> moves;
        const int module = q::embedded::for_each_move(graph, from, [&](const auto& move) { moves.push_back(move); });
        exported::print(q::embedded::Output<Value>{values,
                                                   graph.nodes[from].shape,
                                                   {c.scales, c.multipliers, c.scale_count},
                                                   moves.data(),
                                                   static_cast<int>(moves.size()),
                                                   graph.nodes[module].shape.channels()});
      });
    }
}

}  // namespace

int main(int, char** argv) {
  const std::string folder = argv[1];
  make<operators::Layers, q::setter::DefaultQat>(folder, "layers");
  make<operators::Functions, networks::Int8Outputs>(folder, "functions");
  make<operators::Functions, q::setter::Int16WhereSupported>(folder, "functions16");
  make<operators::HardFunctions, networks::Int8Outputs>(folder, "hard_functions");
  make<operators::SmoothFunctions, networks::Int8Outputs>(folder, "smooth_functions");
  make<operators::PartlyDefined, networks::Int8Outputs>(folder, "partly_defined");
  make<operators::ManyClasses, q::setter::DefaultQat>(folder, "many_classes");
  make<operators::RowNorms, networks::Int8Outputs>(folder, "row_norms");
  make<operators::RowNorms, q::setter::Int16WhereSupported>(folder, "row_norms16");
  make<operators::Corners, networks::Int8Outputs>(folder, "corners");
  make<operators::Arithmetic, q::setter::Int16WhereSupported>(folder, "arithmetic");
  make<operators::Choices, networks::Int8Outputs>(folder, "choices");
  make<operators::Joins, networks::Int8Outputs>(folder, "joins");
  make<per_channel::Affines, networks::Int8Outputs>(folder, "affines");
  make<per_channel::Slopes, networks::Int8Outputs>(folder, "slopes");
  make<embeddings::TextClassifier, q::setter::DefaultQat>(folder, "words");
  make<embeddings::TextClassifier, q::setter::Int16WhereSupported>(folder, "words16");
  make<operators::Windows, networks::Int8Outputs>(folder, "windows");
  make<operators::AdaptivePools, q::setter::DefaultQat>(folder, "adaptive_pools");
  make<operators::Resizes, networks::Int8Outputs>(folder, "resizes");
  make<sequences::Layers, q::setter::Int16WhereSupported>(folder, "sequence_layers");
  make<sequences::Pools, networks::Int8Outputs>(folder, "sequence_pools");
  make<outputs::Maps, q::setter::DefaultQat>(folder, "outputs");
  make<small::ResNet, q::setter::DefaultQat>(folder, "resnet");
  make<small::Siamese, q::setter::DefaultQat>(folder, "siamese");
}
