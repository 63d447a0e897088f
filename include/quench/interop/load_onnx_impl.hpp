// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/load_onnx.hpp>

#include <string>
#include <utility>
#include <vector>

namespace quench::interop {

namespace detail {

/// A layer with parameters, of either side.
struct LayerShapes {
  std::string who;   // "Conv2d body" or "Conv 'features.0.0'"
  std::string type;  // "Conv2d"
  std::vector<std::size_t> weight;
  bool has_bias = false;

  bool fits(const LayerShapes& other) const {
    return type == other.type && weight == other.weight && has_bias == other.has_bias;
  }
  std::string shown() const {
    return who + ", a " + type + (weight.empty() ? " without a weight" : " with a weight " + detail::shown(weight)) +
           (has_bias ? " and a bias" : " and no bias");
  }
};

inline LayerShapes layer_of(const Graph& graph, const TorchOrders& orders, int n) {
  const Node& node = graph.nodes[n];
  LayerShapes layer;
  layer.type = tensors::text(name_of(node.op));
  layer.who = name_of_module(graph, node.module);
  if (weight_shape(node).rank > 0) layer.weight = torch_layout_of_weight(graph, orders, n).shape;
  const Family family = family_of(node.op);
  layer.has_bias =
      family == Family::BatchNorm || family == Family::ChannelAffine || (family != Family::PReLU && node.settings.bias);
  return layer;
}

inline LayerShapes layer_of(const ImportedStep& step) {
  LayerShapes layer;
  layer.type = step.type;
  layer.who = step.node;
  if (const auto weight = step.parameters.find("weight"); weight != step.parameters.end())
    layer.weight = weight->second.shape;
  layer.has_bias = step.parameters.count("bias") > 0;
  return layer;
}

QUENCH_INLINE NamedArrays arrays_for(const Graph& graph, ImportedNetwork&& network) {
  const TorchOrders orders = TorchOrders::ours(graph);
  std::vector<int> ours;
  for (int n = 0; n < graph.node_count; ++n) {
    const int module = graph.nodes[n].module;
    const bool owns = module >= 0 && graph.modules[module].node == n && graph.modules[module].parameters_from == module;
    const Node& node = graph.nodes[n];
    if (owns && is_trained(node.op) && (weight_shape(node).rank > 0 || node.settings.bias)) ours.push_back(n);
  }
  std::vector<ImportedStep*> theirs;
  for (ImportedStep& step : network.steps)
    if (!step.parameters.empty() && step.tied_to < 0) theirs.push_back(&step);

  const auto refuse_layer = [&](std::size_t place, const std::string& why, const std::string& module) {
    throw Error(diagnosis::state_not_valid,
                "layer " + std::to_string(place + 1) + " with parameters, in the order of calls: " + why, module);
  };
  NamedArrays arrays;
  for (std::size_t i = 0; i < ours.size() || i < theirs.size(); ++i) {
    if (i == ours.size())
      refuse_layer(i, "the file has " + layer_of(*theirs[i]).shown() + "; the model has no more", "");
    const LayerShapes our = layer_of(graph, orders, ours[i]);
    if (i == theirs.size()) refuse_layer(i, "the model has " + our.shown() + "; the file has no more", our.who);
    const LayerShapes their = layer_of(*theirs[i]);
    if (!our.fits(their)) refuse_layer(i, "the model has " + our.shown() + "; the file has " + their.shown(), our.who);
    for (auto& [name, array] : theirs[i]->parameters) arrays[our.who + "." + name] = std::move(array);
  }
  mark_quench_order(arrays);
  return arrays;
}

QUENCH_INLINE NamedArrays onnx_arrays_for(const Graph& graph, const std::filesystem::path& path,
                                          ImportOptions options) {
  if (options.file.empty()) options.file = path.filename().string();
  const auto imported = [&] { return import_onnx(read_onnx(path), options); };  // the file is gone after it
  return arrays_for(graph, imported());
}

}  // namespace detail

}  // namespace quench::interop
