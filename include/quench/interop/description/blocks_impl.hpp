// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description/blocks.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include <quench/interop/description/names.hpp>
#include <quench/interop/description/paths.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE bool is_shareable(const ImportedStep& step) {
  const OperatorRow* row = row_named(step.type);
  return row != nullptr && row->scale == OutputScale::OfInput && step.call == "$m($0)";
}

QUENCH_INLINE std::string without_numbers(std::string_view text, std::vector<std::string>* numbers) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_decimal(text[end])) ++end;
    const char before = i == 0 ? ' ' : text[i - 1], after = end < text.size() ? text[end] : ' ';
    const bool is_number = end > i && end - i <= 9 && !is_in_identifier(before) && before != '.' && before != '$' &&
                           !is_in_identifier(after) && after != '.';
    if (is_number) {
      result += '#';
      if (numbers != nullptr) numbers->emplace_back(text.substr(i, end - i));
    } else {
      if (end == i) ++end;
      result += text.substr(i, end - i);
    }
    i = end;
  }
  return result;
}

struct DefaultSetting {
  const char *designator, *value;
};
inline constexpr DefaultSetting default_settings[] = {
    {", .stride = ", "1"}, {", .padding = ", "0"}, {", .dilation = ", "1"}, {", .groups = ", "1"}};

QUENCH_INLINE std::string complete_settings(const ImportedStep& step) {
  const OperatorRow* row = row_named(step.type);
  std::string text = step.settings;
  if (row == nullptr || row->family != Family::Convolution || !text.ends_with('}')) return text;
  const std::size_t bias = text.find(", .bias");
  std::size_t end = bias == text.npos ? text.size() - 1 : bias;  // where the next setting in PyTorch's order begins
  for (std::size_t d = std::size(default_settings); d-- > 0;) {
    const auto& [designator, value] = default_settings[d];
    if (const std::size_t found = text.find(designator); found != text.npos)
      end = found;
    else
      text.insert(end, std::string(designator) + value);
  }
  return text;
}

QUENCH_INLINE std::string short_settings(std::string settings) {
  for (const auto& [designator, value] : default_settings)
    for (const char* after : {",", "}"}) {
      const std::string text = std::string(designator) + value + after;
      if (const std::size_t found = settings.find(text); found != settings.npos) {
        settings.erase(found, text.size() - 1);
        break;
      }
    }
  return settings;
}

/// Makes blocks of parts.
class BlockMaker {
 public:
  explicit BlockMaker(const ImportedNetwork& network) : network_(network) {
    last_use_.resize(network.inputs.size() + network.steps.size(), -1);
    for (std::size_t k = 0; k < network.steps.size(); ++k)
      for (const int value : network.steps[k].inputs) last_use_[index(value)] = static_cast<int>(k);
    for (const ImportedOutput& output : network.outputs) last_use_[index(output.value)] = no_step;
  }

  ImportedBlock all() {
    const std::vector<NamePath> paths = paths_of_steps(network_);
    std::vector<ImportedPart> parts(network_.steps.size());
    for (std::size_t k = 0; k < parts.size(); ++k) {
      parts[k].step = static_cast<int>(k);
      parts[k].path = paths[k];
      parts[k].inputs = network_.steps[k].inputs;
      parts[k].outputs = {static_cast<int>(network_.inputs.size() + k)};
    }
    return block_of(grouped_by_name(std::move(parts)));
  }

 private:
  static constexpr int no_step = std::numeric_limits<int>::max();
  static constexpr std::size_t many = 40, most_members = 120, chunk = 60;

  struct Scope {
    std::size_t first = 0, last = 0, count = 0;
    bool has_names = false;
  };

  static int first_step(const ImportedPart& part) {
    return part.block ? first_step(part.block->parts.front()) : part.step;
  }
  static int last_step(const ImportedPart& part) {
    return part.block ? last_step(part.block->parts.back()) : part.step;
  }

