// SPDX-License-Identifier: Apache-2.0
// The C text of one step: its constants, and a function whose extents, strides and scales are literals.
//
// Bodies are written as C with holes, `for (int32_t k = 0; k < $filters; ++k)`, which `set` fills. `${net}_run` is a hole
// with a letter after it. A hole that is alone on its line, and empty, takes its line with it.
#pragma once

#include <cstdint>
#include <functional>
#include <locale>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quench/device/fusion.hpp>
#include <quench/execution/constants.hpp>
#include <quench/flow/constant_text.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/network/graph.hpp>

namespace quench::detail::c_text {

/// The values of holes by their names.
using Holes = std::map<std::string, std::string, std::less<>>;

/// The text with its holes filled.
/// Errors   std::out_of_range: a hole that has no value
std::string fill(std::string_view text, const Holes& holes);

/// "int8_t", "int16_t" or "int32_t".
std::string code_type(DType dtype);

/// The dtype of the integers of a node: indices are int32.
DType dtype_of(const Graph& graph, const IntegerConstants& constants, int node);

/// A counter and its factor.
struct Term {
  std::string counter;
  int factor;
};
/// "oy * 2 + ky - 1"
std::string sum_of(const std::vector<Term>& terms, int constant);

/// "[28, 28, 16]"
std::string extents_text(const Shape& shape);

/// Nested loops over the axes of a shape, with counters i0, i1, ... Axes of extent 1 have none. `depth` is that of the
/// first loop; the body follows at `depth` + the number of loops.
struct Loops {
  std::string text;
  int depth;

  Loops(const Shape& shape, int first_depth);

  /// The spaces before the body.
  std::string indent() const { return std::string(4 * static_cast<std::size_t>(depth), ' '); }
};

/// "i0 * 12 + i2 + 4": where the counters of loops are in a memory that begins at `first`.
std::string place_of(const Shape& counted, const kernels::Strides& strides, int first = 0);

/// A constant: static const <type> <name><extent> = <value>;
struct Constant {
  std::string type, name, extent, value;

  std::string definition() const { return "static const " + type + " " + name + extent + " = " + value + ";\n"; }
};

/// What a step is, and its text as it is written.
class Step {
 public:
  Step(const Graph& network, const IntegerConstants& all_constants, int n);

  const Graph& graph;
  const Node& node;
  const device::StepConstants& constants;
  const IntegerConstants& all;
  const int index;

  int operand(int i = 0) const { return graph.operand(node, i); }
  Shape x_shape(int i = 0) const { return graph.nodes[operand(i)].shape; }
  DType x_dtype(int i = 0) const { return dtype_of(graph, all, operand(i)); }
  DType y_dtype() const { return dtype_of(graph, all, index); }
  int size() const { return node.shape.elements(); }
  /// The records of a layer or of another step.
  std::span<const Requantization> records() const&;
  std::span<const Requantization> records() const&& = delete;

  void set(std::string_view hole, std::string value) { holes_.insert_or_assign(std::string(hole), std::move(value)); }
  void set(std::string_view hole, int value) { set(hole, std::to_string(value)); }

  /// Adds to the body of the function, whose operands are x0, x1, ...; the only one is x.
  void add(std::string_view text) { body_ += fill(text, holes_); }

  /// An array of integers, `<name>_<index of the node>`.
  template <class Values>
  void add_integers(std::string_view type, std::string_view name, const Values& values) {
    add_array(type, name, values, [](std::ostream& out, auto value) { out << static_cast<long>(value); });
  }
  /// An array of records, slopes or weights of rows.
  template <class Values>
  void add_records(std::string_view type, std::string_view name, const Values& values) {
    add_array(type, name, values, [](std::ostream& out, const auto& value) { write_fields(out, value); });
  }
  /// One record or table.
  template <class Value>
  void add_constant(std::string_view type, const std::string& name, const Value& value) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    write_fields(out, value);
    data_.push_back({std::string(type), name, "", out.str()});
  }

  /// The expression of y for the expression of a value: clamped to its type, and to the bounds of a fused ReLU.
  /// `low` and `high` are bounds of the operator itself.
  std::string code(const std::string& value, std::int32_t low = INT32_MIN, std::int32_t high = INT32_MAX) const;
  /// The expression of `value`, requantized by a record of literals.
  static std::string scaled(const std::string& value, const Requantization& record);
  /// The same, but a value of the same scale is kept.
  static std::string rescaled(const std::string& value, const Requantization& record);

  /// "step_7_conv2d"
  std::string function() const;
  /// The constants. Steps with softmax have some of equal names and values.
  const std::vector<Constant>& data() const& { return data_; }
  const std::vector<Constant>& data() const&& = delete;
  /// The function, with a comment before it.
  std::string text() const;

 private:
  template <class Values, class Write>
  void add_array(std::string_view type, std::string_view name, const Values& values, Write write) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    write_list(out, values, [&](const auto& value) { write(out, value); });
    data_.push_back({std::string(type), std::string(name) + "_" + std::to_string(index),
                     "[" + std::to_string(values.size()) + "]", "{" + out.str() + "}"});
  }

  Holes holes_;
  std::vector<Constant> data_;
  std::string body_;
};

}  // namespace quench::detail::c_text

#if QUENCH_HEADER_ONLY
#include <quench/flow/c_text/step_impl.hpp>
#endif
