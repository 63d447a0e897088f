// SPDX-License-Identifier: Apache-2.0
// A model that is accepted has names that are given before they are used, and tensors of the size of their shapes.
#include <quench/interop/onnx.hpp>

#include <set>
#include <string>

#include "fuzz/fuzz.hpp"

namespace fuzz {

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
  });
});

}  // namespace fuzz