  std::vector<ImportedPart> grouped_by_name(std::vector<ImportedPart> parts) {
    std::map<NamePath, Scope> scopes;
    for (std::size_t p = 0; p < parts.size(); ++p)
      for (std::size_t size = 1; size < parts[p].path.size(); ++size) {
        const auto begin = parts[p].path.begin();
        Scope& scope = scopes[NamePath(begin, begin + static_cast<std::ptrdiff_t>(size))];
        if (scope.count++ == 0) scope.first = p;
        scope.last = p;
        if (!is_place(parts[p].path[size])) scope.has_names = true;
      }
    std::vector<ImportedPart> result;
    for (std::size_t p = 0; p < parts.size();) {
      NamePath path;
      const Scope* found = nullptr;
      for (std::size_t size = 1; size < parts[p].path.size() && found == nullptr; ++size) {
        path.assign(parts[p].path.begin(), parts[p].path.begin() + static_cast<std::ptrdiff_t>(size));
        const Scope& scope = scopes.at(path);
        if (scope.has_names && scope.last - scope.first + 1 == scope.count) found = &scope;
      }
      if (found == nullptr) {
        result.push_back(std::move(parts[p++]));
        if (!result.back().path.empty() && result.back().path.back().empty()) result.back().path.clear();
        continue;
      }
      std::vector<ImportedPart> inner;
      for (; p <= found->last; ++p) {
        NamePath& of_part = parts[p].path;
        of_part.erase(of_part.begin(), of_part.begin() + static_cast<std::ptrdiff_t>(path.size()));
        if (of_part.size() == 1 && of_part[0].empty()) of_part.clear();
        inner.push_back(std::move(parts[p]));
      }
      result.push_back(part_of(grouped_by_name(std::move(inner)), path));
    }
    return result;
  }

  ImportedPart part_of(std::vector<ImportedPart> parts, const NamePath& path) {
    ImportedPart part;
    part.path = path;
    part.block = std::make_shared<const ImportedBlock>(block_of(std::move(parts)));
    part.inputs = part.block->inputs;
    part.outputs = part.block->outputs;
    return part;
  }

  ImportedBlock block_of(std::vector<ImportedPart> parts) {
    ImportedBlock block;
    if (parts.empty()) return block;
    const int begin = first_value(first_step(parts.front())), last = last_step(parts.back());
    for (const ImportedPart& part : parts) {
      for (const int value : part.inputs)
        if (value < begin && std::find(block.inputs.begin(), block.inputs.end(), value) == block.inputs.end())
          block.inputs.push_back(value);
      for (const int value : part.outputs)
        if (last_use_[index(value)] > last) block.outputs.push_back(value);
    }
    while (replace_best_run(parts)) continue;
    number_sequences(parts);
    if (members_of(parts) > most_members) split(parts);
    block.parts = std::move(parts);
    return block;
  }

  int first_value(int step) const { return static_cast<int>(network_.inputs.size()) + step; }

  // What two parts have in common if they differ in numbers only.
  int kind_of(const ImportedPart& part) {
    std::string text;
    if (part.block) {
      std::map<int, int> local;
      for (const int value : part.inputs) local.emplace(value, static_cast<int>(local.size()));
      for (const ImportedPart& inner : part.block->parts) {
        text += std::to_string(kind_of(inner));
        for (const int value : inner.inputs) text.append(",").append(std::to_string(local[value]));
        for (const int value : inner.outputs) local.emplace(value, static_cast<int>(local.size()));
        text += ";";
      }
      for (const int value : part.outputs) text += "," + std::to_string(local[value]);
    } else {
      const ImportedStep& step = network_.steps[index(part.step)];
      text = step.type + without_numbers(complete_settings(step)) + without_numbers(step.call);
    }
    return kinds_.emplace(text, static_cast<int>(kinds_.size())).first->second;
  }

  // A block begins with a layer, and keeps the activation after its last layer.
  bool is_afterthought(const ImportedPart& part) const {
    if (part.block) return false;
    const ImportedStep& step = network_.steps[index(part.step)];
    const OperatorRow* row = row_of_step(step);
    return step.inputs.size() == 1 && (row == nullptr || step.type.empty() || row->elements == Elements::InPlace);
  }

