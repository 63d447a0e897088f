// SPDX-License-Identifier: Apache-2.0
// ONNX files: the graph of a trained float network, its weights, and the types and shapes of its inputs and outputs.
//
//   const OnnxGraph graph = read_onnx("net.onnx");
//   for (const OnnxNode& node : graph.nodes()) ...                             // node.op, node.inputs, node.outputs
//   const NamedArray weight = graph.initializer("conv.weight")->array();       // float16 becomes Float32
//
// Reading takes nothing from the file on trust and needs no library. It checks what a graph needs to have a meaning:
// that names are unique, that nodes stand after what they use, that the data of each tensor has its shape. What quench
// cannot do in any network is refused here, by name: other files beside this one, subgraphs, functions, quantized
// operators. Memory: the file and at most 64 MiB.
// Source: onnx.proto of the ONNX project (https://github.com/onnx/onnx), operator sets 7 to 21.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/tensor.hpp>

namespace quench::interop {

/// A setting of a node.
struct OnnxAttribute {
  std::string_view name;
  std::variant<std::int64_t, float, std::string_view, std::vector<std::int64_t>, std::vector<float>,
               std::vector<std::string_view>, OnnxTensor>
      value{};
};

/// An operation. An input or an output that is left out has an empty name.
struct OnnxNode {
  std::string_view name, op, domain;
  std::vector<std::string_view> inputs{}, outputs{};
  std::vector<OnnxAttribute> attributes{};

  /// Null if there is none of this name.
  const OnnxAttribute* attribute(std::string_view wanted) const&;
  const OnnxAttribute* attribute(std::string_view wanted) const&& = delete;
};

/// An axis of an input or an output: a number, or a symbol such as "N" or "" for what is known only at run time.
struct OnnxExtent {
  std::int64_t value = -1;  // -1: a symbol
  std::string_view symbol{};
};

/// An input or an output of the graph.
struct OnnxValue {
  std::string_view name;
  OnnxType type = OnnxType::Undefined;
  bool has_shape = false;
  std::vector<OnnxExtent> shape{};
};

namespace detail {
class OnnxReader;
}

/// A graph that was read. Its names and tensors view the bytes of the file, which it keeps.
class OnnxGraph {
 public:
  OnnxGraph(OnnxGraph&&) = default;
  OnnxGraph& operator=(OnnxGraph&&) = default;
  OnnxGraph(const OnnxGraph&) = delete;

  std::string_view name() const& { return name_; }
  std::string_view producer() const& { return producer_; }  // "pytorch"
  std::string_view producer_version() const& { return producer_version_; }
  /// The operator set of the standard that the nodes belong to, 7 to 21.
  int opset() const { return opset_; }
  /// In an order in which each node stands after those that it uses.
  std::span<const OnnxNode> nodes() const& { return nodes_; }
  /// Without those that are initializers too, as files before IR version 4 list them.
  std::span<const OnnxValue> inputs() const& { return inputs_; }
  std::span<const OnnxValue> outputs() const& { return outputs_; }
  std::span<const OnnxTensor> initializers() const& { return initializers_; }
  /// Null if there is none of this name.
  const OnnxTensor* initializer(std::string_view wanted) const&;

  std::string_view name() const&& = delete;
  std::string_view producer() const&& = delete;
  std::string_view producer_version() const&& = delete;
  std::span<const OnnxNode> nodes() const&& = delete;
  std::span<const OnnxValue> inputs() const&& = delete;
  std::span<const OnnxValue> outputs() const&& = delete;
  std::span<const OnnxTensor> initializers() const&& = delete;
  const OnnxTensor* initializer(std::string_view wanted) const&& = delete;

 private:
  friend class detail::OnnxReader;
  OnnxGraph() = default;

  std::vector<std::byte> file_;
  std::string_view name_, producer_, producer_version_;
  int opset_ = 0;
  std::vector<OnnxNode> nodes_;
  std::vector<OnnxValue> inputs_, outputs_;
  std::vector<OnnxTensor> initializers_;  // in the order of their names
};

/// The graph of an ONNX file in memory.
/// Errors   file-not-readable: cut off or damaged. model-not-understood: an operator set below 7 or above 21; a domain
///          of others; external data, a subgraph, a function, a sparse tensor; a quantized operator; names that are used
///          twice, or before a node gives them; data of another size than the shape; more than 65,536 nodes, tensors or
///          attributes, or 262,144 names and numbers in them
OnnxGraph parse_onnx(std::vector<std::byte> file);

/// Reads an ONNX file.
/// Errors   as parse_onnx, with the path
OnnxGraph read_onnx(const std::filesystem::path& path);

}  // namespace quench::interop

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx_impl.hpp>
#endif
