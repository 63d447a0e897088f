// SPDX-License-Identifier: Apache-2.0
// Quantizes the networks of the exported tests, writes their weights as headers, and prints what the host computes.
#include <quench/quench.hpp>

#include <cstdio>
#include <string>

#include "exported/networks.hpp"
#include "exported/print.hpp"
#include "networks/setters.hpp"

namespace q = quench;

namespace {

template <class Net, class Setter>
void make(const std::string& header) {
  const auto batches = q::random_batches<Net>(q::Seed{3}, 2, 6);
  q::FloatModel<Net> model{q::Seed{11}};
  for (const auto& batch : batches)
    q::phases::with_inputs<Net>(batch, [&](const auto&... inputs) { model.forward(inputs...); });
  auto quantized = q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches));
  q::export_cpp(q::deploy<q::processor::J6E>(quantized), header);

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
      const int from = q::graph<Net>.operand(q::graph<Net>.nodes[n], 0);
      q::execution::with_integers(core.constants(), from, integers, 0, [&](const auto* values) {
        exported::print(values, q::graph<Net>.nodes[from].shape.elements());
      });
    }
}

}  // namespace

int main(int, char** argv) {
  const std::string folder = argv[1];
  make<operators::Layers, q::setter::DefaultQat>(folder + "/layers_weights.hpp");
  make<operators::Functions, networks::Int8Outputs>(folder + "/functions_weights.hpp");
  make<operators::Functions, q::setter::Int16WhereSupported>(folder + "/functions16_weights.hpp");
  make<operators::HardFunctions, networks::Int8Outputs>(folder + "/hard_functions_weights.hpp");
  make<operators::SmoothFunctions, networks::Int8Outputs>(folder + "/smooth_functions_weights.hpp");
  make<operators::PartlyDefined, networks::Int8Outputs>(folder + "/partly_defined_weights.hpp");
  make<operators::ManyClasses, q::setter::DefaultQat>(folder + "/many_classes_weights.hpp");
  make<operators::RowNorms, networks::Int8Outputs>(folder + "/row_norms_weights.hpp");
  make<operators::RowNorms, q::setter::Int16WhereSupported>(folder + "/row_norms16_weights.hpp");
  make<operators::Corners, networks::Int8Outputs>(folder + "/corners_weights.hpp");
  make<operators::Arithmetic, q::setter::Int16WhereSupported>(folder + "/arithmetic_weights.hpp");
  make<operators::Choices, networks::Int8Outputs>(folder + "/choices_weights.hpp");
  make<operators::Joins, networks::Int8Outputs>(folder + "/joins_weights.hpp");
  make<per_channel::Affines, networks::Int8Outputs>(folder + "/affines_weights.hpp");
  make<per_channel::Slopes, networks::Int8Outputs>(folder + "/slopes_weights.hpp");
  make<embeddings::TextClassifier, q::setter::DefaultQat>(folder + "/words_weights.hpp");
  make<embeddings::TextClassifier, q::setter::Int16WhereSupported>(folder + "/words16_weights.hpp");
  make<operators::Windows, networks::Int8Outputs>(folder + "/windows_weights.hpp");
  make<operators::AdaptivePools, q::setter::DefaultQat>(folder + "/adaptive_pools_weights.hpp");
  make<operators::Resizes, networks::Int8Outputs>(folder + "/resizes_weights.hpp");
  make<sequences::Layers, q::setter::Int16WhereSupported>(folder + "/sequence_layers_weights.hpp");
  make<sequences::Pools, networks::Int8Outputs>(folder + "/sequence_pools_weights.hpp");
  make<outputs::Maps, q::setter::DefaultQat>(folder + "/outputs_weights.hpp");
  make<small::ResNet, q::setter::DefaultQat>(folder + "/resnet_weights.hpp");
}