  // Replaces the run of parts whose repetition costs most lines. False if there is none.
  bool replace_best_run(std::vector<ImportedPart>& parts) {
    const std::size_t count = parts.size(), longest = count > 1000 ? 24 : 48;
    const auto is_free = [&](const ImportedPart& part) {
      return part.path.empty() || (count > many && part.step >= 0 && part.path.size() == 1);
    };
    if (static_cast<std::size_t>(std::count_if(parts.begin(), parts.end(), is_free)) < 8) return false;
    std::vector<int> kinds;
    std::map<int, std::size_t> made_by;
    for (std::size_t p = 0; p < count; ++p) {
      kinds.push_back(kind_of(parts[p]));
      for (const int value : parts[p].outputs) made_by[value] = p;
    }
    std::map<std::pair<std::size_t, std::uint64_t>, std::vector<std::size_t>> runs;
    for (std::size_t begin = 0; begin < count; ++begin) {
      if (is_afterthought(parts[begin])) continue;
      int input = -1, used_until = -1;
      std::uint64_t hash = 14695981039346656037u;
      const auto add = [&](std::uint64_t more) { hash = (hash ^ more) * 1099511628211u; };
      for (std::size_t p = begin; p < count && p - begin < longest && is_free(parts[p]); ++p) {
        add(static_cast<std::uint64_t>(kinds[p]));
        bool has_one_input = true;
        for (const int value : parts[p].inputs) {
          const auto maker = made_by.find(value);
          const bool is_inside = maker != made_by.end() && maker->second >= begin;
          add(is_inside ? p - maker->second : 0);
          if (is_inside) continue;
          has_one_input = has_one_input && (input < 0 || input == value);
          input = value;
        }
        if (!has_one_input) break;
        const int last = last_step(parts[p]);
        const bool ends = p > begin && parts[p].outputs.size() == 1 && used_until <= last &&
                          (p + 1 == count || !is_afterthought(parts[p + 1]));
        if (ends) runs[{p - begin + 1, hash}].push_back(begin);
        for (const int value : parts[p].outputs) used_until = std::max(used_until, last_use_[index(value)]);
      }
    }
    double best = 0;
    std::size_t best_length = 0;
    std::vector<std::size_t> best_places;
    for (const auto& [key, begins] : runs) {
      const std::size_t length = key.first;
      std::vector<std::size_t> places;
      for (const std::size_t begin : begins)
        if (places.empty() || begin >= places.back() + length) places.push_back(begin);
      if (places.size() < 2) continue;
      double lines = 0;  // a block is an element of a sequence
      for (std::size_t p = places[0]; p < places[0] + length; ++p) lines += parts[p].block ? 0.5 : 1.7;
      const double uses = static_cast<double>(places.size());
      const double saved = lines * uses - (lines + 4 + 0.4 * uses);  // the struct, and its uses
      const bool is_earlier = saved == best && !best_places.empty() && places[0] < best_places[0];
      if (saved > best || is_earlier) std::tie(best, best_length, best_places) = std::tuple(saved, length, places);
    }
    if (best_places.empty()) return false;
    std::vector<ImportedPart> result;
    std::size_t next = 0;
    for (std::size_t p = 0; p < count;) {
      if (next == best_places.size() || p != best_places[next]) {
        result.push_back(std::move(parts[p++]));
        continue;
      }
      std::vector<ImportedPart> inner;
      for (; p < best_places[next] + best_length; ++p) {
        inner.push_back(std::move(parts[p]));
        inner.back().path.clear();
      }
      result.push_back(part_of(std::move(inner), {}));
      ++next;
    }
    parts = std::move(result);
    return true;
  }

  // Blocks without names that follow one another become a sequence. Its name begins as none of the file can.
  void number_sequences(std::vector<ImportedPart>& parts) {
    const auto is_link = [](const ImportedPart& part) {
      return part.block && part.path.empty() && part.inputs.size() == 1 && part.outputs.size() == 1;
    };
    int sequences = 0;
    for (std::size_t p = 0; p < parts.size();) {
      std::size_t end = p + 1;
      while (is_link(parts[p]) && end < parts.size() && is_link(parts[end]) &&
             parts[end].inputs[0] == parts[end - 1].outputs[0] &&
             last_use_[index(parts[end].inputs[0])] <= last_step(parts[end]))
        ++end;
      if (end > p + 1) {
        ++sequences;
        for (std::size_t i = p; i < end; ++i)
          parts[i].path = {"\1blocks" + std::to_string(sequences), std::to_string(i - p)};
      }
      p = end;
    }
    if (sequences == 1)
      for (ImportedPart& part : parts)
        if (part.path.size() == 2 && part.path[0] == "\1blocks1") part.path[0] = "\1blocks";
  }

  std::size_t members_of(const std::vector<ImportedPart>& parts) const {
    std::set<std::string> names;
    std::size_t others = 0;
    for (const ImportedPart& part : parts) {
      if (!part.path.empty()) {
        names.insert(part.path[0]);
      } else if (part.block || !network_.steps[index(part.step)].type.empty()) {
        ++others;
      }
    }
    return names.size() + others;
  }

  // A struct has at most 128 members.
  void split(std::vector<ImportedPart>& parts) {
    std::vector<ImportedPart> result;
    for (std::size_t p = 0; p < parts.size();) {
      std::vector<ImportedPart> inner;
      for (const std::size_t end = std::min(p + chunk, parts.size()); p < end; ++p)
        inner.push_back(std::move(parts[p]));
      result.push_back(part_of(std::move(inner), {"\1part" + std::to_string(result.size() + 1)}));
    }
    parts = std::move(result);
  }

  const ImportedNetwork& network_;
  std::vector<int> last_use_;  // of each value: the step, or no_step for an output
  std::map<std::string, int> kinds_;
};

QUENCH_INLINE ImportedBlock blocks_of(const ImportedNetwork& network) { return BlockMaker(network).all(); }

}  // namespace detail

}  // namespace quench::interop
