// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description/structs.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <quench/interop/description/layout.hpp>
#include <quench/interop/description/names.hpp>

namespace quench::interop {

namespace detail {

/// A struct before its numbers are known to be parameters of a template: "#0;" is number 0.
struct StructDraft {
  struct Member {
    std::string type{}, name{}, initializer{};
  };

  WrittenStruct* of = nullptr;
  std::vector<Member> members{};
  WrittenForward forward{};
  std::vector<std::string> numbers{}, hints{};
  std::vector<std::string> texts{};  // of calls; the forward has them with numbers

  /// Equal for structs that can be one template.
  std::string skeleton() const {
    std::string text;
    for (const Member& member : members) text += member.type + " " + member.name + member.initializer + ";";
    for (const WrittenCall& call : forward.calls) {
      text += call.text + ":" + std::to_string(call.outputs);
      for (const int input : call.inputs) text.append(",").append(std::to_string(input));
      text += ";";
    }
    text += std::to_string(forward.inputs) + ":";
    for (const int result : forward.results) text += std::to_string(result) + ",";
    return text + (of->block != nullptr ? "forward" : "");
  }

  /// The text with marks for its whole numbers. What they mean follows from the designators before them.
  std::string marked(std::string_view text, const std::string& otherwise) {
    std::vector<std::string> found;
    const std::string holes = without_numbers(text, &found);
    std::string result, word, designator = otherwise;
    std::size_t next = 0;
    for (const char c : holes) {
      if (c == '#') {
        result += "#" + std::to_string(numbers.size()) + ";";
        numbers.push_back(found[next++]);
        hints.push_back(designator);
        continue;
      }
      if (is_in_identifier(c))
        word += c;
      else if (c == '.')
        word.clear();
      else if (c == '=')
        designator = word;
      result += c;
    }
    return result;
  }

  std::string type_of_struct(const WrittenStruct& other) {
    std::string type = other.type;
    for (std::size_t i = 0; i < other.arguments.size(); ++i) {
      type += (i == 0 ? "<#" : ", #") + std::to_string(numbers.size()) + ";";
      numbers.push_back(other.arguments[i]);
      hints.push_back(other.hints[i]);
    }
    return other.arguments.empty() ? type : type + ">";
  }
};

/// The text with `values` for its marks.
inline std::string filled_in(std::string_view text, const std::vector<std::string>& values) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '#') {
      result += text[i];
      continue;
    }
    std::size_t number = 0;
    for (++i; text[i] != ';'; ++i) number = number * 10 + static_cast<std::size_t>(text[i] - '0');
    result += values[number];
  }
  return result;
}

/// An initializer, or several in braces, without the settings that have their defaults.
inline std::string short_of(const std::string& initializer) {
  if (initializer.find("{.in_channels") == std::string::npos) return initializer;
  if (initializer.starts_with("{.")) return short_settings(initializer);
  std::string text;
  for (const std::string& item : items_of(initializer)) {
    const std::size_t brace = std::min(item.find('{'), item.size());
    text += (text.empty() ? "{" : ", ") + item.substr(0, brace) + short_of(item.substr(brace));
  }
  return text + "}";
}

/// "In" for in_channels, "Kernel" for kernel_size: the name of a template's parameter.
inline std::string parameter_name(const std::string& hint) {
  if (hint.starts_with("in_")) return "In";
  if (hint.starts_with("out_")) return "Out";
  if (hint == "kernel_size") return "Kernel";
  return camel_case(without_number(hint));
}

class StructWriter {
 public:
  StructWriter(const ImportedNetwork& network, WrittenStruct& top, const TopOfNetwork& about)
      : network_(network), top_(top), about_(about) {
    type_names_.reserve(about.name);
    collect(top);
  }

