// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description/names.hpp>

#include <algorithm>
#include <iterator>

namespace quench::interop {

namespace detail {

QUENCH_INLINE bool is_place(std::string_view text) {
  return !text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), is_decimal) &&
         (text.size() == 1 || text[0] != '0');
}

QUENCH_INLINE std::vector<std::string> path_of(std::string_view dotted) {
  constexpr std::size_t deepest = 12;  // a network's names have at most 1024 characters
  std::vector<std::string> path;
  while (!dotted.empty()) {
    const std::size_t end = std::min(dotted.find('.'), dotted.size());
    const bool is_rest = path.size() + 1 == deepest;
    const std::string_view part = is_rest ? dotted : dotted.substr(0, end);
    if (!part.empty()) path.emplace_back(part);
    dotted.remove_prefix(is_rest ? dotted.size() : std::min(end + 1, dotted.size()));
  }
  if (std::none_of(path.begin(), path.end(),
                   [](const std::string& part) { return std::any_of(part.begin(), part.end(), is_latin); }))
    path.clear();
  return path;
}

// Keywords, macros that headers of the standard library may define, and words with a meaning in a description.
inline constexpr const char* reserved_words[] = {"alignas",
                                                 "alignof",
                                                 "and",
                                                 "and_eq",
                                                 "asm",
                                                 "assert",
                                                 "auto",
                                                 "bitand",
                                                 "bitor",
                                                 "bool",
                                                 "break",
                                                 "case",
                                                 "catch",
                                                 "char",
                                                 "char16_t",
                                                 "char32_t",
                                                 "char8_t",
                                                 "class",
                                                 "co_await",
                                                 "co_return",
                                                 "co_yield",
                                                 "compl",
                                                 "concept",
                                                 "const",
                                                 "const_cast",
                                                 "consteval",
                                                 "constexpr",
                                                 "constinit",
                                                 "continue",
                                                 "decltype",
                                                 "default",
                                                 "delete",
                                                 "do",
                                                 "double",
                                                 "dynamic_cast",
                                                 "else",
                                                 "enum",
                                                 "errno",
                                                 "explicit",
                                                 "export",
                                                 "extern",
                                                 "false",
                                                 "float",
                                                 "for",
                                                 "forward",
                                                 "friend",
                                                 "goto",
                                                 "if",
                                                 "import",
                                                 "inline",
                                                 "int",
                                                 "linux",
                                                 "long",
                                                 "module",
                                                 "mutable",
                                                 "namespace",
                                                 "new",
                                                 "noexcept",
                                                 "not",
                                                 "not_eq",
                                                 "nullptr",
                                                 "offsetof",
                                                 "operator",
                                                 "or",
                                                 "or_eq",
                                                 "private",
                                                 "protected",
                                                 "public",
                                                 "quench",
                                                 "register",
                                                 "reinterpret_cast",
                                                 "requires",
                                                 "return",
                                                 "setjmp",
                                                 "short",
                                                 "signed",
                                                 "sizeof",
                                                 "static",
                                                 "static_assert",
                                                 "static_cast",
                                                 "std",
                                                 "stderr",
                                                 "stdin",
                                                 "stdout",
                                                 "struct",
                                                 "switch",
                                                 "template",
                                                 "this",
                                                 "thread_local",
                                                 "throw",
                                                 "true",
                                                 "try",
                                                 "typedef",
                                                 "typeid",
                                                 "typename",
                                                 "union",
                                                 "unix",
                                                 "unsigned",
                                                 "using",
                                                 "va_arg",
                                                 "va_copy",
                                                 "va_end",
                                                 "va_start",
                                                 "virtual",
                                                 "void",
                                                 "volatile",
                                                 "wchar_t",
                                                 "while",
                                                 "xor",
                                                 "xor_eq"};

QUENCH_INLINE std::string identifier_of(std::string_view text) {
  constexpr std::size_t longest = 48;
  std::string name;
  for (const char c : text) {
    if (name.size() == longest) break;
    const char next = is_in_identifier(c) ? c : '_';
    if (next == '_' && (name.empty() || name.back() == '_')) continue;  // "_A" and "__" are the compiler's
    name += next;
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (std::none_of(name.begin(), name.end(), is_latin)) name.insert(0, name.empty() ? "layer" : "layer_");
  if (is_decimal(name[0])) name.insert(0, "layer_");
  // Macros have capitals only.
  if (name.size() > 1 && std::none_of(name.begin(), name.end(), is_lower))
    std::transform(name.begin(), name.end(), name.begin(), lower);
  const auto is_name = [&](const char* word) { return name == word; };
  if (std::any_of(std::begin(reserved_words), std::end(reserved_words), is_name) || name == "Inputs" || name == "Ties")
    name += '_';
  return name;
}

QUENCH_INLINE std::string camel_case(std::string_view text) {
  std::string name;
  bool is_start = true;
  for (const char c : text) {
    if (c != '_') name += is_start ? upper(c) : c;
    is_start = c == '_';
  }
  return name;
}

QUENCH_INLINE std::string snake_case(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_start =
        is_upper(text[i]) && i > 0 && (!is_upper(text[i - 1]) || (i + 1 < text.size() && is_lower(text[i + 1])));
    if (is_start && name.back() != '_') name += '_';
    name += lower(text[i]);
  }
  return name;
}

QUENCH_INLINE std::string without_number(std::string_view text) {
  while (!text.empty() && (is_decimal(text.back()) || text.back() == '_')) text.remove_suffix(1);
  return std::string(text);
}

QUENCH_INLINE std::string for_comment(std::string_view text) {
  constexpr std::size_t longest = 1000;
  std::string shown;
  for (const char c : text.substr(0, longest)) shown += c < ' ' || c > '~' || c == '\\' ? '?' : c;
  return text.size() > longest ? shown + "..." : shown;
}

QUENCH_INLINE std::string UniqueNames::take(const std::string& wanted, const char* before_number) {
  std::string name = wanted;
  int& number = next_[wanted];  // or many equal names would take quadratic time
  while (!taken_.insert(name).second) {
    number = std::max(number + 1, 2);
    name = wanted + (wanted.ends_with('_') ? "" : before_number) + std::to_string(number);
  }
  return name;
}

QUENCH_INLINE const OperatorRow* row_named(std::string_view name) {
  for (const OperatorRow& row : OperatorRows::of)
    if (std::string_view(row.name.data, static_cast<std::size_t>(row.name.size)) == name) return &row;
  return nullptr;
}

QUENCH_INLINE std::string_view function_of(std::string_view call) {
  if (call.starts_with("$m")) call.remove_prefix(std::min<std::size_t>(call.size(), 2));
  if (call.starts_with('.')) call.remove_prefix(1);
  std::size_t end = 0;
  while (end < call.size() && is_in_identifier(call[end])) ++end;
  return call.substr(0, end);
}

QUENCH_INLINE std::string qualified(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_in_identifier(text[end])) ++end;
    const char before = i == 0 ? ' ' : text[i - 1], after = end < text.size() ? text[end] : ' ';
    if (end > i && is_upper(text[i]) && before != ':' && before != '.' && (after == ':' || after == '('))
      result += "quench::";
    if (end == i) ++end;
    result += text.substr(i, end - i);
    i = end;
  }
  return result;
}

}  // namespace detail

}  // namespace quench::interop
