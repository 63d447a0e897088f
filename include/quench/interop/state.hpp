// SPDX-License-Identifier: Apache-2.0
// Saves and loads models of every phase, as .safetensors or .npz, with PyTorch's names and layout.
//
//   quench::interop::save(model, "fashion.safetensors");
//   quench::interop::load(model, "fashion.safetensors");                     // into a model of the same type
//   auto runs = quench::interop::load_quantized<FashionNet, quench::march::NashE>("quantized.safetensors");
//   torch.save -> safetensors.torch.save_file(net.state_dict(), ...)         // PyTorch's weights load into a FloatModel
//
// A FloatModel saves its state_dict. Models after `prepare` save the folded weights and, for each module, the state of
// its fake-quantizer ("conv.activation_state"), the initial scale until it observes another ("conv.activation_start"),
// and the scales ("conv.activation_scale.int8", "conv.weight_scale.int8"). They also say which network, march and
// fake-quantizers they are from (origin.hpp), and a state of another kind is refused. A file that does not say so, of
// quench 0.3 for example, is loaded by names, shapes and dtypes alone. Loading checks everything first, so a file that
// does not fit leaves the model unchanged.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/optimizer_state.hpp>
#include <quench/interop/origin.hpp>
#include <quench/interop/torch_layout.hpp>
#include <quench/phases/calibrated_model.hpp>
#include <quench/phases/qat_model.hpp>
#include <quench/phases/quantized_model.hpp>