  WrittenStructs write() {
    for (int height = 0; height <= top_.height; ++height) {
      std::map<std::string, std::size_t> group_of;
      std::vector<std::vector<StructDraft>> groups;
      for (WrittenStruct* each : structs_) {
        if (each->height != height) continue;
        StructDraft draft = draft_of(*each);
        const auto [found, is_new] = group_of.emplace(draft.skeleton(), groups.size());
        if (is_new) groups.emplace_back();
        groups[found->second].push_back(std::move(draft));
      }
      for (std::vector<StructDraft>& group : groups) write_group(group);
    }
    return std::move(written_);
  }

 private:
  void collect(WrittenStruct& owner) {
    structs_.push_back(&owner);
    for (WrittenMember& member : owner.members) collect(member);
  }
  void collect(WrittenMember& member) {
    if (!member.name.empty()) type_names_.reserve(member.name);  // no type has the name of a member
    if (member.block) collect(*member.block);
    for (WrittenMember& element : member.elements) collect(element);
  }

  const ImportedStep& step_of(int step) const { return network_.steps[index(step)]; }

  static bool is_empty(const WrittenMember& member) {
    return member.step < 0 && !member.block && member.elements.empty();
  }

  bool needs_initializer(const WrittenMember& member) const {
    if (member.step >= 0) return !step_of(member.step).settings.empty();
    return std::any_of(member.elements.begin(), member.elements.end(),
                       [&](const WrittenMember& element) { return needs_initializer(element); });
  }

  // With its numbers, to compare.
  std::string type_with_numbers(const WrittenMember& member) const {
    StructDraft draft;
    const std::string type = type_of(member, draft);
    return filled_in(type, draft.numbers);
  }

  bool is_array(const WrittenMember& member) const {
    if (member.elements.empty() || needs_initializer(member)) return false;
    const std::string first = type_with_numbers(member.elements[0]);
    return std::all_of(member.elements.begin(), member.elements.end(), [&](const WrittenMember& element) {
      return !is_empty(element) && type_with_numbers(element) == first;
    });
  }

  std::string type_of(const WrittenMember& member, StructDraft& draft) const {
    if (member.step >= 0) return "quench::" + step_of(member.step).type;
    if (member.block) return draft.type_of_struct(*member.block);
    if (member.elements.empty()) return "quench::Identity";
    if (is_array(member)) {
      const std::string type = "std::array<" + type_of(member.elements[0], draft) + ", ";
      return type + draft.marked(std::to_string(member.elements.size()), "count") + ">";
    }
    std::string type = "std::tuple<";
    for (const WrittenMember& element : member.elements)
      type += (type.ends_with('<') ? "" : ", ") + type_of(element, draft);
    return type + ">";
  }

  std::string initializer_of(const WrittenMember& member, StructDraft& draft, bool is_element) const {
    if (member.step >= 0) {
      const ImportedStep& step = step_of(member.step);
      const std::string settings = draft.marked(qualified(complete_settings(step)), "value");
      if (!is_element) return settings;
      return settings.empty() ? "{}" : "quench::" + step.type + settings;
    }
    if (!needs_initializer(member)) return is_element ? "{}" : "";
    std::string text = "{";
    for (const WrittenMember& element : member.elements) {
      std::string item = initializer_of(element, draft, true);
      const bool is_first = text.size() == 1;
      if (is_first && item == "{}") item = type_of(element, draft) + item;  // {} could be an allocator_arg_t
      text += (is_first ? "" : ", ") + item;
    }
    return text + "}";
  }

  // The first `depth` places of a part: "std::get<3>(features)", "heads.cls".
  std::pair<std::string, const WrittenMember*> access(const WrittenStruct& owner, std::size_t part,
                                                      std::size_t depth) const {
    std::string text;
    const WrittenMember* member = nullptr;
    for (std::size_t d = 0; d < depth; ++d) {
      const std::size_t place = owner.places[part][d];
      if (member == nullptr) {
        member = &owner.members[place];
        text = member->name;
      } else if (member->block) {
        member = &member->block->members[place];
        text += "." + member->name;
      } else {
        text = is_array(*member) ? text + "[" + std::to_string(place) + "]"
                                 : "std::get<" + std::to_string(place) + ">(" + text + ")";
        member = &member->elements[place];
      }
    }
    return {text, member};
  }

