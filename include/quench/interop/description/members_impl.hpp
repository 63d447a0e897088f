// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description/members.hpp>

#include <algorithm>
#include <iterator>
#include <map>

#include <quench/interop/description/names.hpp>

namespace quench::interop {

namespace detail {

/// What a member is called that has no name: "conv" for a Conv2d, "add" for an add.
inline std::string short_name(const ImportedStep& step) {
  if (step.type == "FloatFunctional") return std::string(function_of(step.call));
  static const std::map<std::string_view, const char*> names = {
      {"BatchNorm2d", "bn"}, {"BatchNorm1d", "bn"},       {"ReLU", "relu"},      {"ReLU6", "relu6"},
      {"PReLU", "prelu"},    {"LeakyReLU", "leaky_relu"}, {"SiLU", "silu"},      {"GELU", "gelu"},
      {"ELU", "elu"},        {"GlobalAvgPool2d", "pool"}, {"LayerNorm", "norm"}, {"RMSNorm", "norm"}};
  if (const auto found = names.find(step.type); found != names.end()) return found->second;
  std::string name = snake_case(step.type);
  for (const char* ending : {"2d", "1d"})
    if (name.ends_with(ending)) name.resize(name.size() - 2);
  return identifier_of(name);
}

/// The members of one block, as a tree by the names of the file.
class MemberTree {
 public:
  MemberTree(const ImportedNetwork& network, const ImportedBlock& block, const std::vector<std::string>& reserved)
      : network_(network), written_(std::make_shared<WrittenStruct>()) {
    written_->block = &block;
    nodes_.emplace_back();
    std::vector<std::size_t> node_of_part;
    for (const ImportedPart& part : block.parts) node_of_part.push_back(add(part));
    for (std::size_t n = nodes_.size(); n-- > 1;) mark_sequence(n);
    for (const std::string& name : reserved) names_of_top_.reserve(name);
    name_children(0, names_of_top_);
    for (const std::size_t child : nodes_[0].children) written_->members.push_back(member_of(child));
    for (const std::size_t node : node_of_part) written_->places.push_back(place_of(node));
    written_->height = height_of(written_->members);
  }

  std::shared_ptr<WrittenStruct> result() const { return written_; }

 private:
  struct Node {
    std::string raw{}, name{};
    std::size_t parent = 0;
    std::vector<std::size_t> children{};
    std::map<std::string, std::size_t> by_key{};
    const ImportedPart* part = nullptr;
    bool is_sequence = false;
  };

  std::size_t add(const ImportedPart& part) {
    const ImportedStep* step = part.step < 0 ? nullptr : &network_.steps[index(part.step)];
    if (step != nullptr && step->type.empty()) return 0;
    const bool is_shared = step != nullptr && is_shareable(*step);
    const std::string kind = is_shared ? step->type + step->settings : "";
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < part.path.size(); ++i) at = child(at, "scope " + part.path[i], part.path[i]);
    if (!part.path.empty()) {
      const std::string raw = is_shared ? without_call_number(part.path.back()) : part.path.back();
      const std::string key = "leaf " + raw;
      const auto found = nodes_[at].by_key.find(key);
      if (found == nodes_[at].by_key.end()) return leaf(at, key, raw, part);
      const ImportedPart& other = *nodes_[found->second].part;
      const bool is_same = is_shared && other.step >= 0 && network_.steps[index(other.step)].type == step->type &&
                           network_.steps[index(other.step)].settings == step->settings;
      if (is_same) return found->second;
      if (!is_place(raw)) return leaf(at, key + " " + std::to_string(nodes_.size()), raw, part);
    }
    if (!is_shared) return leaf(0, "part " + std::to_string(nodes_.size()), "", part);
    const auto found = nodes_[0].by_key.find("shared " + kind);
    return found != nodes_[0].by_key.end() ? found->second : leaf(0, "shared " + kind, "", part);
  }

  // "relu" for "relu_1", as PyTorch and Keras name the second call of relu.
  static std::string without_call_number(const std::string& raw) {
    const std::size_t line = raw.rfind('_');
    return line == raw.npos || line == 0 || !is_place(raw.substr(line + 1)) ? raw : raw.substr(0, line);
  }

  std::size_t child(std::size_t parent, const std::string& key, const std::string& raw) {
    const auto [found, is_new] = nodes_[parent].by_key.emplace(key, nodes_.size());
    const std::size_t at = found->second;
    if (is_new) {
      nodes_[parent].children.push_back(at);
      Node node;
      node.raw = raw;
      node.parent = parent;
      nodes_.push_back(std::move(node));
    }
    return at;
  }

  std::size_t leaf(std::size_t parent, const std::string& key, const std::string& raw, const ImportedPart& part) {
    const std::size_t at = child(parent, key, raw);
    nodes_[at].part = &part;
    return at;
  }

  // A scope is a sequence if its children are numbered, with few gaps.
  void mark_sequence(std::size_t n) {
    Node& node = nodes_[n];
    if (node.children.empty()) return;
    std::vector<int> places;
    for (const std::size_t each : node.children) {
      if (!is_place(nodes_[each].raw)) return;
      places.push_back(std::stoi(nodes_[each].raw));
    }
    std::sort(places.begin(), places.end());
    const bool is_twice = std::adjacent_find(places.begin(), places.end()) != places.end();
    node.is_sequence = !is_twice && index(places.back()) < 4 * places.size() + 16;
  }

