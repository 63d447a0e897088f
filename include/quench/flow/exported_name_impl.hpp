// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/exported_name.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include <quench/tensors/error.hpp>

namespace quench {

namespace detail {

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

inline bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

QUENCH_INLINE bool is_reserved(std::string_view name) {
  constexpr std::string_view words[] = {
      "alignas",     "alignof",  "and",        "and_eq",     "asm",       "auto",         "bitand",
      "bitor",       "bool",     "break",      "case",       "catch",     "char",         "char16_t",
      "char32_t",    "char8_t",  "class",      "co_await",   "co_return", "co_yield",     "compl",
      "concept",     "const",    "const_cast", "consteval",  "constexpr", "constinit",    "continue",
      "decltype",    "default",  "delete",     "do",         "double",    "dynamic_cast", "else",
      "enum",        "explicit", "export",     "extern",     "false",     "float",        "for",
      "friend",      "goto",     "if",         "inline",     "int",       "long",         "mutable",
      "namespace",   "new",      "noexcept",   "not",        "not_eq",    "nullptr",      "operator",
      "or",          "or_eq",    "private",    "protected",  "public",    "register",     "reinterpret_cast",
      "requires",    "return",   "short",      "signed",     "sizeof",    "static",       "static_assert",
      "static_cast", "struct",   "switch",     "template",   "this",      "thread_local", "throw",
      "true",        "try",      "typedef",    "typeid",     "typename",  "union",        "unsigned",
      "using",       "virtual",  "void",       "volatile",   "wchar_t",   "while",        "xor",
      "xor_eq",      "main",     "std",        "linux",      "unix",      "i386",         "sun",
      "NULL",        "EOF",      "FILE",       "NAN",        "INFINITY",  "BUFSIZ",       "DBL_EPSILON",
      "FLT_EPSILON", "assert",   "errno",      "offsetof",   "setjmp",    "signbit",      "isnan",
      "isinf",       "isfinite", "isnormal",   "fpclassify", "stdin",     "stdout",       "stderr",
      "va_arg",      "va_copy",  "va_end",     "va_list",    "va_start",  "tm",           "lconv",
      "timespec",    "timeval",  "alloca"};
  const auto ends = [&](std::string_view end) { return name.ends_with(end); };
  return std::find(std::begin(words), std::end(words), name) != std::end(words) || name.starts_with('_') ||
         name.find("__") != std::string_view::npos || ends("_t") || ends("_MAX") || ends("_MIN") || ends("_WIDTH") ||
         (ends("_C") && (name.starts_with("INT") || name.starts_with("UINT")));
}

QUENCH_INLINE bool uses_name(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t line = text.rfind('\n', at) + 1;  // npos + 1 is 0
    const char before = at > 0 ? text[at - 1] : ' ';
    const std::size_t end = at + name.size();
    const bool is_whole = !is_letter_or_digit(before) && (end == text.size() || !is_letter_or_digit(text[end]));
    const bool is_member = before == ':' || before == '.';
    if (is_whole && !is_member && text.substr(line, at - line).find("//") == std::string_view::npos) return true;
  }
  return false;
}

QUENCH_INLINE void check_exported_name(const std::string& name, std::string_view text, const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw Error(diagnosis::file_not_writable, path + ": " + why + ". Choose another name");
  };
  if (name.empty() || !is_letter(name[0]) || !std::all_of(name.begin(), name.end(), is_letter_or_digit))
    refuse("the name of the file is no name for a struct of C++");
  if (is_reserved(name)) refuse(name + " is no name for a struct: C++ or a C library reserves it");
  if (uses_name(text, name)) refuse(name + " is no name for the struct: its header uses the name already");
}

}  // namespace detail

}  // namespace quench