  static std::size_t count_calls(const WrittenMember& member) {
    if (member.elements.empty()) return is_empty(member) ? 0 : 1;
    std::size_t count = 0;
    for (const WrittenMember& element : member.elements) count += count_calls(element);
    return count;
  }

  bool can_follow(const WrittenMember& member) const {
    if (member.block) return member.block->block != nullptr;
    return std::all_of(member.elements.begin(), member.elements.end(),
                       [&](const WrittenMember& element) { return can_follow(element); });
  }

  // How many parts from `first` on are the calls of a whole sequence, each on the result of the one before.
  std::size_t length_of_sequence(const WrittenStruct& owner, std::size_t first, std::size_t depth,
                                 const WrittenMember& sequence, const std::map<int, std::size_t>& users) const {
    const std::vector<ImportedPart>& parts = owner.block->parts;
    const std::size_t count = count_calls(sequence);
    if (sequence.elements.empty() || !can_follow(sequence) || first + count > parts.size()) return 0;
    for (std::size_t p = first; p < first + count; ++p) {
      const std::vector<std::size_t>& places = owner.places[p];
      const std::vector<std::size_t>& begin = owner.places[first];
      const auto end = begin.begin() + static_cast<std::ptrdiff_t>(depth);
      if (places.size() <= depth || !std::equal(begin.begin(), end, places.begin())) return 0;
      if (parts[p].inputs.size() != 1 || parts[p].outputs.size() != 1) return 0;
      if (parts[p].step >= 0 && step_of(parts[p].step).call != "$m($0)") return 0;
      if (p == first) continue;
      const int value = parts[p].inputs[0];
      if (owner.places[p] <= owner.places[p - 1] || value != parts[p - 1].outputs[0] || users.at(value) != 1) return 0;
    }
    return count;
  }

  StructDraft draft_of(WrittenStruct& owner) const {
    StructDraft draft;
    draft.of = &owner;
    for (const WrittenMember& member : owner.members) {
      draft.members.push_back({type_of(member, draft), member.name, ""});
      draft.members.back().initializer = initializer_of(member, draft, false);
    }
    if (owner.block == nullptr) return draft;
    const ImportedBlock& block = *owner.block;
    std::map<int, std::size_t> users;
    for (const ImportedPart& part : block.parts)
      for (const int value : part.inputs) ++users[value];
    for (const int value : block.outputs) ++users[value];
    std::map<int, int> local;
    int next = 0;
    for (const int value : block.inputs) local[value] = next++;
    draft.forward.inputs = next;
    const auto add = [&](const std::string& text, const std::vector<int>& inputs, const std::vector<int>& outputs) {
      WrittenCall call{text, {}, static_cast<int>(outputs.size())};
      for (const int value : inputs) call.inputs.push_back(local.at(value));
      for (const int value : outputs) local[value] = next++;
      draft.forward.calls.push_back(std::move(call));
    };
    if (&owner == &top_)
      for (std::size_t i = 0; i < block.inputs.size(); ++i)
        if (!about_.stubs[i].empty()) add(about_.stubs[i] + "($0)", {block.inputs[i]}, {block.inputs[i]});
    for (std::size_t p = 0; p < block.parts.size();) {
      const ImportedPart& part = block.parts[p];
      std::size_t taken = 0;
      for (std::size_t depth = 1; depth < owner.places[p].size() && taken == 0; ++depth) {
        const auto [text, member] = access(owner, p, depth);
        taken = length_of_sequence(owner, p, depth, *member, users);
        if (taken > 0) add("quench::sequential(" + text + ", $0)", part.inputs, block.parts[p + taken - 1].outputs);
      }
      if (taken == 0) {
        const std::string text = access(owner, p, owner.places[p].size()).first;
        add(part.block ? call_of_block(text, part) : call_of_step(text, step_of(part.step), draft), part.inputs,
            part.outputs);
        taken = 1;
      }
      p += taken;
    }
    for (const int value : block.outputs) draft.forward.results.push_back(local.at(value));
    return draft;
  }

