// SPDX-License-Identifier: Apache-2.0
// Symbols replace tensors while the compiler runs `forward`. Calling a layer with one writes a node of the graph.
//
// There is one `Symbol` type. The graph, not the C++ type, has a tensor's domain (image, float, quantized) and shape.
// So no mistake ends in a failed overload, and the same rules find all mistakes. `forward` runs twice: first to count,
// then to write into arrays of that size (trace.hpp). Freestanding.
#pragma once

#include <concepts>

#include <quench/network/graph.hpp>
#include <quench/network/shape_rules.hpp>

namespace quench {

/// A layer's index in the list of modules, the last member of each layer. Users cannot set it: the 0 in `Softmax{0}` is
/// no index.
struct ModuleIndex {
  int value = -1;

  constexpr ModuleIndex() = default;
  constexpr explicit ModuleIndex(int index) : value(index) {}
};

/// The source line of a call. A separate type, so that a number passed by habit, `softmax(x, 1)`, is no line.
class CallLine {
 public:
  /// The line of the call that uses this as a default argument.
  static constexpr CallLine here(int line = __builtin_LINE()) { return CallLine(line); }
  constexpr operator int() const { return line_; }  // implicit, it is a line number

 private:
  constexpr explicit CallLine(int line) : line_(line) {}
  int line_;
};

/// A layer, a stub or a FloatFunctional: it gets a name and an index among the modules of a network.
template <class T>
concept ModuleType = requires(T t) {
  { t.module_index.value } -> std::same_as<int&>;
  { T::op } -> std::convertible_to<Operator>;
};

/// Receives the calls of `forward`: first the operands of a call, then the call. Without arrays it only counts.
struct Recorder {
  Node* nodes = nullptr;
  int* operands = nullptr;
  Module* modules = nullptr;
  int node_count = 0;
  int operand_count = 0;

  constexpr void add_operand(int node) {
    if (operands != nullptr) {
      operands[operand_count] = node;
      ++nodes[node].users;
    }
    ++operand_count;
  }

  // Adds a call with the `count` operands added last. Returns the index of its node.
  constexpr int add_call(Operator op, int module, int line, const Settings& settings, int count) {
    if (nodes != nullptr) write_node(nodes[node_count], op, module, line, settings, count);
    return node_count++;
  }

 private:
  constexpr void write_node(Node& node, Operator op, int module, int line, const Settings& settings, int count);
};

/// A tensor in `forward`. Copy it, return it, or call layers with it; it has no other use.
class Symbol {
 public:
  constexpr Symbol() = default;
  constexpr Symbol(Recorder* recorder, int node) : recorder_(recorder), node_(node) {}

  /// The node of the graph that gives this tensor.
  constexpr int node() const { return node_; }

  /// Its shape, or one of rank 0 while `forward` is counted. For functions of quench only.
  constexpr Shape traced_shape() const { return recorder_->nodes == nullptr ? Shape() : recorder_->nodes[node_].shape; }

  /// Writes a call of an operator with these operands, at least one. For layers only.
  static constexpr Symbol call(Operator op, ModuleIndex module, int line, const Settings& settings,
                               std::initializer_list<Symbol> operands) {
    return call(op, module, line, settings, operands.begin(), static_cast<int>(operands.size()));
  }
  static constexpr Symbol call(Operator op, ModuleIndex module, int line, const Settings& settings,
                               const Symbol* operands, int count) {
    Recorder* recorder = operands[0].recorder_;
    for (int i = 0; i < count; ++i) recorder->add_operand(operands[i].node_);
    return {recorder, recorder->add_call(op, module.value, line, settings, count)};
  }

  /// The same with this tensor as the only operand.
  constexpr Symbol call(Operator op, ModuleIndex module, int line, const Settings& settings) const {
    return call(op, module, line, settings, {*this});
  }

