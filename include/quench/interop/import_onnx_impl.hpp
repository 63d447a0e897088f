// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/import_onnx.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include <quench/interop/onnx/elementwise.hpp>
#include <quench/interop/onnx/layers.hpp>
#include <quench/interop/onnx/lowering.hpp>
#include <quench/interop/onnx/moves.hpp>
#include <quench/interop/onnx/names.hpp>
#include <quench/interop/onnx/patterns.hpp>
#include <quench/interop/onnx/windows.hpp>

namespace quench::interop {

namespace detail {

/// A node that is not folded: the pattern that ends with it, or its operator.
inline void lower_operator(OnnxLowering& lowering, OnnxCall& call) {
  if (call.op() == "Shape" || call.op() == "Size") return lowering.give(call, lower_shape(lowering, call));
  if (lower_pattern(lowering, call)) return;
  for (const std::string_view name : call.node().inputs)
    if (!name.empty() && !lowering.value(name).refusal.empty()) misunderstand(lowering.value(name).refusal);
  const bool is_known = lower_elementwise(lowering, call) || lower_layer(lowering, call) ||
                        lower_window(lowering, call) || lower_move(lowering, call);
  if (!is_known)
    refuse_node("quench has no operator for it", "describe the network by other operators and export it again");
}

/// An input with its extents settled.
struct SettledInput {
  std::string_view name;
  OnnxShape shape{};  // in the file
  bool is_indices = false;
  std::vector<std::size_t> order{};  // axis i here is axis order[i] of the file
};

class OnnxImporter {
 public:
  OnnxImporter(const OnnxGraph& graph, const ImportOptions& options) : graph_(graph), options_(options) {}

  ImportedNetwork import() {
    settle_inputs();
    for (int attempt = 0;; ++attempt) {
      OnnxLowering lowering(graph_, batch_extent_, batch_is_symbol_);
      for (const SettledInput& input : inputs_) {
        OnnxShape shape;
        for (const std::size_t axis : input.order) shape.push_back(input.shape[axis]);
        const std::size_t batch_axis = options_.has_batch ? 0 : input.shape.size();
        lowering.set_input(input.name,
                           lowering.add_input(shape, input.order, input.shape.size(), batch_axis, input.is_indices));
      }
      lowering.run(lower_operator);
      if (attempt == 3 || !reorder_inputs(lowering)) return network_of(lowering);
    }
  }

 private:
  OnnxShape settled_shape(const OnnxValue& input) const {
    const auto given = options_.shapes.find(std::string(input.name));
    if (given == options_.shapes.end() && !input.has_shape)
      refuse_node("input " + shown(input.name) + " has no shape", "give one: --shape NAME=1,3,224,224");
    OnnxShape shape;
    std::string symbols;
    for (std::size_t axis = 0; axis < input.shape.size(); ++axis) {
      const OnnxExtent& extent = input.shape[axis];
      const bool is_batch = axis == 0 && options_.has_batch;
      shape.push_back(extent.value >= 0 ? extent.value : is_batch ? 1 : -1);
      if (shape.back() < 0)
        symbols += (symbols.empty() ? "" : ", ") +
                   (extent.symbol.empty() ? "axis " + std::to_string(axis) : std::string(extent.symbol));
    }
    if (given != options_.shapes.end()) {
      const OnnxShape& wanted = given->second;
      bool fits = !input.has_shape || wanted.size() == shape.size();
      for (std::size_t axis = options_.has_batch ? 1 : 0; fits && input.has_shape && axis < wanted.size(); ++axis)
        fits = input.shape[axis].value < 0 || input.shape[axis].value == wanted[axis];
      if (!fits)
        refuse_node("input " + shown(input.name) + " does not have the shape " + text_of_shape(wanted) +
                        " that is given for it",
                    "give extents only for its symbols");
      shape = wanted;
    } else if (!symbols.empty()) {
      refuse_node("input " + shown(input.name) + " has extents that are known only at run time: " + shown(symbols),
                  "give its shape: --shape NAME=1,3,224,224");
    }
    for (const std::int64_t extent : shape)
      if (extent < 1 || elements_of(shape) > max_elements)
        refuse_node("input " + shown(input.name) + " has the shape " + text_of_shape(shape),
                    "quench has tensors of 1 to 2^31 - 1 elements");
    if (shape.size() < (options_.has_batch ? 2u : 1u) || shape.size() > (options_.has_batch ? 7u : 6u))
      refuse_node("input " + shown(input.name) + " has " + std::to_string(shape.size()) + " axes",
                  "quench has one to six besides the batch");
    return shape;
  }