  std::string base_of(const Node& node) const {
    return node.part != nullptr && node.part->step >= 0 ? short_name(network_.steps[index(node.part->step)]) : "block";
  }

  void name_children(std::size_t parent, UniqueNames& names) {
    std::map<std::string, int> unnamed;
    for (const std::size_t each : nodes_[parent].children) {
      Node& node = nodes_[each];
      if (node.raw.empty())
        ++unnamed[base_of(node)];
      else
        node.name = names.take(identifier_of(node.raw));
    }
    for (auto& [base, count] : unnamed) count = count == 1 && !names.has(base) ? 0 : 1;
    for (const std::size_t each : nodes_[parent].children) {
      Node& node = nodes_[each];
      if (!node.raw.empty()) continue;
      const std::string base = base_of(node);
      int& number = unnamed[base];
      while (number > 0 && names.has(base + std::to_string(number))) ++number;
      node.name = names.take(number == 0 ? base : base + std::to_string(number));
    }
    for (const std::size_t each : nodes_[parent].children) {
      UniqueNames inner;
      if (!nodes_[each].children.empty()) name_children(each, inner);
    }
  }

  WrittenMember member_of(std::size_t n) {
    const Node& node = nodes_[n];
    WrittenMember member;
    member.name = node.name;
    if (node.part != nullptr) {
      member.step = node.part->step;
      if (!node.part->block) return member;
      member.block = MemberTree(network_, *node.part->block, {}).result();
    } else if (node.is_sequence) {
      for (const std::size_t each : node.children) {
        const std::size_t place = index(std::stoi(nodes_[each].raw));
        if (member.elements.size() <= place) member.elements.resize(place + 1);
        member.elements[place] = member_of(each);
        member.elements[place].name.clear();
      }
      return member;
    } else {
      member.block = std::make_shared<WrittenStruct>();
      for (const std::size_t each : node.children) member.block->members.push_back(member_of(each));
      member.block->height = height_of(member.block->members);
    }
    member.block->wanted_name = wanted_name(n);
    return member;
  }

  // "Stem" for the member stem, "LayerBlock" for an element of layer1, "ConvBn" for a block of two layers.
  std::string wanted_name(std::size_t n) const {
    std::string name;
    std::size_t at = n;
    while (at != 0 && (is_place(nodes_[at].raw) || nodes_[at].raw.empty())) at = nodes_[at].parent;
    if (nodes_[n].part != nullptr && (at == 0 || nodes_[at].raw[0] == '\1'))
      return name_of_contents(*nodes_[n].part->block);
    name = camel_case(without_number(nodes_[at].name));
    return at == n ? name : name + "Block";
  }

  std::string name_of_contents(const ImportedBlock& block) const {
    std::string all;
    bool has_add = false;
    for (const ImportedPart& part : block.parts) {
      const std::string name = part.block ? "Block" : short_name(network_.steps[index(part.step)]);
      has_add = has_add || name == "add";
      all += camel_case(name);
    }
    return has_add ? "Residual" : block.parts.size() <= 3 ? all : "Block";
  }

  std::vector<std::size_t> place_of(std::size_t n) const {
    std::vector<std::size_t> places;
    for (; n != 0; n = nodes_[n].parent) {
      const Node& parent = nodes_[nodes_[n].parent];
      const auto found = std::find(parent.children.begin(), parent.children.end(), n);
      places.push_back(parent.is_sequence ? index(std::stoi(nodes_[n].raw))
                                          : static_cast<std::size_t>(found - parent.children.begin()));
    }
    std::reverse(places.begin(), places.end());
    return places;
  }

  static int height_of(const std::vector<WrittenMember>& members) {
    int height = 0;
    for (const WrittenMember& member : members)
      height = std::max({height, member.block ? member.block->height + 1 : 0, height_of(member.elements)});
    return height;
  }

  const ImportedNetwork& network_;
  std::shared_ptr<WrittenStruct> written_;
  std::vector<Node> nodes_;  // the first is the block
  UniqueNames names_of_top_;
};

QUENCH_INLINE std::shared_ptr<WrittenStruct> struct_of(const ImportedNetwork& network, const ImportedBlock& block,
                                                       const std::vector<std::string>& reserved) {
  return MemberTree(network, block, reserved).result();
}

inline void name_modules(const ImportedNetwork& network, const WrittenStruct& owner, const std::string& prefix,
                         std::vector<std::string>& names) {
  for (std::size_t p = 0; p < owner.places.size(); ++p) {
    if (owner.places[p].empty()) continue;
    std::string name = prefix;
    const std::vector<WrittenMember>* members = &owner.members;
    const WrittenMember* member = nullptr;
    for (const std::size_t place : owner.places[p]) {
      member = &(*members)[place];
      name += (name.empty() ? "" : ".") + (member->name.empty() ? std::to_string(place) : member->name);
      members = member->block ? &member->block->members : &member->elements;
    }
    const ImportedPart& part = owner.block->parts[p];
    if (part.block)
      name_modules(network, *member->block, name, names);
    else
      names[index(part.step)] = name;
  }
}

QUENCH_INLINE std::vector<std::string> module_names(const ImportedNetwork& network, const WrittenStruct& top) {
  std::vector<std::string> names(network.steps.size());
  name_modules(network, top, "", names);
  return names;
}

}  // namespace detail

}  // namespace quench::interop
