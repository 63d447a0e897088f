// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/description/layout.hpp>

#include <algorithm>

#include <quench/interop/description/names.hpp>
#include <quench/types/shape.hpp>

namespace quench::interop {

namespace detail {

inline constexpr std::size_t line_width = 120;

// The place of the bracket that the last character of the text closes.
inline std::size_t opening_of(std::string_view text) {
  int depth = 0;
  for (std::size_t i = text.size(); i-- > 0;) {
    if (std::string_view(")}>").find(text[i]) != std::string_view::npos) ++depth;
    if (std::string_view("({<").find(text[i]) != std::string_view::npos && --depth == 0) return i;
  }
  return 0;
}

QUENCH_INLINE std::vector<std::string> items_of(std::string_view bracketed) {
  std::vector<std::string> items;
  int depth = 0;
  std::string item;
  const std::size_t begin = opening_of(bracketed);
  for (const char c : bracketed.substr(begin + 1, bracketed.size() - begin - 2)) {
    if (std::string_view("({<").find(c) != std::string_view::npos) ++depth;
    if (std::string_view(")}>").find(c) != std::string_view::npos) --depth;
    if (c == ',' && depth == 0) {
      items.push_back(item);
      item.clear();
    } else if (c != ' ' || !item.empty()) {
      item += c;
    }
  }
  if (!item.empty()) items.push_back(item);
  return items;
}

// As many items in a line as fit, the others under the first. `after` follows the last one.
inline std::string filled(const std::string& head, const std::vector<std::string>& items, const std::string& after) {
  std::string text, line = head;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool is_last = i + 1 == items.size();
    const std::string item = items[i] + (is_last ? after : ",");
    if (line.size() > head.size() && line.size() + 1 + item.size() > line_width) {
      text += line + "\n";
      line = std::string(head.size(), ' ');
      line += item;
    } else {
      line += (i == 0 || line.size() == head.size() ? "" : " ") + item;
    }
  }
  return text + line;
}

// An initializer that does not fit in the line of its head.
inline std::string broken(const std::string& indent, const std::string& head, const std::string& initializer,
                          const std::string& after) {
  const std::vector<std::string> items = items_of(initializer);
  const std::string deeper = indent + "    ";
  std::string text = head + "{";
  if (initializer.starts_with("{.")) {
    if (deeper.size() + initializer.size() - 1 + after.size() <= line_width)
      return text + "\n" + deeper + initializer.substr(1) + after;
    const std::string under(text.size(), ' ');
    for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",\n" + under) + items[i];
    return text + "}" + after;
  }
  for (const std::string& item : items) {
    text += "\n" + deeper;
    const std::size_t brace = std::min(item.find('{'), item.size());
    if (deeper.size() + item.size() + 1 <= line_width || brace == item.size())
      text += item + ",";
    else
      text += broken(deeper, deeper + item.substr(0, brace), item.substr(brace), ",").substr(deeper.size());
  }
  return text + "\n" + indent + "}" + after;
}

QUENCH_INLINE std::string member_lines(const std::string& type, const std::string& name,
                                       const std::string& initializer) {
  const std::string head = "  " + type + " " + name;
  if (head.size() + initializer.size() + 1 <= line_width) return head + initializer + ";\n";
  if (!initializer.empty() && head.size() + 1 <= line_width) return broken("  ", head, initializer, ";") + "\n";
  const std::size_t open = std::min(type.find('<'), type.size());
  const std::string first =
      open == type.size() ? "  " + type : filled("  " + type.substr(0, open + 1), items_of(type), ">");
  const std::string second = "      " + name;
  if (second.size() + initializer.size() + 1 <= line_width) return first + "\n" + second + initializer + ";\n";
  return first + "\n" + broken("      ", second, initializer, ";") + "\n";
}

QUENCH_INLINE std::string alias_lines(const std::string& name, const std::string& type) {
  const std::string head = "  using " + name + " =", open = type.substr(0, type.find('<') + 1);
  if (head.size() + 1 + type.size() + 1 <= line_width) return head + " " + type + ";\n";
  if (6 + type.size() + 1 <= line_width) return head + "\n      " + type + ";\n";
  const std::vector<std::string> items = items_of(type);
  const std::string beside = filled(head + " " + open, items, ">;"), below = filled("      " + open, items, ">;");
  const auto breaks = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  return (breaks(beside) <= breaks(below) ? beside : head + "\n" + below) + "\n";
}

QUENCH_INLINE std::string statement_lines(const std::string& indent, const std::string& statement) {
  const std::string line = indent + statement + ";";
  if (line.size() <= line_width) return line + "\n";
  const std::size_t open = opening_of(statement);
  return filled(indent + statement.substr(0, open + 1), items_of(statement),
                statement.substr(statement.size() - 1) + ";") +
         "\n";
}

QUENCH_INLINE std::string template_lines(const std::vector<std::string>& parameters) {
  std::vector<std::string> items;
  for (const std::string& parameter : parameters) items.push_back("int " + parameter);
  return filled("template <", items, ">") + "\n";
}

/// The statements of a forward.
class ForwardWriter {
 public:
  explicit ForwardWriter(const WrittenForward& forward)
      : forward_(forward), calls_(forward.calls), taken_(forward.taken.begin(), forward.taken.end()) {
    std::size_t values = index(forward.inputs);
    for (const WrittenCall& call : calls_) values += static_cast<std::size_t>(call.outputs);
    uses_.resize(values);
    last_use_.resize(values, -1);
    expression_.resize(values);
    for (std::size_t c = 0; c < calls_.size(); ++c)
      for (const int value : calls_[c].inputs) {
        ++uses_[index(value)];
        last_use_[index(value)] = static_cast<int>(c);
      }
    for (const int value : forward.results) {
      ++uses_[index(value)];
      last_use_[index(value)] = static_cast<int>(calls_.size());
    }
  }