  void settle_inputs() {
    for (const auto& [name, shape] : options_.shapes)
      if (std::none_of(graph_.inputs().begin(), graph_.inputs().end(),
                       [&](const OnnxValue& input) { return input.name == name; }))
        refuse_node("a shape is given for an input " + shown(name) + ", which there is not", "name one of its inputs");
    std::optional<std::int64_t> batch;
    batch_is_symbol_ = options_.has_batch && !graph_.inputs().empty();
    for (const OnnxValue& value : graph_.inputs()) {
      if (value.type != OnnxType::Float && value.type != OnnxType::Float16 && value.type != OnnxType::Double &&
          value.type != OnnxType::BFloat16 && !is_index(value.type))
        refuse_node("input " + shown(value.name) + " has elements of type " + name_of(value.type),
                    "quench takes real numbers, and INT32 or INT64 as indices of an Embedding");
      SettledInput input{value.name, settled_shape(value)};
      input.is_indices = is_index(value.type);
      if (options_.has_batch) {
        const bool is_symbol =
            value.has_shape && value.shape[0].value < 0 && !options_.shapes.contains(std::string(value.name));
        batch_is_symbol_ = batch_is_symbol_ && is_symbol;
        if (!is_symbol && batch && *batch != input.shape[0])
          refuse_node("its inputs have batches of different sizes", "export it with a batch of 1");
        if (!is_symbol) batch = input.shape[0];
      }
      for (std::size_t axis = options_.has_batch ? 1 : 0; axis < input.shape.size(); ++axis)
        input.order.push_back(axis);
      // Maps are N, C, H, W, if no convolution says otherwise and the last axis does not look like channels.
      const bool is_map = options_.has_batch && !input.is_indices && input.shape.size() == 4 &&
                          !(input.shape[3] <= 4 && input.shape[1] > 4);
      if (is_map) input.order = {2, 3, 1};
      inputs_.push_back(std::move(input));
    }
    if (inputs_.empty()) refuse_node("it has no inputs", "quench's networks have one or more");
    batch_extent_ = batch.value_or(1);
    for (SettledInput& input : inputs_)
      if (options_.has_batch) input.shape[0] = batch_extent_;
  }

  bool reorder_inputs(const OnnxLowering& lowering) {
    bool changes = false;
    for (const auto& [number, wanted] : lowering.wanted_orders()) {
      std::vector<std::size_t>& order = inputs_[static_cast<std::size_t>(number)].order;
      std::vector<std::size_t> reordered;
      for (const std::size_t axis : wanted) reordered.push_back(order[axis]);
      if (!seen_.insert({number, reordered}).second) continue;
      changes |= reordered != order;
      order = reordered;
    }
    return changes;
  }

  /// The axes of the file, in the order of those here.
  std::vector<int> axes_of(const std::vector<std::size_t>& order) const { return {order.begin(), order.end()}; }

  ImportedNetwork network_of(OnnxLowering& lowering) {
    ImportedNetwork network;
    network.file = options_.file;
    network.producer = graph_.producer();
    if (!graph_.producer_version().empty()) network.producer += " " + std::string(graph_.producer_version());
    network.opset = graph_.opset();
    for (const SettledInput& input : inputs_) {
      OnnxShape shape;
      for (const std::size_t axis : input.order) shape.push_back(input.shape[axis]);
      if (input.is_indices && shape.size() == static_cast<std::size_t>(max_rank))
        refuse_node("input " + shown(input.name) + " has indices of six axes besides the batch", "quench has five");
      network.inputs.push_back({std::string(input.name), shape, axes_of(input.order), input.is_indices});
    }
    for (const OnnxValue& output : graph_.outputs()) add_output(lowering, network, output);
    if (network.outputs.empty()) refuse_node("it has no outputs", "quench's networks have one or more");
    network.notes = lowering.notes();
    keep_needed(lowering, network);
    return network;
  }

  void add_output(OnnxLowering& lowering, ImportedNetwork& network, const OnnxValue& output) {
    const OnnxValueHere& value = lowering.value(output.name);
    if (!value.refusal.empty()) misunderstand(value.refusal);
    const std::string title = "output " + shown(output.name);
    if (const OnnxNode* node = lowering.producer(output.name)) lowering.set_node(node);
    if (!value.view) refuse_node(title + " does not depend on the inputs", "leave it out");
    reading_model(title, [&] {
      const OnnxShape shape = lowering.file_shape(*value.view);
      bool fits = !output.has_shape || output.shape.size() == shape.size();
      for (std::size_t axis = 0; fits && output.has_shape && axis < shape.size(); ++axis) {
        const std::int64_t declared = output.shape[axis].value;
        fits = declared < 0 || declared == shape[axis] || !options_.shapes.empty();
      }
      if (!fits) misunderstand("its shape is " + text_of_shape(shape) + ", and the file says another one");
      const OnnxLowering::Axes axes = lowering.as_axes(*value.view);
      if (lowering.is_indices(axes.view.value)) refuse_node("it is an input of indices", "leave it out");
      network.outputs.push_back({std::string(output.name), axes.view.value, axes_of(axes.order)});
    });
  }

