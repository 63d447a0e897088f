// SPDX-License-Identifier: Apache-2.0
// Loads the weights of an ONNX file into a description that exists.
//
//   quench::FloatModel<MobileNet> model;
//   quench::interop::load_onnx(model, "mobilenet.onnx");
//
// Names do not matter: the layers with parameters of both are matched in the order of their calls, and have to agree in
// operator and shape. What has no parameters is not compared: measure the model on data.
#pragma once

#include <filesystem>

#include <quench/ground/compiled.hpp>
#include <quench/interop/import_onnx.hpp>
#include <quench/interop/state.hpp>

namespace quench::interop {

namespace detail {

/// The parameters of an imported network, with the names of the modules of `graph`.
/// Errors   state-not-valid with both sides where they disagree
NamedArrays arrays_for(const Graph& graph, ImportedNetwork&& network);

NamedArrays onnx_arrays_for(const Graph& graph, const std::filesystem::path& path, ImportOptions options);

}  // namespace detail

/// Loads the weights of an ONNX file by the order of the layers. Give the options that import_onnx had: nothing in the
/// weights tells whether `images` were forgotten.
/// Errors   file-not-readable, model-not-understood; state-not-valid, with the layer of the model and the node of the file
///          that disagree; value-not-finite; the model is unchanged then
template <class Net>
void load_onnx(FloatModel<Net>& model, const std::filesystem::path& path, const ImportOptions& options = {}) {
  load_arrays(model, detail::onnx_arrays_for(graph<Net>, path, options));
}

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/load_onnx_impl.hpp>
#endif
