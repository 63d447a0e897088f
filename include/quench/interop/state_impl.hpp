// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/state.hpp>

#include <algorithm>
#include <cstring>

#include <quench/interop/batch_norms.hpp>
#include <quench/interop/imported_network.hpp>
#include <quench/interop/npz.hpp>
#include <quench/interop/safetensors.hpp>

namespace quench::interop {

namespace detail {

inline std::vector<TorchLayout> layouts_of(const Graph& graph, const TorchOrders& orders,
                                           const training::Parameters& parameters) {
  std::vector<TorchLayout> layouts(parameters.list().size());
  for (int m = 0; m < graph.module_count; ++m) {
    const training::ParametersOfModule& p = parameters.of(m);
    const bool owns = p.weight >= 0 && parameters[p.weight].name == name_of_module(graph, m) + ".weight";
    if (!owns) continue;
    const int layer = graph.modules[m].node;
    layouts[index(p.weight)] = torch_layout_of_weight(graph, orders, layer);
    for (const int i : {p.bias, p.running_mean, p.running_variance})
      if (i >= 0) layouts[index(i)] = torch_layout_of_bias(graph, orders, layer);
  }
  return layouts;
}

// Marks a file whose parameters after the node TorchOrders::unknown() are in quench's order.
inline constexpr const char* our_order = "features_in_quench_order";

QUENCH_INLINE void write_parameters(const Graph& graph, const training::Parameters& parameters, NamedArrays& arrays) {
  const TorchOrders orders(graph);
  const std::vector<TorchLayout> layouts = layouts_of(graph, orders, parameters);
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const training::Parameter& parameter = parameters.list()[i];
    arrays[parameter.name] = NamedArray::of<float>(layouts[i].shape, to_torch(layouts[i], parameter.values));
  }
  constexpr std::int8_t yes = 1;
  if (orders.unknown() >= 0) arrays[our_order] = NamedArray::of<std::int8_t>({1}, std::span(&yes, 1));
}

inline void check_order(const Graph& graph, const TorchOrders& orders, Reader& reader) {
  const int n = orders.unknown();
  reader.ignore(our_order);
  if (n >= 0 && !reader.has(our_order))
    reader.note(Error(diagnosis::torch_order_unknown, "in line " + std::to_string(graph.nodes[n].line),
                      execution::name_of(graph, n)));
}

QUENCH_INLINE training::Parameters read_parameters(const Graph& graph, training::Parameters parameters,
                                                   Reader& reader) {
  const bool has_ours = reader.has(all_features_in_quench_order);
  reader.ignore(all_features_in_quench_order);
  const TorchOrders orders = has_ours ? TorchOrders::ours(graph) : TorchOrders(graph);
  check_order(graph, orders, reader);
  const std::vector<TorchLayout> layouts = layouts_of(graph, orders, parameters);
  const std::vector<bool> is_read = read_batch_norms(graph, parameters, layouts, reader);
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    training::Parameter& parameter = parameters.list()[i];
    if (is_read[i]) continue;
    const std::vector<float> given = reader.floats(parameter.name, layouts[i].shape);
    if (given.empty()) continue;
    parameter.values = from_torch(layouts[i], given);
    if (parameter.name.ends_with(".running_var"))
      for (const float variance : parameter.values)
        if (variance < 0) {
          reader.note(Error(diagnosis::state_not_valid, "a variance is negative", parameter.name));
          break;
        }
    std::fill(parameter.gradients.begin(), parameter.gradients.end(), 0.0f);
  }
  // PyTorch lists shared parameters under the name of each module.
  for (int m = 0; m < graph.module_count; ++m) {
    const int from = graph.modules[m].parameters_from;
    if (from == m) continue;
    for (const char* what : {".weight", ".bias", ".running_mean", ".running_var"})
      reader.ignore(tensors::text(graph.modules[m].name) + what);
  }
  return parameters;
}

