// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include <quench/interop/onnx/protobuf.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

namespace detail {

/// Reads a model. It counts what it keeps, so that a small file takes no large memory.
class OnnxReader {
 public:
  static OnnxGraph read(std::vector<std::byte> file) {
    OnnxGraph graph;
    graph.file_ = std::move(file);
    OnnxReader reader{graph};
    reader.read_model(graph.file_);
    reader.check_names();
    return graph;
  }

 private:
  explicit OnnxReader(OnnxGraph& graph) : graph_(&graph) {}

  void read_model(Bytes message) {
    ProtobufReader fields{message};
    std::optional<Bytes> graph;
    for (ProtobufField field; fields.next(field);) {
      switch (field.number) {
        case 2: graph_->producer_ = field.text(); break;
        case 3: graph_->producer_version_ = field.text(); break;
        case 7:
          if (graph) refuse("it has two graphs");
          graph = field.message();
          break;
        case 8: read_opset(field.message()); break;
        case 20: misunderstand("it has a part for training"); break;
        case 25: misunderstand("it has functions, which define operators of their own"); break;
        case 1:   // IR version
        case 4:   // domain
        case 5:   // version of the model
        case 6:   // documentation
        case 14:  // metadata
          break;
        default: misunderstand("the model has a field " + std::to_string(field.number) + ", which is not known here");
      }
    }
    if (!graph) refuse("it has no graph, so it is no ONNX model");
    if (graph_->opset_ == 0) misunderstand("it names no operator set of the standard");
    if (graph_->opset_ < 7 || graph_->opset_ > 21)
      misunderstand("it has operator set " + std::to_string(graph_->opset_) + ", and 7 to 21 are known");
    read_graph(*graph);
  }

  void read_opset(Bytes message) {
    std::string_view domain;
    std::int64_t version = 0;
    ProtobufReader fields{message};
    for (ProtobufField field; fields.next(field);) {
      if (field.number == 1) domain = field.text();
      if (field.number == 2) version = field.integer();
    }
    if (!is_standard(domain)) return;  // refused at a node that belongs to it
    if (graph_->opset_ != 0) refuse("it names two operator sets of the standard");
    graph_->opset_ = static_cast<int>(std::clamp<std::int64_t>(version, -1, 1000));
  }

  static bool is_quantized(std::string_view op) {
    constexpr std::string_view others[] = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger",
                                           "MatMulInteger"};
    return op.starts_with("QLinear") || std::find(std::begin(others), std::end(others), op) != std::end(others);
  }