  static std::string call_of_block(const std::string& member, const ImportedPart& part) {
    std::string text = member + ".forward(";
    for (std::size_t i = 0; i < part.inputs.size(); ++i) text += (i == 0 ? "$" : ", $") + std::to_string(i);
    return text + ")";
  }

  static std::string call_of_step(const std::string& member, const ImportedStep& step, StructDraft& draft) {
    const std::string call = draft.marked(qualified(step.call), std::string(function_of(step.call)) + "_number");
    if (!call.starts_with("$m")) return "quench::" + call;
    return member + call.substr(2);
  }

  void write_group(std::vector<StructDraft>& group) {
    StructDraft& first = group[0];
    const bool is_top = first.of == &top_;
    const std::string name = is_top ? about_.name : type_names_.take(first.of->wanted_name, "");
    types_.push_back(name);
    // Numbers that always agree are one parameter.
    std::vector<std::string> values = first.numbers, parameters;
    UniqueNames names;
    std::map<std::vector<std::string>, std::string> parameter_of;
    for (const StructDraft::Member& member : first.members) names.reserve(member.name);
    for (const std::string& type : types_) names.reserve(type);
    for (std::size_t n = 0; n < first.numbers.size(); ++n) {
      std::vector<std::string> column;
      for (const StructDraft& draft : group) column.push_back(draft.numbers[n]);
      if (std::all_of(column.begin(), column.end(), [&](const std::string& number) { return number == column[0]; }))
        continue;
      const auto found = parameter_of.find(column);
      if (found != parameter_of.end()) {
        values[n] = found->second;
        continue;
      }
      values[n] = parameter_of[column] = names.take(parameter_name(first.hints[n]), "");
      parameters.push_back(values[n]);
      for (StructDraft& draft : group) {
        draft.of->arguments.push_back(draft.numbers[n]);
        draft.of->hints.push_back(first.hints[n]);
      }
    }
    for (StructDraft& draft : group) draft.of->type = name;
    std::string text = parameters.empty() ? "" : template_lines(parameters);
    text += "struct " + name + " {\n";
    if (is_top) text += about_.aliases + "\n";
    if (is_top)
      for (const std::string& stub : about_.stubs)
        if (!stub.empty()) text += member_lines("quench::QuantStub", stub, "");
    for (const StructDraft::Member& member : first.members)
      text +=
          member_lines(filled_in(member.type, values), member.name, short_of(filled_in(member.initializer, values)));
    if (is_top) text += member_lines("quench::DeQuantStub", about_.dequant, "");
    if (first.of->block != nullptr) {
      WrittenForward forward = first.forward;
      for (WrittenCall& call : forward.calls) call.text = filled_in(call.text, values);
      for (const StructDraft::Member& member : first.members) forward.taken.push_back(member.name);
      if (is_top) {
        forward.taken.insert(forward.taken.end(), about_.stubs.begin(), about_.stubs.end());
        forward.taken.push_back(about_.dequant);
        forward.parameters = about_.parameters;
        forward.around_results = about_.dequant;
      }
      const std::string lines = forward_lines(forward);
      text += (is_top || std::count(lines.begin(), lines.end(), '\n') > 1 ? "\n" : "") + lines;
    }
    text += "};\n";
    (is_top ? written_.top : written_.blocks) += is_top ? text : text + "\n";
  }

  const ImportedNetwork& network_;
  WrittenStruct& top_;
  const TopOfNetwork& about_;
  std::vector<WrittenStruct*> structs_;
  UniqueNames type_names_;
  std::vector<std::string> types_;
  WrittenStructs written_;
};

QUENCH_INLINE WrittenStructs write_structs(const ImportedNetwork& network, WrittenStruct& top,
                                           const TopOfNetwork& about) {
  return StructWriter(network, top, about).write();
}

}  // namespace detail

}  // namespace quench::interop