  std::string write() {
    const int inputs = forward_.inputs;
    const std::vector<std::string>& parameters = forward_.parameters;
    std::string head = "constexpr auto forward(";
    for (int i = 0; i < inputs; ++i) {
      const std::size_t at = index(i);
      const bool is_named = at < parameters.size();
      expression_[at] = {is_named ? parameters[at] : new_variable()};
      if (is_named) taken_.insert(parameters[at]);
      if (!is_named || parameters[at] == "x") variables_.push_back({expression_[at].text, i});
      head += (i == 0 ? "auto " : ", auto ") + expression_[at].text;
    }
    head += ") const {";
    int value = inputs;
    for (std::size_t c = 0; c < calls_.size(); ++c) {
      call(c, value);
      value += calls_[c].outputs;
    }
    std::string result;
    for (const int each : forward_.results) {
      const std::string& text = expression_[index(each)].text;
      result += result.empty() ? "" : ", ";
      result += forward_.around_results.empty() ? text : forward_.around_results + "(" + text + ")";
    }
    if (forward_.results.size() != 1) result = "std::tuple{" + result + "}";  // braces: evaluated in this order
    const std::string line = "  " + head + " return " + result + "; }";
    if (body_.empty() && line.size() <= line_width) return line + "\n";
    return "  " + head + "\n" + body_ + statement_lines("    ", "return " + result) + "  }\n";
  }

 private:
  static constexpr std::size_t longest = 100, deepest = 4;

  struct Expression {
    std::string text{};
    std::size_t depth = 0;                 // 0: a variable
    std::vector<std::string> variables{};  // that it uses
  };
  struct Variable {
    std::string name;
    int value;  // that it has
  };

  std::string new_variable() {
    static constexpr const char* names[] = {"x", "y", "z", "u", "v", "w", "a", "b", "c", "d"};
    for (const char* name : names)
      if (taken_.insert(name).second) return name;
    for (int i = 1;; ++i)
      if (std::string name = "x" + std::to_string(i); taken_.insert(name).second) return name;
  }

  Expression expression_of(const WrittenCall& call) const {
    Expression made;
    for (std::size_t i = 0; i < call.text.size(); ++i) {
      if (call.text[i] != '$') {
        made.text += call.text[i];
        continue;
      }
      std::size_t input = 0;
      for (; i + 1 < call.text.size() && is_decimal(call.text[i + 1]); ++i)
        input = input * 10 + static_cast<std::size_t>(call.text[i + 1] - '0');
      const Expression& taken = expression_[index(call.inputs.at(input))];
      made.text += taken.text;
      made.depth = std::max(made.depth, taken.depth);
      made.variables.insert(made.variables.end(), taken.variables.begin(), taken.variables.end());
      if (taken.depth == 0) made.variables.push_back(taken.text);
    }
    ++made.depth;
    return made;
  }

  void call(std::size_t c, int value) {
    const WrittenCall& call = calls_[c];
    Expression made = expression_of(call);
    if (made.text.size() > longest) {  // what it contains has a line of its own
      for (const int input : call.inputs)
        if (expression_[index(input)].depth > 0) assign(c - 1, input, Expression(expression_[index(input)]));
      made = expression_of(call);
    }
    if (call.outputs > 1) {
      std::string names;
      for (int i = 0; i < call.outputs; ++i) {
        const std::string name = new_variable();
        names += (i == 0 ? "" : ", ") + name;
        expression_[index(value + i)] = {name};
        variables_.push_back({name, value + i});
      }
      body_ += statement_lines("    ", "auto [" + names + "] = " + made.text);
      return;
    }
    const bool is_short = made.text.size() <= longest && (made.depth < deepest || c + 1 == calls_.size());
    if (is_short && is_part_of_next(c, value))
      expression_[index(value)] = std::move(made);
    else
      assign(c, value, made);
  }

  // Gives the value of call c a variable: one whose own value has no use after it, or a new one.
  void assign(std::size_t c, int value, const Expression& made) {
    for (Variable& variable : variables_) {
      const bool is_used =
          std::find(made.variables.begin(), made.variables.end(), variable.name) != made.variables.end();
      if (!is_used || last_use_[index(variable.value)] > static_cast<int>(c)) continue;
      body_ += statement_lines("    ", variable.name + " = " + made.text);
      variable.value = value;
      expression_[index(value)] = {variable.name};
      return;
    }
    const std::string name = new_variable();
    body_ += statement_lines("    ", "auto " + name + " = " + made.text);
    variables_.push_back({name, value});
    expression_[index(value)] = {name};
  }

  // The next call, or the return, uses the value once, and beside it only variables.
  bool is_part_of_next(std::size_t c, int value) const {
    if (uses_[index(value)] != 1) return false;
    if (c + 1 == calls_.size() && forward_.results.size() > 1) return false;  // or it would come after a result's call
    return last_use_[index(value)] == static_cast<int>(c) + 1;
  }

  const WrittenForward& forward_;
  const std::vector<WrittenCall>& calls_;
  std::set<std::string> taken_;
  std::vector<int> uses_, last_use_;
  std::vector<Expression> expression_;
  std::vector<Variable> variables_;
  std::string body_;
};

QUENCH_INLINE std::string forward_lines(const WrittenForward& forward) { return ForwardWriter(forward).write(); }

}  // namespace detail

}  // namespace quench::interop
