// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/names.hpp>

#include <algorithm>
#include <vector>

namespace quench::interop {

namespace detail {

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// True of identifiers and whole numbers with dots between them, the first an identifier.
inline bool is_path(std::string_view path) {
  bool is_first = true;
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view part = path.substr(0, dot);
    if (part.empty() || part.size() > 64) return false;
    const bool is_number = is_digit(part[0]);
    if (is_number && is_first) return false;
    for (const char c : part)
      if (!(is_digit(c) || (!is_number && is_letter(c)))) return false;
    if (dot == std::string_view::npos) return true;
    path = path.substr(dot + 1);
    is_first = false;
  }
}

QUENCH_INLINE std::string module_of_weight(std::string_view name) {
  for (const std::string_view ending : {".weight", ".w_0", ".bias", ".b_0", ".gamma", ".kernel", ".slope"}) {
    if (!name.ends_with(ending)) continue;
    const std::string_view module = name.substr(0, name.size() - ending.size());
    if (is_path(module)) return std::string(module);
  }
  return {};
}

QUENCH_INLINE std::string module_of_node(std::string_view name) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (end > begin) parts.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.size() < 2) return {};
  parts.pop_back();
  std::string path;
  std::string_view before;
  for (const std::string_view part : parts) {
    if (part == "StatefulPartitionedCall" || part == "PartitionedCall") continue;
    // PyTorch writes "layer1/layer1.0": the path from its container.
    const bool repeats =
        !before.empty() && part.size() > before.size() && part.starts_with(before) && part[before.size()] == '.';
    const std::string_view own = repeats ? part.substr(before.size() + 1) : part;
    path += (path.empty() ? "" : ".") + std::string(own);
    before = part;
  }
  return is_path(path) ? path : std::string();
}

QUENCH_INLINE bool is_later_call(std::string_view path, std::string_view module) {
  if (!path.starts_with(module)) return false;
  const std::string_view rest = path.substr(module.size());
  return rest.size() > 1 && rest[0] == '_' && std::all_of(rest.begin() + 1, rest.end(), is_digit);
}

QUENCH_INLINE std::string last_of_node(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return {};
  std::string last(name.substr(slash + 1));
  for (char& c : last)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return is_path(last) && last.find('.') == std::string::npos ? last : std::string();
}

}  // namespace detail

}  // namespace quench::interop
