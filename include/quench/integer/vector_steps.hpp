// SPDX-License-Identifier: Apache-2.0
// Steps without weights that have vector kernels on the host: those whose operands have the type of the result, int8 or
// int16. Everything else runs what a device runs.
#pragma once

#include <quench/host/elementwise.hpp>
#include <quench/host/integer_pooling.hpp>
#include <quench/integer/constants.hpp>

namespace quench::detail {

/// A step on the host, of T -> T. Operands and result lie one sample behind the other.
template <class T>
class VectorStep {
 public:
  /// `operands[i]`, `y`: the first of `samples`.
  VectorStep(const Graph& graph, int n, const nash::StepConstants& constants, const T* const* operands, T* y,
             int samples)
      : graph_(graph), node_(graph.nodes[n]), c_(constants), operands_(operands), y_(y), samples_(samples) {}

  /// Runs it; false if there is no vector kernel.
  bool run() const {
    switch (node_.op) {
      case Operator::Add:
      case Operator::AddReLU: return is_one_shape() && add(1);
      case Operator::Sub: return is_one_shape() && add(-1);
      case Operator::Mul:
        if (!is_one_shape()) return false;
        host::mul(operands_[0], operands_[1], y_, size(), c_.requantization[0], c_.low, c_.high);
        return true;
      case Operator::Maximum:
      case Operator::Minimum: return is_one_shape() && compare();
      case Operator::AddScalar:
        host::add_scalar(operands_[0], y_, size(), *c_.scalar_addition, c_.low, c_.high);
        return true;
      case Operator::ReLU:
      case Operator::ReLU6: host::clamp(operands_[0], y_, size(), 0, c_.high); return true;
      case Operator::Cat: return join();
      case Operator::MaxPool2d:
        for_each_sample([this](const T* x, T* y) { host::max_pool2d(x, y, pool()); });
        return true;
      case Operator::AvgPool2d: for_each_sample([this](const T* x, T* y) { average(x, y, pool()); }); return true;
      case Operator::GlobalAvgPool2d:
        for_each_sample([this](const T* x, T* y) {
          average(x, y, {x_shape(), Shape(1, 1, x_shape()[2]), {.kernel_size = {x_shape()[0], x_shape()[1]}}});
        });
        return true;
      default: return false;
    }
  }

 private:
  const Shape& x_shape(int i = 0) const { return graph_.operand_node(node_, i).shape; }
  std::size_t size() const { return index(node_.shape.elements()) * index(samples_); }
  bool is_one_shape() const { return x_shape(0) == node_.shape && x_shape(1) == node_.shape; }
  kernels::Pool pool() const { return {x_shape(), node_.shape, nash::detail::window_of(node_.settings)}; }

  bool add(int sign) const {
    kernels::Addition addition = *c_.addition;
    if (node_.op == Operator::AddReLU) addition.low = std::max(addition.low, 0);
    host::add(operands_[0], operands_[1], y_, size(), addition, sign);
    return true;
  }

  // At two scales operands would be rescaled first.
  bool compare() const {
    if (c_.requantization != nullptr &&
        !(c_.requantization[0] == kernels::same_scale && c_.requantization[1] == kernels::same_scale))
      return false;
    host::compare(operands_[0], operands_[1], y_, size(), node_.op == Operator::Maximum);
    if (c_.low != INT32_MIN || c_.high != INT32_MAX) host::clamp(y_, y_, size(), c_.low, c_.high);
    return true;
  }

  // Along the last axis.
  bool join() const {
    const int last = node_.shape.rank - 1;
    const std::size_t row = index(node_.shape[last]);
    std::size_t begin = 0;
    for (int i = 0; i < node_.operand_count; ++i) {
      const std::size_t width = index(x_shape(i)[last]);
      const Requantization record = c_.requantization != nullptr ? c_.requantization[i] : kernels::same_scale;
      for (std::size_t at = 0; at < size() / row; ++at)
        host::requantize(operands_[i] + at * width, y_ + at * row + begin, width, record);
      begin += width;
    }
    return true;
  }

  void average(const T* x, T* y, const kernels::Pool& pool) const {
    host::avg_pool2d(x, y, pool, c_.requantization[0], c_.low, c_.high);
  }

  template <class F>
  void for_each_sample(F f) const {
    for (int i = 0; i < samples_; ++i)
      f(operands_[0] + index(i) * index(x_shape().elements()), y_ + index(i) * index(node_.shape.elements()));
  }

  const Graph& graph_;
  const Node& node_;
  const nash::StepConstants& c_;
  const T* const* operands_;
  T* y_;
  int samples_;
};

}  // namespace quench::detail