 private:
  Recorder* recorder_ = nullptr;
  int node_ = -1;
};

/// The result of a comparison in `forward`, where a tensor has no values. It takes the place of a tensor and of a
/// condition, so that the comparison is the only error.
class ComparedSymbol : public Symbol {
 public:
  constexpr explicit ComparedSymbol(Symbol symbol) : Symbol(symbol) {}
  constexpr explicit operator bool() const { return false; }
};

/// A number that `forward` adds to a tensor, or multiplies by it.
template <class Number>
concept NumberBesideTensor = std::integral<Number> || std::floating_point<Number>;

namespace detail {

// A number and the line that passes it.
struct NumberAtLine {
  CallLine line;
  constexpr NumberAtLine(NumberBesideTensor auto, CallLine at = CallLine::here()) : line(at) {}  // implicit
};

// A Symbol and the line that passes it, for functions with a parameter pack at the end.
struct SymbolAtLine {
  Symbol symbol;
  int line;
  constexpr SymbolAtLine(Symbol s, CallLine at = CallLine::here()) : symbol(s), line(at) {}  // implicit
};

// One side of a comparison: a Symbol and its line, or a number.
struct ComparedAtLine {
  Symbol symbol;
  int line = 0;
  constexpr ComparedAtLine(Symbol s, CallLine at = CallLine::here()) : symbol(s), line(at) {}  // implicit
  constexpr ComparedAtLine(NumberBesideTensor auto) {}                                         // implicit
};

constexpr ComparedSymbol compare(const ComparedAtLine& a, const ComparedAtLine& b) {
  const ModuleIndex module(Node::by_comparison);
  if (a.line == 0) return ComparedSymbol(b.symbol.call(Operator::AddScalar, module, b.line, {}));
  if (b.line == 0) return ComparedSymbol(a.symbol.call(Operator::AddScalar, module, a.line, {}));
  return ComparedSymbol(Symbol::call(Operator::Add, module, a.line, {}, {a.symbol, b.symbol}));
}

constexpr Symbol call_by_operator(Operator op, const SymbolAtLine& a, Symbol b) {
  return Symbol::call(op, ModuleIndex(Node::by_operator), a.line, {}, {a.symbol, b});
}
constexpr Symbol call_by_operator(Operator op, const SymbolAtLine& x) {
  Settings settings;
  settings.parameters[0] = 1;  // in range, whatever the number is
  return x.symbol.call(op, ModuleIndex(Node::by_operator), x.line, settings);
}

// An operator that only moves or selects values keeps image codes as image codes.
constexpr bool moves_values(const Node& node) {
  return row_of(node.op).elements == Elements::Moved ||
         (node.op == Operator::Upsample && node.settings.mode == InterpolationMode::Nearest);
}

// True if the outputs are pixels or means of pixels, so that they lie between the operands' values.
constexpr bool keeps_range(const Node& node) {
  return moves_values(node) || row_of(node.op).elements == Elements::Resampled;
}

// The axes of `y` along which the channels vary, one bit each, if they vary along the axes `from` of `x`. Both shapes have
// the same elements in the same order.
constexpr unsigned channel_axes_of_view(const Shape& x, unsigned from, const Shape& y) {
  const auto stride = [](const Shape& shape, int axis) {
    int elements = 1;
    while (++axis < shape.rank) elements = saturating_product(elements, shape[axis]);
    return elements;
  };
  unsigned axes = 0;
  for (int i = 0; i < x.rank; ++i)
    for (int j = 0; j < y.rank; ++j)
      if ((from >> i & 1u) != 0 && stride(x, i) < saturating_product(stride(y, j), y[j]) &&
          stride(y, j) < saturating_product(stride(x, i), x[i]))
        axes |= 1u << j;
  return axes;
}

// The axes along which the channels of a picture vary, one bit each: the last one, until the picture is rearranged.
constexpr unsigned channel_axes(const Graph& graph, const Node& node) {
  if (node.operand_count == 0) return node.shape.channels() > 1 ? 1u << (node.shape.rank - 1) : 0;  // gray has one
  int picture = 0;
  while (picture + 1 < node.operand_count && graph.operand_node(node, picture).color == ColorFormat::None) ++picture;
  const Node& x = graph.operand_node(node, picture);
  const unsigned from = channel_axes(graph, x);
  const Settings& s = node.settings;
  const bool is_reduced = family_of(node.op) == Family::Reduction;
  if (!is_reduced && family_of(node.op) != Family::View && node.op != Operator::Permute) return from;
  Shape shape = x.shape;
  unsigned moved = 0;
  for (int i = 0; i < s.axis_count && i < max_rank; ++i) {
    if (s.axes[i] < 0 || s.axes[i] >= shape.rank) continue;  // of a reshape: an extent
    if (is_reduced) shape[s.axes[i]] = 1;
    if ((from >> s.axes[i] & 1u) != 0) moved |= 1u << i;
  }
  return node.op == Operator::Permute ? moved : channel_axes_of_view(shape, from, node.shape);
}

// A scaled, normalized, joined or resized picture is still in its colours. A layer with filters gives features, and so
// does a reduction over channels.
constexpr bool keeps_color(const Graph& graph, const Node& node) {
  if (family_of(node.op) == Family::RowNorm) return true;  // each value is of the channel that it was of
  if (family_of(node.op) != Family::Reduction) return row_of(node.op).elements != Elements::Computed;
  const unsigned channels = channel_axes(graph, graph.operand_node(node, 0));
  bool over_channels = false;
  for (int i = 0; i < node.settings.axis_count && i < max_rank; ++i)
    over_channels |=
        node.settings.axes[i] >= 0 && node.settings.axes[i] < max_rank && (channels >> node.settings.axes[i] & 1u) != 0;
  return !over_channels;
}

// The domain and the colour of a node's output. Of several colours, keeps the one that hardware does not take, so that
// it is reported.
constexpr void infer_domain(const Graph& graph, Node& node) {
  bool quantized = row_of(node.op).begins_quantized, images = true, indices = true, in_range = true;
  ColorFormat color = ColorFormat::None;
  for (int i = 0; i < node.operand_count; ++i) {
    const Node& x = graph.operand_node(node, i);
    quantized |= x.domain == Domain::Quantized || x.domain == Domain::Indices;  // refused, but for a lookup
    indices &= x.domain == Domain::Indices;
    images &= x.domain == Domain::Image;
    in_range &= x.has_image_range;
    if (x.color != ColorFormat::None && (color == ColorFormat::None || is_centered(color))) color = x.color;
  }
  if (indices && (moves_values(node) || node.op == Operator::QuantStub)) {  // both refused, and then a lookup is right
    node.domain = Domain::Indices;
  } else if (quantized) {
    node.domain = node.op == Operator::DeQuantStub ? Domain::Float : Domain::Quantized;
  } else {
    node.domain = images && moves_values(node) ? Domain::Image : Domain::Float;
    node.has_image_range = in_range && keeps_range(node);
    if (color != ColorFormat::None && keeps_color(graph, node)) node.color = color;
  }
}

}  // namespace detail

// Operators of C++ have no module with a scale. They are traced, so that their mistake has a name and a line.
// Errors   operator-has-no-scale (compile time)
constexpr Symbol operator+(detail::SymbolAtLine a, Symbol b) { return detail::call_by_operator(Operator::Add, a, b); }
constexpr Symbol operator-(detail::SymbolAtLine a, Symbol b) { return detail::call_by_operator(Operator::Sub, a, b); }
constexpr Symbol operator*(detail::SymbolAtLine a, Symbol b) { return detail::call_by_operator(Operator::Mul, a, b); }
constexpr Symbol operator/(detail::SymbolAtLine a, Symbol b) { return detail::call_by_operator(Operator::Mul, a, b); }
constexpr Symbol operator+(detail::SymbolAtLine x, NumberBesideTensor auto) {
  return detail::call_by_operator(Operator::AddScalar, x);
}
constexpr Symbol operator+(NumberBesideTensor auto, detail::SymbolAtLine x) {
  return detail::call_by_operator(Operator::AddScalar, x);
}
constexpr Symbol operator-(detail::SymbolAtLine x, NumberBesideTensor auto) {
  return detail::call_by_operator(Operator::AddScalar, x);
}
constexpr Symbol operator-(NumberBesideTensor auto, detail::SymbolAtLine x) {
  return detail::call_by_operator(Operator::AddScalar, x);
}
constexpr Symbol operator*(detail::SymbolAtLine x, NumberBesideTensor auto) {
  return detail::call_by_operator(Operator::MulScalar, x);
}
constexpr Symbol operator*(NumberBesideTensor auto, detail::SymbolAtLine x) {
  return detail::call_by_operator(Operator::MulScalar, x);
}
constexpr Symbol operator/(detail::SymbolAtLine x, NumberBesideTensor auto) {
  return detail::call_by_operator(Operator::MulScalar, x);
}
constexpr Symbol operator/(NumberBesideTensor auto, detail::SymbolAtLine x) {
  return detail::call_by_operator(Operator::MulScalar, x);
}
constexpr Symbol operator-(detail::SymbolAtLine x) { return detail::call_by_operator(Operator::MulScalar, x); }
constexpr Symbol& operator+=(Symbol& a, detail::SymbolAtLine b) {
  return a = detail::call_by_operator(Operator::Add, b, a);
}
constexpr Symbol& operator-=(Symbol& a, detail::SymbolAtLine b) {
  return a = detail::call_by_operator(Operator::Sub, b, a);
}
constexpr Symbol& operator*=(Symbol& a, detail::SymbolAtLine b) {
  return a = detail::call_by_operator(Operator::Mul, b, a);
}
constexpr Symbol& operator/=(Symbol& a, detail::SymbolAtLine b) {
  return a = detail::call_by_operator(Operator::Mul, b, a);
}
constexpr Symbol& operator+=(Symbol& x, detail::NumberAtLine number) {
  return x = detail::call_by_operator(Operator::AddScalar, {x, number.line});
}
constexpr Symbol& operator-=(Symbol& x, detail::NumberAtLine number) {
  return x = detail::call_by_operator(Operator::AddScalar, {x, number.line});
}
constexpr Symbol& operator*=(Symbol& x, detail::NumberAtLine number) {
  return x = detail::call_by_operator(Operator::MulScalar, {x, number.line});
}
constexpr Symbol& operator/=(Symbol& x, detail::NumberAtLine number) {
  return x = detail::call_by_operator(Operator::MulScalar, {x, number.line});
}

// Comparisons of tensors, and of a tensor and a number, are traced likewise.
// Errors   tensor-has-no-values (compile time)
constexpr ComparedSymbol operator<(detail::ComparedAtLine a, detail::ComparedAtLine b) { return detail::compare(a, b); }
constexpr ComparedSymbol operator>(detail::ComparedAtLine a, detail::ComparedAtLine b) { return detail::compare(a, b); }
constexpr ComparedSymbol operator<=(detail::ComparedAtLine a, detail::ComparedAtLine b) {
  return detail::compare(a, b);
}
constexpr ComparedSymbol operator>=(detail::ComparedAtLine a, detail::ComparedAtLine b) {
  return detail::compare(a, b);
}
constexpr ComparedSymbol operator==(detail::ComparedAtLine a, detail::ComparedAtLine b) {
  return detail::compare(a, b);
}
constexpr ComparedSymbol operator!=(detail::ComparedAtLine a, detail::ComparedAtLine b) {
  return detail::compare(a, b);
}

constexpr void Recorder::write_node(Node& node, Operator op, int module, int line, const Settings& settings,
                                    int count) {
  node.op = op;
  node.module = module;
  node.line = line;
  node.settings = settings;
  node.first_operand = operand_count - count;
  node.operand_count = count;
  Graph so_far;
  so_far.nodes = nodes;
  so_far.operands = operands;
  resolve_negative_axes(op, node.settings, so_far.operand_node(node, 0).shape);
  resolve_same_padding(node.op, node.settings, so_far.operand_node(node, 0).shape);
  const InferredShape inferred = infer_shape(so_far, node);
  node.shape = inferred.shape;
  node.shapes_agree = inferred.agrees;
  detail::infer_domain(so_far, node);
  if (module < 0) return;
  Module& called = modules[module];
  const bool is_first_quantized =
      node.domain == Domain::Quantized && called.calls > 0 && nodes[called.node].domain != Domain::Quantized;
  if (called.calls++ == 0 || is_first_quantized) called.node = node_count;
}

}  // namespace quench
