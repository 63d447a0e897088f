// SPDX-License-Identifier: Apache-2.0
// From an ONNX graph to quench's terms: constants folded, patterns brought back to one operator, channels last, no batch.
//
//   const OnnxGraph graph = read_onnx("net.onnx");
//   const ImportedNetwork network = import_onnx(graph, {.file = "net.onnx", .shapes = {{"x", {1, 3, 48, 192}}}});
//
// Every node that an output needs becomes a call, or the whole model is refused with the node, the reason and what to do.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/centered_images.hpp>
#include <quench/interop/imported_network.hpp>
#include <quench/interop/onnx.hpp>

namespace quench::interop {

/// How a graph is imported.
struct ImportOptions {
  std::string file{};  // for messages and the result
  /// Shapes of inputs by their names, as the file has them: with the batch, channels first. A shape settles symbols, and
  /// may give another batch.
  std::map<std::string, std::vector<std::int64_t>> shapes{};
  /// The first axis of every input counts the samples of a batch.
  bool has_batch = true;
  /// The images that the network was trained on. Their normalization and colours become part of its first layers.
  std::vector<TrainedImages> images{};
};

/// Constants and shapes are folded; a batch norm stays after a layer, and is a ChannelAffine elsewhere.
/// Errors   model-not-understood: an operator or a setting that quench does not have; an extent that is known only at run
///          time and not in `shapes`; shapes that do not fit; a network that mixes the samples of a batch.
///          file-not-readable: values that their type does not have
///          those of take_centered_images, if there are `images`
ImportedNetwork import_onnx(const OnnxGraph& graph, const ImportOptions& options = {});

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/import_onnx_impl.hpp>
#endif