namespace quench::interop {

namespace detail {

void write_parameters(const Graph& graph, const training::Parameters& parameters, NamedArrays& arrays);

training::Parameters read_parameters(const Graph& graph, training::Parameters parameters, Reader& reader);

inline std::string name_of_module(const Graph& graph, int module) { return tensors::text(graph.modules[module].name); }

// A weight's fake-quantizer observes the weight again after loading, unless its scales are learned.
void write_states(const Graph& graph, const std::vector<phases::FakeQuantizerHandle>& quantizers, const char* what,
                  bool is_weight, NamedArrays& arrays);

void read_states(const Graph& graph, std::vector<phases::FakeQuantizerHandle>& quantizers, const char* what,
                 bool is_weight, Reader& reader);

// "conv.activation_scale.int8": a scale is valid for one dtype only.
std::string scale_name(const Graph& graph, int module, const char* what, DType dtype);

/// `dtype_of(m)`: the dtype of the output of module m.
template <class DTypeOf>
void write_scales(const Graph& graph, const std::vector<float>& scales, DTypeOf dtype_of, NamedArrays& arrays) {
  for (int m = 0; m < graph.module_count; ++m)  // one for all modules of a TiedScale
    if (const float scale = scales[index(m)]; scale > 0 && scale_owner(graph, m) == m)
      arrays[scale_name(graph, m, ".activation_scale.int", dtype_of(m))] =
          NamedArray::of<float>({1}, std::span(&scale, 1));
}

// The scales of the modules whose fake-quantizer has a scale.
std::vector<float> read_scales(const Graph& graph, const std::vector<phases::FakeQuantizerHandle>& quantizers,
                               Reader& reader);

NamedArrays read_any(const std::filesystem::path& path);

void write_any(const std::filesystem::path& path, const NamedArrays& arrays);

}  // namespace detail

/// The state of a model as named arrays.
/// Errors   state-not-valid if an observer of the user's has no state()
template <class Net>
NamedArrays arrays_of(const FloatModel<Net>& model) {
  NamedArrays arrays;
  detail::write_parameters(graph<Net>, model.core().parameters(), arrays);
  return arrays;
}
template <class Net, march::March M, Setter S>
NamedArrays arrays_of(const PreparedModel<Net, M, S>& model) {
  NamedArrays arrays;
  detail::write_origin<Net, M>(arrays);
  detail::write_parameters(graph<Net>, model.core().parameters(), arrays);
  detail::write_states(graph<Net>, model.quantizers().activation, ".activation_state", false, arrays);
  return arrays;
}
template <class Net, march::March M, Setter S>
NamedArrays arrays_of(const CalibratedModel<Net, M, S>& model) {
  NamedArrays arrays;
  detail::write_origin<Net, M>(arrays);
  detail::write_parameters(graph<Net>, model.core().parameters(), arrays);
  detail::write_scales(graph<Net>, model.activation_scales(), SetterDecisions<Net, M, S>::of, arrays);
  return arrays;
}
template <class Net, march::March M, Setter S>
NamedArrays arrays_of(const QatModel<Net, M, S>& model) {
  NamedArrays arrays;
  detail::write_origin<Net, M>(arrays);
  detail::write_parameters(graph<Net>, model.core().parameters(), arrays);
  detail::write_states(graph<Net>, model.core().quantizers().activation, ".activation_state", false, arrays);
  detail::write_states(graph<Net>, model.core().quantizers().weight, ".weight_state", true, arrays);
  return arrays;
}
template <class Net, march::March M, Setter S>
NamedArrays arrays_of(const QuantizedModel<Net, M, S>& model) {
  NamedArrays arrays;
  detail::write_origin<Net, M>(arrays);
  detail::write_parameters(graph<Net>, model.core().parameters(), arrays);
  const phases::ModelScales& scales = model.core().scales();
  detail::write_scales(graph<Net>, scales.activation, SetterDecisions<Net, M, S>::of, arrays);
  const detail::TorchOrders orders(graph<Net>);
  for (int m = 0; m < graph<Net>.module_count; ++m)
    if (const auto& of_weight = scales.weight[index(m)]; !of_weight.empty())
      arrays[detail::scale_name(graph<Net>, m, ".weight_scale.int", scales.weight_dtype[index(m)])] =
          NamedArray::of<float>(
              {of_weight.size()},
              detail::to_torch(detail::torch_layout_of_features(orders, graph<Net>.modules[m].node), of_weight));
  return arrays;
}

namespace detail {

/// A prepared model to load into; its weights do not matter.
template <class Net, march::March M, Setter S>
PreparedModel<Net, M, S> untrained() {
  return PreparedModel<Net, M, S>(training::Parameters(graph<Net>, Seed{}).folded(graph<Net>));
}

template <class Net, march::March M, Setter S>
QuantizedModel<Net, M, S> read_quantized(const NamedArrays& arrays) {
  Reader reader(arrays);
  read_origin<Net, M>(reader);
  const auto prepared = untrained<Net, M, S>();
  const phases::ModuleQuantizers& quantizers = prepared.quantizers();
  training::Parameters parameters = read_parameters(graph<Net>, prepared.core().parameters(), reader);
  const TorchOrders orders(graph<Net>);
  const std::size_t count = quantizers.weight.size();
  phases::ModelScales scales{read_scales(graph<Net>, quantizers.activation, reader),
                             std::vector<std::vector<float>>(count), std::vector<DType>(count)};
  for (int m = 0; m < graph<Net>.module_count; ++m) {
    const std::size_t at = index(m);
    if (!quantizers.weight[at]) continue;
    scales.weight_dtype[at] = quantizers.weight[at]->dtype();
    const TorchLayout layout = torch_layout_of_features(orders, graph<Net>.modules[m].node);
    const std::vector<float> of_weight =
        reader.floats(scale_name(graph<Net>, m, ".weight_scale.int", scales.weight_dtype[at]), layout.shape);
    scales.weight[at] = from_torch(layout, of_weight);
    reader.try_to(name_of_module(graph<Net>, m), [&] {
      for (const float scale : of_weight) checked_scale(scale);
    });
  }
  reader.finish();
  return QuantizedModel<Net, M, S>(
      phases::QuantizedCore(phases::integer_program<Net, M, S>(), std::move(parameters), std::move(scales)));
}

}  // namespace detail

/// Restores a model from the result of `arrays_of`, or a FloatModel from the state_dict of PyTorch.
/// Errors   state-not-valid, value-not-finite, scale-out-of-range, torch-order-unknown; file-not-readable and
///          shape-mismatch of an array; for a QuantizedModel also scales-too-far-apart and accumulator-may-overflow; the
///          model is unchanged then
template <class Net>
void load_arrays(FloatModel<Net>& model, const NamedArrays& arrays) {
  detail::Reader reader(arrays);
  training::Parameters parameters = detail::read_parameters(graph<Net>, model.core().parameters(), reader);
  reader.finish();
  model.core().parameters() = std::move(parameters);
}
template <class Net, march::March M, Setter S>
void load_arrays(PreparedModel<Net, M, S>& model, const NamedArrays& arrays) {
  PreparedModel<Net, M, S> loaded = model;
  detail::Reader reader(arrays);
  detail::read_origin<Net, M>(reader);
  loaded.core().parameters() = detail::read_parameters(graph<Net>, model.core().parameters(), reader);
  detail::read_states(graph<Net>, loaded.quantizers().activation, ".activation_state", false, reader);
  reader.finish();
  model = std::move(loaded);
}
template <class Net, march::March M, Setter S>
void load_arrays(CalibratedModel<Net, M, S>& model, const NamedArrays& arrays) {
  detail::Reader reader(arrays);
  detail::read_origin<Net, M>(reader);
  auto prepared = detail::untrained<Net, M, S>();
  prepared.core().parameters() = detail::read_parameters(graph<Net>, prepared.core().parameters(), reader);
  std::vector<float> scales = detail::read_scales(graph<Net>, prepared.quantizers().activation, reader);
  reader.finish();
  model = CalibratedModel<Net, M, S>(std::move(prepared), std::move(scales));
}
template <class Net, march::March M, Setter S>
void load_arrays(QatModel<Net, M, S>& model, const NamedArrays& arrays) {
  QatModel<Net, M, S> loaded = model;
  detail::Reader reader(arrays);
  detail::read_origin<Net, M>(reader);
  loaded.core().parameters() = detail::read_parameters(graph<Net>, model.core().parameters(), reader);
  detail::read_states(graph<Net>, loaded.core().quantizers().activation, ".activation_state", false, reader);
  detail::read_states(graph<Net>, loaded.core().quantizers().weight, ".weight_state", true, reader);
  reader.finish();
  model = std::move(loaded);
}
template <class Net, march::March M, Setter S>
void load_arrays(QuantizedModel<Net, M, S>& model, const NamedArrays& arrays) {
  model = detail::read_quantized<Net, M, S>(arrays);
}

/// Saves a model as .safetensors or .npz, or an optimizer together with the model that it trains.
/// Errors   file-not-writable, state-not-valid
template <class Model>
void save(const Model& model, const std::filesystem::path& path) {
  detail::write_any(path, arrays_of(model));
}
template <class Optimizer, class Model>
void save(const Optimizer& optimizer, Model& model, const std::filesystem::path& path) {
  detail::write_any(path, arrays_of(optimizer, model));
}

/// Loads what `save` wrote into a model of the same type, or PyTorch's state_dict into a FloatModel.
/// Errors   file-not-readable, and those of load_arrays; the model is unchanged then
template <class Model>
void load(Model& model, const std::filesystem::path& path) {
  load_arrays(model, detail::read_any(path));
}
template <class Optimizer, class Model>
void load(Optimizer& optimizer, Model& model, const std::filesystem::path& path) {
  load_arrays(optimizer, model, detail::read_any(path));
}

/// Loads a quantized model; needs no float model and no data.
/// Errors   as load
template <class Net, march::March M, Setter S = setter::DefaultCalibration>
QuantizedModel<Net, M, S> load_quantized(const std::filesystem::path& path) {
  return detail::read_quantized<Net, M, S>(detail::read_any(path));
}
/// The same from arrays, such as those of a network that contains this one.
/// Errors   as load_arrays
template <class Net, march::March M, Setter S = setter::DefaultCalibration>
QuantizedModel<Net, M, S> load_quantized(const NamedArrays& arrays) {
  return detail::read_quantized<Net, M, S>(arrays);
}

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/state_impl.hpp>
#endif