// The initial scale of an activation, until it observes data that changes the scale.
inline constexpr const char* start_name = ".activation_start";

QUENCH_INLINE void write_states(const Graph& graph, const std::vector<phases::FakeQuantizerHandle>& quantizers,
                                const char* what, bool is_weight, NamedArrays& arrays) {
  for (int m = 0; m < graph.module_count; ++m) {
    const auto& quantizer = quantizers[index(m)];
    if (!quantizer) continue;
    arrays[kind_name(name_of_module(graph, m), is_weight)] = text_array(quantizer->kind());
    if (is_weight && quantizer->parameters().empty()) continue;
    in_module(name_of_module(graph, m), [&] {
      const std::vector<double> state = quantizer->state();
      arrays[name_of_module(graph, m) + what] = NamedArray::of<double>({state.size()}, state);
      if (const std::vector<float> start = quantizer->started_at(); !start.empty())
        arrays[name_of_module(graph, m) + start_name] = NamedArray::of<float>({start.size()}, start);
    });
  }
}

QUENCH_INLINE void read_states(const Graph& graph, std::vector<phases::FakeQuantizerHandle>& quantizers,
                               const char* what, bool is_weight, Reader& reader) {
  for (int m = 0; m < graph.module_count; ++m) {
    auto& quantizer = quantizers[index(m)];
    if (!quantizer) continue;
    if (!has_kind(*quantizer.operator->(), name_of_module(graph, m), is_weight, reader)) {
      reader.ignore(name_of_module(graph, m) + what);
      reader.ignore(name_of_module(graph, m) + start_name);
      continue;
    }
    if (is_weight && quantizer->parameters().empty()) continue;
    const auto state = reader.doubles(name_of_module(graph, m) + what);
    if (!state) continue;
    reader.try_to(name_of_module(graph, m), [&] {
      if (const std::size_t learned = quantizer->parameters().size(); learned > 0)
        observers::check_state_size(*state, learned);
      quantizer->load(*state);
    });
    if (const std::string start = name_of_module(graph, m) + start_name; !is_weight && reader.has(start)) {
      const std::vector<float> scale = reader.floats(start, {1});
      if (!scale.empty()) reader.try_to(name_of_module(graph, m), [&] { quantizer->start_at(scale); });
    }
  }
}

QUENCH_INLINE std::string scale_name(const Graph& graph, int module, const char* what, DType dtype) {
  return name_of_module(graph, module) + what + std::to_string(bits_of(dtype));
}

QUENCH_INLINE std::vector<float> read_scales(const Graph& graph,
                                             const std::vector<phases::FakeQuantizerHandle>& quantizers,
                                             Reader& reader) {
  std::vector<float> scales(quantizers.size());
  for (int m = 0; m < graph.module_count; ++m) {
    const auto& quantizer = quantizers[index(m)];
    if (!quantizer || quantizer->dtype() == DType::Int32) continue;
    const std::string name = scale_name(graph, m, ".activation_scale.int", quantizer->dtype());
    for (const float scale : reader.floats(name, {1}))
      reader.try_to(name_of_module(graph, m), [&] { scales[index(m)] = checked_scale(scale); });
  }
  phases::share_tied_scales(graph, scales);
  return scales;
}

QUENCH_INLINE NamedArrays read_any(const std::filesystem::path& path) {
  if (path.extension() == ".npz") return read_npz(path);
  if (path.extension() == ".safetensors") return read_safetensors(path);
  refuse(path.string() + ": the name ends neither in .safetensors nor in .npz");
}

QUENCH_INLINE void write_any(const std::filesystem::path& path, const NamedArrays& arrays) {
  if (path.extension() == ".npz") return write_npz(path, arrays);
  if (path.extension() == ".safetensors") return write_safetensors(path, arrays);
  throw Error(diagnosis::file_not_writable, path.string() + ": the name ends neither in .safetensors nor in .npz");
}

}  // namespace detail

}  // namespace quench::interop
