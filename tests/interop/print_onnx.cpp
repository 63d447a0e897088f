// SPDX-License-Identifier: Apache-2.0
// print_onnx: reads paths of ONNX files from its input and prints what `read_onnx` makes of each, for onnx_models.py.
#include <quench/interop/onnx.hpp>

#include <cstdio>
#include <iostream>
#include <string>

namespace i = quench::interop;

namespace {

std::string text(std::string_view view) { return std::string(view); }

void print(const char* what, const i::OnnxTensor& tensor) {
  const i::NamedArray array = tensor.array();
  std::printf("%s %s %s [", what, text(tensor.name).c_str(), i::name_of(tensor.type));
  for (const std::size_t extent : tensor.shape) std::printf(" %zu", extent);
  const std::string kind = array.other_type.empty() ? array.name_of_type() : array.other_type;
  std::printf("] %s %08x\n", kind.c_str(), static_cast<unsigned>(i::detail::crc32(array.bytes)));
}

struct PrintValue {
  void operator()(std::int64_t value) const { std::printf(" %lld\n", static_cast<long long>(value)); }
  void operator()(float value) const { std::printf(" %a\n", static_cast<double>(value)); }
  void operator()(std::string_view value) const { std::printf(" %s\n", text(value).c_str()); }
  template <class T>
  void operator()(const std::vector<T>& values) const {
    std::printf(" list %zu\n", values.size());
    for (const T& value : values) (*this)(value);
  }
  void operator()(const i::OnnxTensor& tensor) const { print(" tensor", tensor); }
};

void print(const char* what, std::span<const i::OnnxValue> values) {
  for (const i::OnnxValue& value : values) {
    std::printf("%s %s %s", what, text(value.name).c_str(), i::name_of(value.type));
    if (value.has_shape) std::printf(" [");
    for (const i::OnnxExtent& extent : value.shape)
      std::printf(" %s", extent.value >= 0 ? std::to_string(extent.value).c_str() : text(extent.symbol).c_str());
    std::printf(value.has_shape ? " ]\n" : "\n");
  }
}

void print(const i::OnnxGraph& graph) {
  std::printf("opset %d of %s\n", graph.opset(), text(graph.producer()).c_str());
  print("input", graph.inputs());
  for (const i::OnnxTensor& tensor : graph.initializers()) print("initializer", tensor);
  for (const i::OnnxNode& node : graph.nodes()) {
    std::printf("node %s %s\n", text(node.name).c_str(), text(node.op).c_str());
    for (const std::string_view name : node.inputs) std::printf(" in %s\n", text(name).c_str());
    for (const std::string_view name : node.outputs) std::printf(" out %s\n", text(name).c_str());
    for (const i::OnnxAttribute& attribute : node.attributes) {
      std::printf(" %s:", text(attribute.name).c_str());
      std::visit(PrintValue{}, attribute.value);
    }
  }
  print("output", graph.outputs());
}

}  // namespace

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    std::printf("file %s\n", path.c_str());
    try {
      print(i::read_onnx(path));
    } catch (const quench::Error& error) {
      std::printf("refused %s\n", quench::tensors::text(error.slug()).c_str());
      std::fprintf(stderr, "%s\n", error.evidence().c_str());
    }
  }
}
