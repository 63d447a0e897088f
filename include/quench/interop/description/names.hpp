// SPDX-License-Identifier: Apache-2.0
// Names in a written description: C++ identifiers made of the names in a file, which may be anything.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/types/operator.hpp>

namespace quench::interop::detail {

constexpr bool is_decimal(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_latin(char c) { return is_lower(c) || is_upper(c); }
constexpr bool is_in_identifier(char c) { return is_latin(c) || is_decimal(c) || c == '_'; }
constexpr char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

/// The parts of a dotted name: {"features", "3", "conv"}. Empty for what is no name: "", "17", "%12".
std::vector<std::string> path_of(std::string_view dotted);

/// True for a place in a sequence: "0", "12", not "012".
bool is_place(std::string_view text);

/// The text as a C++ identifier that is no keyword, no macro of the standard library, and has no meaning in a
/// description. At most 48 characters; "layer" if no letter is left.
std::string identifier_of(std::string_view text);

/// "inverted_residual" and "invertedResidual" as "InvertedResidual".
std::string camel_case(std::string_view text);
/// "MobileNetV2" as "mobile_net_v2".
std::string snake_case(std::string_view text);
/// Without digits and underscores at the end: "layer" for "layer12".
std::string without_number(std::string_view text);

/// Printable ASCII on one line, for a comment: at most 1000 characters.
std::string for_comment(std::string_view text);

/// Names of which each is given once.
class UniqueNames {
 public:
  /// The name, or with "_2", "_3", … (or "2", "3", …) after it if it is taken.
  std::string take(const std::string& wanted, const char* before_number = "_");
  void reserve(const std::string& name) { taken_.insert(name); }
  bool has(const std::string& name) const { return taken_.contains(name); }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> next_;
};

/// The row of an operator by the name of its type or function: "Conv2d", "add". Null if there is none.
const OperatorRow* row_named(std::string_view name);

/// The name that a call has in its text: "add" of "$m.add($0, $1)", "flatten" of "flatten($0)", "" of "$m($0)".
std::string_view function_of(std::string_view call);

/// The text of a step with quench's namespace before quench's types: "quench::Padding::Same".
std::string qualified(std::string_view text);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/description/names_impl.hpp>
#endif