  static bool is_standard(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

  void read_graph(Bytes message) {
    ProtobufReader fields{message};
    for (ProtobufField field; fields.next(field);) {
      switch (field.number) {
        case 1: read_node(field.message()); break;
        case 2: graph_->name_ = field.text(); break;
        case 5:
          budget_.count_object();
          graph_->initializers_.push_back(read_onnx_tensor(field.message(), budget_));
          break;
        case 11: graph_->inputs_.push_back(read_value(field.message())); break;
        case 12: graph_->outputs_.push_back(read_value(field.message())); break;
        case 14: misunderstand("it is quantized; quench begins with the float network"); break;
        case 15: misunderstand("it has a sparse tensor"); break;
        case 10:  // documentation
        case 13:  // types of values between nodes, which follow from the operators
        case 16:  // metadata
          break;
        default: misunderstand("the graph has a field " + std::to_string(field.number) + ", which is not known here");
      }
    }
  }

  void read_node(Bytes message) {
    budget_.count_object();
    OnnxNode node;
    // Its name and its operator first: errors tell them.
    ProtobufReader names{message};
    for (ProtobufField field; names.next(field);) {
      if (field.number == 3) node.name = field.text();
      if (field.number == 4) node.op = field.text();
      if (field.number == 7) node.domain = field.text();
    }
    reading_model(
        "node " + std::to_string(graph_->nodes_.size()) + " " + shown(node.name) + " (" + shown(node.op) + ")", [&] {
          if (node.op.empty()) refuse("it has no operator");
          if (!is_standard(node.domain)) misunderstand("its operator belongs to " + shown(node.domain));
          if (is_quantized(node.op))
            misunderstand("it is an operator of a quantized network; quench begins with the float network");
          ProtobufReader fields{message};
          for (ProtobufField field; fields.next(field);) read_part_of_node(field, node);
        });
    graph_->nodes_.push_back(std::move(node));
  }

  void read_part_of_node(const ProtobufField& field, OnnxNode& node) {
    switch (field.number) {
      case 1:
        budget_.count_item();
        node.inputs.push_back(field.text());
        break;
      case 2:
        budget_.count_item();
        node.outputs.push_back(field.text());
        break;
      case 5: node.attributes.push_back(read_attribute(field.message())); break;
      case 3:  // read before
      case 4:
      case 7:
      case 6:  // documentation
      case 8:  // which overload of a function
      case 9:  // metadata
        break;
      default: misunderstand("it has a field " + std::to_string(field.number) + ", which is not known here");
    }
  }

  OnnxAttribute read_attribute(Bytes message) {
    budget_.count_object();
    OnnxAttribute attribute;
    ProtobufReader names{message};
    std::int64_t type = 0;
    for (ProtobufField field; names.next(field);) {
      if (field.number == 1) attribute.name = field.text();
      if (field.number == 20) type = field.integer();
    }
    return reading_model("attribute " + shown(attribute.name), [&] {
      if (attribute.name.empty()) refuse("it has no name");
      ProtobufReader fields{message};
      std::int64_t found = 0;
      for (ProtobufField field; fields.next(field);) {
        const std::int64_t kind = read_value_of(field, attribute);
        if (kind != 0 && found != 0 && kind != found) refuse("it has values of two types");
        if (kind != 0) found = kind;
      }
      if (found == 0) found = empty_value(type, attribute);
      if (type != 0 && type != found) refuse("its value is not of its type");
      return std::move(attribute);
    });
  }

  // An empty list has no field, and neither has 0 in proto3.
  static std::int64_t empty_value(std::int64_t type, OnnxAttribute& attribute) {
    switch (type) {
      case 1: attribute.value = 0.0f; break;
      case 2: attribute.value = std::int64_t{0}; break;
      case 3: attribute.value = std::string_view{}; break;
      case 6: attribute.value = std::vector<float>{}; break;
      case 7: attribute.value = std::vector<std::int64_t>{}; break;
      case 8: attribute.value = std::vector<std::string_view>{}; break;
      default: misunderstand("it has no value");
    }
    return type;
  }

  template <class T>
  static std::vector<T>& list_of(OnnxAttribute& attribute) {
    if (!std::holds_alternative<std::vector<T>>(attribute.value)) attribute.value = std::vector<T>{};
    return std::get<std::vector<T>>(attribute.value);
  }

  // The type of the field, as AttributeProto numbers types; 0 if it is no value.
  std::int64_t read_value_of(const ProtobufField& field, OnnxAttribute& attribute) {
    switch (field.number) {
      case 1:
      case 13:  // documentation
      case 20: return 0;
      case 2: attribute.value = field.real(); return 1;
      case 3: attribute.value = field.integer(); return 2;
      case 4: attribute.value = as_text(field.message()); return 3;
      case 5: attribute.value = read_onnx_tensor(field.message(), budget_); return 4;
      case 7:
        for_each_number<float>(field, [&](float value) {
          budget_.count_item();
          list_of<float>(attribute).push_back(value);
        });
        return 6;
      case 8:
        for_each_number<std::int64_t>(field, [&](std::int64_t value) {
          budget_.count_item();
          list_of<std::int64_t>(attribute).push_back(value);
        });
        return 7;
      case 9:
        budget_.count_item();
        list_of<std::string_view>(attribute).push_back(as_text(field.message()));
        return 8;
      case 6:
      case 11: misunderstand("it is a graph inside the graph, as If, Loop and Scan have them");
      case 10: misunderstand("it is a list of tensors");
      case 14:
      case 15: misunderstand("it is a type");
      case 21: misunderstand("it refers to a function");
      case 22:
      case 23: misunderstand("it is a sparse tensor");
      default: misunderstand("it has a field " + std::to_string(field.number) + ", which is not known here");
    }
  }

  OnnxValue read_value(Bytes message) {
    budget_.count_object();
    OnnxValue value;
    ProtobufReader fields{message};
    std::optional<Bytes> type;
    for (ProtobufField field; fields.next(field);) {
      if (field.number == 1) value.name = field.text();
      if (field.number == 2) type = field.message();
    }
    return reading_model("input or output " + shown(value.name), [&] {
      if (!type) refuse("it has no type");
      ProtobufReader kinds{*type};
      std::optional<Bytes> tensor;
      for (ProtobufField field; kinds.next(field);) {
        if (field.number == 1) tensor = field.message();
        if (field.number != 1 && field.number != 6) misunderstand("it is no tensor");
      }
      if (!tensor) misunderstand("it is no tensor");
      ProtobufReader parts{*tensor};
      for (ProtobufField field; parts.next(field);) {
        if (field.number == 1) value.type = onnx_type(field.integer());
        if (field.number == 2) read_shape(field.message(), value);
      }
      return std::move(value);
    });
  }

  void read_shape(Bytes message, OnnxValue& value) {
    value.has_shape = true;
    ProtobufReader axes{message};
    for (ProtobufField axis; axes.next(axis);) {
      if (axis.number != 1) continue;
      budget_.count_item();
      OnnxExtent extent;
      ProtobufReader parts{axis.message()};
      for (ProtobufField field; parts.next(field);) {
        if (field.number == 1) extent.value = field.integer();
        if (field.number == 2) extent.symbol = field.text();
      }
      if (extent.value < -1) refuse("an extent is " + std::to_string(extent.value));
      value.shape.push_back(extent);
    }
  }

  // Each name is given once, and before it is used. Sets keep that linear in the file.
  void check_names() {
    const auto by_name = [](const OnnxTensor& a, const OnnxTensor& b) { return a.name < b.name; };
    std::sort(graph_->initializers_.begin(), graph_->initializers_.end(), by_name);
    std::unordered_set<std::string_view> known;
    const auto give = [&](std::string_view name, const std::string& what) {
      if (name.empty()) refuse(what + " has no name");
      if (!known.insert(name).second) refuse("two values have the name " + shown(name));
    };
    for (const OnnxTensor& tensor : graph_->initializers_) give(tensor.name, "an initializer");
    std::erase_if(graph_->inputs_, [&](const OnnxValue& value) { return graph_->initializer(value.name) != nullptr; });
    for (const OnnxValue& value : graph_->inputs_) give(value.name, "an input");
    for (const OnnxNode& node : graph_->nodes_) {
      const auto name = [&] { return shown(node.name) + " (" + shown(node.op) + ")"; };
      for (const std::string_view input : node.inputs)
        if (!input.empty() && !known.contains(input))
          refuse("node " + name() + " uses " + shown(input) + ", which no node before it gives");
      std::unordered_set<std::string_view> settings;
      for (const OnnxAttribute& attribute : node.attributes)
        if (!settings.insert(attribute.name).second)
          refuse("node " + name() + " has the attribute " + shown(attribute.name) + " twice");
      for (const std::string_view output : node.outputs)
        if (!output.empty()) give(output, "an output");
    }
    for (const OnnxValue& value : graph_->outputs_)
      if (!known.contains(value.name)) refuse("no node gives the output " + shown(value.name));
    if (graph_->outputs_.empty()) refuse("the graph has no output");
  }

  OnnxGraph* graph_;
  OnnxBudget budget_;
};

}  // namespace detail

QUENCH_INLINE const OnnxAttribute* OnnxNode::attribute(std::string_view wanted) const& {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const OnnxAttribute& attribute) { return attribute.name == wanted; });
  return found == attributes.end() ? nullptr : &*found;
}

QUENCH_INLINE const OnnxTensor* OnnxGraph::initializer(std::string_view wanted) const& {
  const auto found =
      std::lower_bound(initializers_.begin(), initializers_.end(), wanted,
                       [](const OnnxTensor& tensor, std::string_view name) { return tensor.name < name; });
  return found == initializers_.end() || found->name != wanted ? nullptr : &*found;
}

QUENCH_INLINE OnnxGraph parse_onnx(std::vector<std::byte> file) { return detail::OnnxReader::read(std::move(file)); }

QUENCH_INLINE OnnxGraph read_onnx(const std::filesystem::path& path) {
  return detail::reading_model(path.string(), [&] { return parse_onnx(tensors::read_file(path)); });
}

}  // namespace quench::interop
