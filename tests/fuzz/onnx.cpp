// SPDX-License-Identifier: Apache-2.0
// A model that is accepted has names that are given before they are used, and tensors of the size of their shapes. A
// network made of it has values that are given before they are used, shapes that fit, and parameters of the file's size.
#include <quench/interop/description.hpp>
#include <quench/interop/import_onnx.hpp>

#include <set>
#include <string>

#include "fuzz/fuzz.hpp"

namespace fuzz {

namespace {

void check_import(const quench::interop::OnnxGraph& graph, bool has_batch, std::size_t size) {
  namespace i = quench::interop;
  succeeds({"file-not-readable", "model-not-understood"}, [&] {
    const i::ImportedNetwork network = i::import_onnx(graph, {.has_batch = has_batch});
    const auto check_shape = [](const std::vector<std::int64_t>& shape) {
      std::int64_t elements = 1;
      require(!shape.empty() && shape.size() <= 6);
      for (const std::int64_t extent : shape) require(extent >= 1 && (elements *= extent) < std::int64_t{1} << 31);
    };
    int next = 0;
    for (const i::ImportedInput& input : network.inputs) {
      check_shape(input.shape);
      require(input.axes.size() == input.shape.size());
      ++next;
    }
    std::size_t bytes = 0;
    for (const i::ImportedStep& step : network.steps) {
      check_shape(step.shape);
      for (const int input : step.inputs) require(input >= 0 && input < next);
      require(!step.inputs.empty() && !step.call.empty() && step.tied_to < next);
      for (const auto& [name, array] : step.parameters) bytes += array.elements() * 4;
      ++next;
    }
    require(bytes <= 16 * size + (16u << 20));
    require(!network.outputs.empty());
    for (const i::ImportedOutput& output : network.outputs) require(output.value >= 0 && output.value < next);
    const i::Description description = i::describe(network, {.name = "Net"});
    require(description.modules.size() == network.steps.size() && description.text.size() < 64 * size + (1u << 20));
  });
}

}  // namespace

const Target onnx("onnx", [](Bytes file) {
  namespace i = quench::interop;
  succeeds({"file-not-readable", "model-not-understood"}, [&] {
    const i::OnnxGraph graph = i::parse_onnx({file.begin(), file.end()});
    std::set<std::string_view> known;
    for (const i::OnnxValue& input : graph.inputs()) require(known.insert(input.name).second);
    for (const i::OnnxTensor& tensor : graph.initializers()) require(known.insert(tensor.name).second);
    for (const i::OnnxNode& node : graph.nodes()) {
      for (const std::string_view name : node.inputs) require(name.empty() || known.contains(name));
      for (const std::string_view name : node.outputs) require(name.empty() || known.insert(name).second);
    }
    for (const i::OnnxValue& output : graph.outputs()) require(known.contains(output.name));
    for (const i::OnnxTensor& tensor : graph.initializers()) {
      const i::NamedArray array = tensor.array();
      std::size_t elements = 1;
      for (const std::size_t extent : tensor.shape) elements *= extent;
      require(array.type == i::ArrayType::Other || array.elements() == elements);
      require(array.bytes.size() <= 8 * file.size());
    }
    for (const bool has_batch : {true, false}) check_import(graph, has_batch, file.size());
  });
});

}  // namespace fuzz
