// SPDX-License-Identifier: Apache-2.0
// Steps whose function is a table on the host: softmax, and int16 functions of enough values to pay for 2^16 entries.
#pragma once

#include <variant>

#include <quench/execution/constants.hpp>
#include <quench/host/integer/lookup.hpp>
#include <quench/host/integer/softmax.hpp>

namespace quench {

/// A step that reads its results from a table.
class TabledStep {
 public:
  /// True if this class can run a node. `x_dtype` is the dtype of its operand.
  static bool serves(const Node& node, DType x_dtype) {
    const bool is_large = node.shape.elements() >= 4096;
    if (node.op == Operator::Softmax) return x_dtype == DType::Int8 || is_large;
    return family_of(node.op) == Family::Function && x_dtype == DType::Int16 && is_large;
  }

  TabledStep(const Node& node, DType x_dtype, const device::StepConstants& c)
      : size_(index(node.shape.elements())),
        row_(index(node.shape[node.shape.rank - 1])),
        is_int8_(x_dtype == DType::Int8) {
    if (node.op == Operator::Softmax) table_ = host::TabledSoftmax(is_int8_ ? 1 << 8 : 1 << 16);
    set(c);
  }

  void set(const device::StepConstants& c) {
    if (auto* const softmax = std::get_if<host::TabledSoftmax>(&table_))
      softmax->set(*c.softmax);
    else
      std::get<host::TabledFunction>(table_).set(*c.piecewise, c.low, c.high);
  }

  template <class Y>
  void run(int samples, const void* x, Y* y) const {
    const auto* int8 = static_cast<const std::int8_t*>(x);
    const auto* int16 = static_cast<const std::int16_t*>(x);
    const std::size_t count = size_ * index(samples);
    const auto* const softmax = std::get_if<host::TabledSoftmax>(&table_);
    if (softmax == nullptr)
      std::get<host::TabledFunction>(table_).run(int16, y, count);
    else if (is_int8_)
      softmax->run(int8, y, count / row_, row_);
    else
      softmax->run(int16, y, count / row_, row_);
  }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  std::size_t size_, row_;
  bool is_int8_;
  std::variant<host::TabledFunction, host::TabledSoftmax> table_;
};

}  // namespace quench
