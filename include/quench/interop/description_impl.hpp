// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description.hpp>

#include <algorithm>
#include <initializer_list>

#include <quench/interop/cpp_text.hpp>
#include <quench/interop/description/blocks.hpp>
#include <quench/interop/description/layout.hpp>
#include <quench/interop/description/names.hpp>
#include <quench/interop/description/paths.hpp>
#include <quench/interop/description/structs.hpp>

namespace quench::interop {

namespace detail {

template <march::March M>
NamedMarch named_march(const char* name) {
  return {name, [](Operator op) { return static_cast<bool>(M::supports(op)); }};
}

/// The operators of a step, as the march knows them. Functions made of reshape, permute and slice count as these.
inline std::vector<Operator> operators_of(const ImportedStep& step) {
  const auto named = [](std::initializer_list<const char*> names) {
    std::vector<Operator> operators;
    for (const char* name : names) operators.push_back(row_named(name)->op);
    return operators;
  };
  const std::string_view function = function_of(step.call);
  if (step.type == "Div") return named({"Reciprocal", "mul"});
  const bool has_number = std::count(step.call.begin(), step.call.end(), '$') == 2;
  if ((function == "maximum" || function == "minimum") && has_number) return named({"Clamp"});
  if (function == "stack") return named({"reshape", "cat"});
  if (function == "gather") return named({"slice", "cat"});
  if (const OperatorRow* row = row_of_step(step)) return {row->op};
  return named({"reshape", "permute", "slice"});
}

inline void check_for_description(const ImportedNetwork& network) {
  const auto refuse_network = [&](const std::string& why) {
    throw Error(diagnosis::model_not_understood, (network.file.empty() ? "" : network.file + ": ") + why);
  };
  constexpr std::size_t most_calls = 2000;
  if (network.inputs.empty()) refuse_network("it has no inputs");
  if (network.outputs.empty()) refuse_network("it has no outputs");
  if (network.steps.empty()) refuse_network("it computes nothing: an output is an input");
  if (network.steps.size() + network.inputs.size() + network.outputs.size() > most_calls)
    refuse_network("it has " + std::to_string(network.steps.size()) + " operators, and a network has at most " +
                   std::to_string(most_calls) + ", its stubs included");
  std::vector<bool> is_used(network.inputs.size() + network.steps.size());
  for (const ImportedStep& step : network.steps)
    for (const int value : step.inputs) is_used[index(value)] = true;
  for (const ImportedOutput& output : network.outputs) is_used[index(output.value)] = true;
  for (std::size_t v = 0; v < is_used.size(); ++v) {
    if (is_used[v]) continue;
    const std::size_t inputs = network.inputs.size();
    refuse_network(v < inputs ? "nothing uses the input '" + network.inputs[v].name + "'"
                              : "nothing uses the result of " + network.steps[v - inputs].node);
  }
}

inline std::string inputs_of(const ImportedNetwork& network) {
  std::string type = "quench::Inputs<";
  for (const ImportedInput& input : network.inputs) {
    if (!type.ends_with('<')) type += ", ";
    std::vector<std::int64_t> extents = input.shape;
    if (input.color == ColorFormat::None) {
      type += input.is_indices ? "quench::Indices<" : "quench::Features<";
    } else {
      type += "quench::Image<quench::color::";
      type += input.color == ColorFormat::CenteredGray ? "CenteredGray, " : "CenteredYuv444, ";
      extents.pop_back();
    }
    type += text_of_list(extents).substr(1);
    type.back() = '>';
  }
  return type + ">";
}

// Modules of one set of parameters, by the step that has them.
inline std::string ties_of(const ImportedNetwork& network, const std::vector<std::string>& modules) {
  std::string type = "quench::Ties<";
  for (std::size_t first = 0; first < network.steps.size(); ++first) {
    std::string tie;
    for (std::size_t k = first + 1; k < network.steps.size(); ++k) {
      int owner = static_cast<int>(k);
      while (network.steps[index(owner)].tied_to >= 0) owner = network.steps[index(owner)].tied_to;
      if (index(owner) == first) tie += ", \"" + modules[k] + "\"";
    }
    if (tie.empty()) continue;
    type += (type.ends_with('<') ? "" : ", ") + ("quench::Tie<\"" + modules[first] + "\"") + tie + ">";
  }
  return type.ends_with('<') ? "" : type + ">";
}

inline TopOfNetwork top_of(const ImportedNetwork& network, const std::string& name) {
  TopOfNetwork top;
  top.name = name;
  top.dequant = "dequant";
  UniqueNames names;
  for (const char* taken : {"dequant", "quant"}) names.reserve(taken);
  const auto is_quantized = [](const ImportedInput& input) { return !input.is_indices; };
  const bool has_one_stub = std::count_if(network.inputs.begin(), network.inputs.end(), is_quantized) == 1;
  for (const ImportedInput& input : network.inputs) {
    const bool has_name = std::any_of(input.name.begin(), input.name.end(), is_latin);
    const std::string parameter = names.take(has_name ? identifier_of(input.name) : "input");
    top.parameters.push_back(parameter);
    if (input.is_indices)
      top.stubs.emplace_back();
    else
      top.stubs.push_back(has_one_stub ? "quant" : names.take("quant_" + parameter));
  }
  return top;
}

}  // namespace detail

QUENCH_INLINE std::optional<NamedMarch> march_named(std::string_view name) {
  for (const NamedMarch& march :
       {detail::named_march<march::NashE>("NashE"), detail::named_march<march::NashM>("NashM"),
        detail::named_march<march::NashP>("NashP"), detail::named_march<march::NashB>("NashB"),
        detail::named_march<march::Bayes>("Bayes"), detail::named_march<march::Bernoulli2>("Bernoulli2")})
    if (march.name == name) return march;
  return std::nullopt;
}

QUENCH_INLINE Description describe(const ImportedNetwork& network, const DescriptionOptions& options) {
  detail::check_for_description(network);
  Description description;
  description.name = detail::camel_case(detail::identifier_of(options.name));
  detail::TopOfNetwork top = detail::top_of(network, description.name);
  std::vector<std::string> reserved = top.stubs;
  reserved.insert(reserved.end(), top.parameters.begin(), top.parameters.end());
  reserved.push_back(top.dequant);
  detail::ImportedBlock block = detail::blocks_of(network);
  block.inputs.clear();
  for (std::size_t i = 0; i < network.inputs.size(); ++i) block.inputs.push_back(static_cast<int>(i));
  block.outputs.clear();
  for (const ImportedOutput& output : network.outputs) block.outputs.push_back(output.value);
  const auto written = detail::struct_of(network, block, reserved);
  description.modules = detail::module_names(network, *written);

  top.aliases = detail::alias_lines("Inputs", detail::inputs_of(network));
  if (const std::string ties = detail::ties_of(network, description.modules); !ties.empty())
    top.aliases += detail::alias_lines("Ties", ties);
  const detail::WrittenStructs structs = detail::write_structs(network, *written, top);

  if (options.march)
    for (std::size_t k = 0; k < network.steps.size(); ++k)
      for (const Operator op : detail::operators_of(network.steps[k])) {
        if (options.march->supports(op)) continue;
        const std::string& module = description.modules[k];
        const TextView name = name_of(op);
        description.lacks.push_back(std::string(name.data, index(name.size)) + (module.empty() ? "" : " at " + module) +
                                    ", which is " + detail::for_comment(network.steps[k].node));
      }

  const std::string& name = description.name;
  const std::string space = "imported_" + detail::snake_case(name);
  const std::string body = structs.blocks + structs.top;
  std::string text = "// " + name + ", made by import_onnx";
  if (!network.file.empty()) text += " from " + detail::for_comment(network.file);
  text += ".\n// The file is of ";
  text += network.producer.empty() ? "an unnamed producer" : detail::for_comment(network.producer);
  text += ", operator set " + std::to_string(network.opset) + ". " + name + ".safetensors has the weights.\n";
  for (const std::string& note : network.notes) text += "// " + detail::for_comment(note) + "\n";
  text += "#pragma once\n\n";
  const bool has_array = body.find("std::array") != body.npos, has_tuple = body.find("std::") != body.npos;
  if (has_array) text += "#include <array>\n";
  if (has_tuple) text += "#include <tuple>\n";
  if (has_array || has_tuple) text += "\n";
  text += "#include <quench/network.hpp>\n\n";
  if (structs.blocks.empty()) {
    text += body;
  } else {
    text += "namespace " + space + " {\n\n" + body + "\n}  // namespace " + space + "\n\nusing " + space + "::" + name +
            ";\n";
  }
  text += "\n";
  if (!description.lacks.empty()) {
    text += "// march::" + options.march->name + " lacks operators of this network:\n";
    for (const std::string& lack : description.lacks) text += "//   " + lack + "\n";
  }
  const bool has_march = options.march && description.lacks.empty();
  text += "static_assert(quench::verified<" + name + (has_march ? ", quench::march::" + options.march->name : "") +
          ">());\n";
  description.text = std::move(text);
  return description;
}

QUENCH_INLINE NamedArrays weights_of(ImportedNetwork&& network, const Description& description) {
  NamedArrays arrays;
  for (std::size_t k = 0; k < network.steps.size(); ++k) {
    ImportedStep& step = network.steps[k];
    if (step.tied_to >= 0) continue;
    for (auto& [name, array] : step.parameters) arrays[description.modules[k] + "." + name] = std::move(array);
    step.parameters.clear();
  }
  mark_quench_order(arrays);
  return arrays;
}

}  // namespace quench::interop
