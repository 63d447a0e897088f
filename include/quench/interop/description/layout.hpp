// SPDX-License-Identifier: Apache-2.0
// Lines of a written description, broken as clang-format breaks them with quench's style: Google's, 120 columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>

namespace quench::interop::detail {

/// The items between the brackets at the end of a text: {"a", "f(b, c)"} of "{a, f(b, c)}" or of "T<a, f(b, c)>".
std::vector<std::string> items_of(std::string_view bracketed);

/// `  std::tuple<A, B> name{...};`: a member with its initializer, which may be empty.
std::string member_lines(const std::string& type, const std::string& name, const std::string& initializer);

/// `  using Inputs = quench::Inputs<A, B>;`
std::string alias_lines(const std::string& name, const std::string& type);

/// A statement that ends in a bracket with items, or a line that fits: `    return std::tuple{a, b};`
std::string statement_lines(const std::string& indent, const std::string& statement);

/// `template <int In, int Out>`
std::string template_lines(const std::vector<std::string>& parameters);

/// What a call of `forward` gives: the local values that it takes, and how many it makes.
struct WrittenCall {
  std::string text;           // "conv($0)", "add.add($0, $1)"
  std::vector<int> inputs{};  // values 0, 1, … are the parameters; each call gives the next ones
  int outputs = 1;
};

/// `forward` with its statements. Short chains of calls become one expression; a variable takes a new value where the old
/// one is no longer used. No statement depends on the order in which a compiler evaluates arguments.
struct WrittenForward {
  std::vector<WrittenCall> calls{};
  int inputs = 1;
  std::vector<int> results{};
  std::string around_results{};           // "dequant": it is called with each result
  std::vector<std::string> taken{};       // names that no variable may have
  std::vector<std::string> parameters{};  // their names; if empty, x, y, …
};
std::string forward_lines(const WrittenForward& forward);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/description/layout_impl.hpp>
#endif