  /// Leaves out what no output needs, and numbers the rest.
  void keep_needed(OnnxLowering& lowering, ImportedNetwork& network) {
    const std::size_t inputs = inputs_.size();
    std::vector<OnnxStep>& steps = lowering.steps();
    std::vector<bool> is_needed(inputs + steps.size(), false);
    for (const ImportedOutput& output : network.outputs) is_needed[static_cast<std::size_t>(output.value)] = true;
    for (std::size_t k = steps.size(); k-- > 0;)
      if (is_needed[inputs + k])
        for (const int input : steps[k].step.inputs) is_needed[static_cast<std::size_t>(input)] = true;
    for (std::size_t i = 0; i < inputs; ++i)
      if (!is_needed[i]) refuse_node("input " + shown(inputs_[i].name) + " changes no output", "leave it out");
    std::vector<int> number(is_needed.size());
    std::iota(number.begin(), number.end(), 0);
    std::vector<OnnxStep*> kept;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (!is_needed[inputs + k]) continue;
      number[inputs + k] = static_cast<int>(inputs + kept.size());
      for (int& input : steps[k].step.inputs) input = number[static_cast<std::size_t>(input)];
      kept.push_back(&steps[k]);
    }
    for (ImportedOutput& output : network.outputs) output.value = number[static_cast<std::size_t>(output.value)];
    name_steps(kept);
    tie_steps(kept);
    for (OnnxStep* step : kept) network.steps.push_back(std::move(step->step));
  }

  /// Layers have the name of their weight. A weight that several nodes share names only one of them.
  static void name_steps(const std::vector<OnnxStep*>& steps) {
    std::map<std::string, int> members;  // how many steps stand in a path
    std::set<std::string> layers;
    for (OnnxStep* each : steps) {
      ImportedStep& step = each->step;
      const std::string path = module_of_node(each->node->name);
      step.node = OnnxCall(*each->node, 0).title();
      for (const std::string_view origin : each->origins)
        if (step.name.empty()) step.name = module_of_weight(origin);
      const bool names_another = layers.contains(step.name) && !is_later_call(path, step.name);
      if (!step.parameters.empty() && !path.empty() && (step.name.empty() || names_another)) step.name = path;
      if (!step.parameters.empty()) layers.insert(step.name);
      ++members[path];
      for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
        ++members[path.substr(0, dot)];
    }
    for (OnnxStep* each : steps) {
      if (!each->step.parameters.empty()) continue;
      std::string path = module_of_node(each->node->name);
      const std::string last = last_of_node(each->node->name);
      const bool is_module = members[path] == 1 && !each->step.type.empty();
      if (layers.contains(path)) path.erase(std::min(path.rfind('.'), path.size()));  // it stands beside the layer
      if (!path.empty() && layers.contains(path)) path.clear();
      if (path.empty() || is_module)
        each->step.name = path;
      else if (!last.empty())
        each->step.name = path + "." + last;
    }
  }

  static void tie_steps(const std::vector<OnnxStep*>& steps) {
    std::map<std::vector<std::string_view>, int> first;  // by the initializers of its parameters
    for (std::size_t k = 0; k < steps.size(); ++k) {
      OnnxStep& step = *steps[k];
      const bool has_origins = !step.origins.empty() && std::none_of(step.origins.begin(), step.origins.end(),
                                                                     [](std::string_view o) { return o.empty(); });
      if (!has_origins || step.step.type == "ChannelAffine") continue;
      const auto [found, is_new] = first.emplace(step.origins, static_cast<int>(k));
      if (is_new) continue;
      const ImportedStep& other = steps[static_cast<std::size_t>(found->second)]->step;
      const bool is_same_module = other.name == step.step.name;  // some exporters join equal weights of several modules
      if (is_same_module && other.type == step.step.type && other.settings == step.step.settings &&
          other.parameters == step.step.parameters)
        step.step.tied_to = found->second;
    }
  }

  const OnnxGraph& graph_;
  const ImportOptions& options_;
  std::vector<SettledInput> inputs_{};
  std::int64_t batch_extent_ = 1;
  bool batch_is_symbol_ = false;
  std::set<std::pair<int, std::vector<std::size_t>>> seen_{};
};

}  // namespace detail

QUENCH_INLINE ImportedNetwork import_onnx(const OnnxGraph& graph, const ImportOptions& options) {
  ImportedNetwork network = detail::reading_model(options.file.empty() ? std::string("the model") : options.file,
                                                  [&] { return detail::OnnxImporter(graph, options).import(); });
  if (!options.images.empty()) take_centered_images(network, options.images);
  return network;
}

}  // namespace quench::interop
