// SPDX-License-Identifier: Apache-2.0
// Steps without weights that have vector kernels on the host, int8 or int16, and moves of any integers. Operands are first
// converted to the type, and if broadcast to the shape, of the result. Other steps run the device code.
#pragma once

#include <algorithm>

#include <quench/host/aligned.hpp>
#include <quench/host/integer/broadcast.hpp>
#include <quench/host/integer/elementwise.hpp>
#include <quench/host/integer/layer_norm.hpp>
#include <quench/host/integer/lookup_avx512.hpp>
#include <quench/host/integer/pooling.hpp>
#include <quench/host/integer/prelu.hpp>
#include <quench/host/integer/rearrange.hpp>
#include <quench/host/integer/reduce.hpp>
#include <quench/host/integer/upsample.hpp>
#include <quench/execution/constants.hpp>

namespace quench::execution {

/// A step on the host, of T -> T. The samples of operands and result are contiguous.
template <class T>
class VectorStep {
 public:
  /// `operands[i]` and `y` point to the first of `samples`.
  VectorStep(const Graph& graph, int n, const device::StepConstants& constants, const T* const* operands, T* y,
             int samples)
      : graph_(graph), node_(graph.nodes[n]), c_(constants), operands_(operands), y_(y), samples_(samples) {}

  /// True if there is a vector kernel when all operands are of T.
  static bool serves(const Node& node) {
    switch (family_of(node.op)) {
      case Family::Addition:
      case Family::Product:
      case Family::Comparison:
      case Family::ScalarAddition:
      case Family::ScalarProduct:
      case Family::Clamp:
      case Family::PReLU:
      case Family::Cat:
      case Family::RowNorm:
      case Family::MaxPool:
      case Family::AveragePool:
      case Family::Reduction: return true;
      case Family::Function:
      case Family::Upsample: return std::is_same_v<T, std::int8_t>;
      case Family::Input:
      case Family::QuantStub:
      case Family::DeQuantStub:
      case Family::Convolution:
      case Family::TransposedConvolution:
      case Family::Linear:
      case Family::BatchNorm:
      case Family::ChannelAffine:
      case Family::Softmax:
      case Family::MatMul:
      case Family::Lookup:
      case Family::View:
      case Family::Move:
      case Family::Handle: break;
    }
    return false;
  }

  /// Only if `serves` is true.
  void run() const {
    switch (family_of(node_.op)) {
      case Family::Addition: return add(node_.op == Operator::Sub ? -1 : 1);
      case Family::Product: return host::mul(operand(0), operand(1), y_, size(), c_.requantization[0], c_.low, c_.high);
      case Family::Comparison: return compare();
      case Family::ScalarAddition:
        return host::add_scalar(operands_[0], y_, size(), *c_.scalar_addition, c_.low, c_.high);
      case Family::ScalarProduct:
        return c_.is_negative ? host::negate(operands_[0], y_, size(), c_.low, c_.high)
                              : host::clamp(operands_[0], y_, size(), c_.low, c_.high);
      case Family::Clamp: return host::clamp(operands_[0], y_, size(), 0, c_.high);
      case Family::PReLU:
        return host::prelu(operands_[0], y_, size(), index(node_.settings.in_channels), c_.requantization, c_.low,
                           c_.high);
      case Family::Cat: return join();
      case Family::RowNorm:
        return host::normalize_rows(node_.op, operands_[0], y_, size() / index(c_.row_norm->size), *c_.row_norm, c_.low,
                                    c_.high);
      case Family::MaxPool: return for_each_sample([this](const T* x, T* y) { host::max_pool2d(x, y, pool()); });
      case Family::AveragePool:
        return for_each_sample([this](const T* x, T* y) {
          host::avg_pool2d(x, y, pool(), {c_.requantization, c_.counts}, c_.low, c_.high);
        });
      case Family::Reduction: return reduce();
      case Family::Function: return look_up();
      case Family::Upsample: return resize();
      case Family::Input:
      case Family::QuantStub:
      case Family::DeQuantStub:
      case Family::Convolution:
      case Family::TransposedConvolution:
      case Family::Linear:
      case Family::BatchNorm:
      case Family::ChannelAffine:
      case Family::Softmax:
      case Family::MatMul:
      case Family::Lookup:
      case Family::View:
      case Family::Move:
      case Family::Handle: return;
    }
  }

 private:
  const Shape& x_shape(int i = 0) const { return graph_.operand_node(node_, i).shape; }
  std::size_t size() const { return index(node_.shape.elements()) * index(samples_); }
  kernels::Pool pool() const { return kernels::pool_of(node_, x_shape()); }

  // Memory for an operand that must be converted.
  T* room(int i) const {
    thread_local host::AlignedVector<T> rooms[2];
    host::AlignedVector<T>& memory = rooms[i];
    if (memory.size() < size()) memory.resize(size());
    return memory.data();
  }

  // An operand in the shape of the result.
  const T* operand(int i) const {
    if (x_shape(i) == node_.shape) return operands_[i];
    T* const to = room(i);
    for (int n = 0; n < samples_; ++n)
      host::broadcast(operands_[i] + index(n) * index(x_shape(i).elements()), x_shape(i), node_.shape,
                      to + index(n) * index(node_.shape.elements()));
    return to;
  }

  void add(int sign) const {
    kernels::Addition addition = *c_.addition;
    if (node_.op == Operator::AddReLU) addition.low = std::max(addition.low, 0);
    host::add(operand(0), operand(1), y_, size(), addition, sign);
  }

  void look_up() const {
    if constexpr (std::is_same_v<T, std::int8_t>) {
      host::lookup(operands_[0], y_, size(), c_.int8_table);
      hold();
    }
  }

  void resize() const {
    if constexpr (std::is_same_v<T, std::int8_t>)
      for_each_sample([this](const T* x, T* y) {
        const kernels::Resize sizes = kernels::resize_of(node_.settings, x_shape());
        if (node_.settings.mode == InterpolationMode::Nearest)
          host::upsample_nearest(x, sizes, y);
        else
          host::upsample_bilinear(x, sizes, y);
      });
  }

  void compare() const {
    const T* x[] = {operand(0), operand(1)};
    for (int i = 0; i < 2; ++i)
      if (c_.requantization != nullptr && !(c_.requantization[i] == kernels::same_scale)) {
        T* const to = room(i);
        host::requantize(x[i], to, size(), c_.requantization[i]);
        x[i] = to;
      }
    host::compare(x[0], x[1], y_, size(), node_.op == Operator::Maximum);
    hold();
  }

  void reduce() const {
    kernels::Reduction reduction{.x = x_shape(), .requantization = c_.requantization[0]};
    for (int i = 0; i < node_.settings.axis_count; ++i) reduction.is_reduced[node_.settings.axes[i]] = true;
    for_each_sample([&](const T* x, T* y) { host::reduce(x, y, reduction, c_.low, c_.high); });
  }

  // A row is what one operand gives before the next one does. Short rows are converted all at once, then copied.
  void join() const {
    const std::size_t row = index(cat_run(node_, node_.shape)), rows = size() / row;
    std::size_t begin = 0;
    for (int i = 0; i < node_.operand_count; ++i) {
      const std::size_t width = index(cat_run(node_, x_shape(i)));
      const Requantization record = c_.requantization != nullptr ? c_.requantization[i] : kernels::same_scale;
      const T* from = operands_[i];
      if (width >= 1024) {
        for (std::size_t at = 0; at < rows; ++at)
          host::requantize(from + at * width, y_ + at * row + begin, width, record);
      } else {
        if (!(record == kernels::same_scale)) {
          host::requantize(from, room(0), rows * width, record);
          from = room(0);
        }
        host::copy_rows(from, width, y_ + begin, row, rows, width);
      }
      begin += width;
    }
    hold();
  }

  // The clamp of a fused ReLU after loops without one.
  void hold() const {
    if (c_.low != INT32_MIN || c_.high != INT32_MAX) host::clamp(y_, y_, size(), c_.low, c_.high);
  }

  template <class F>
  void for_each_sample(F f) const {
    for (int i = 0; i < samples_; ++i)
      f(operands_[0] + index(i) * index(x_shape().elements()), y_ + index(i) * index(node_.shape.elements()));
  }

  const Graph& graph_;
  const Node& node_;
  const device::StepConstants& c_;
  const T* const* operands_;
  T* y_;
  int samples_;
};

/// Runs a permute, slice or pad of some samples, of any integers.
template <class T>
void move_values(const Graph& graph, int n, int samples, const T* x, T* y) {
  const Node& node = graph.nodes[n];
  const Settings& s = node.settings;
  const Shape& x_shape = graph.operand_node(node, 0).shape;
  for (; samples > 0; --samples, x += x_shape.elements(), y += node.shape.elements()) {
    if (node.op == Operator::Permute)
      host::permute(x, x_shape, s.axes, y);
    else if (node.op == Operator::Slice)
      host::slice(x, x_shape, s.axes[0], s.begin[0], s.end[0], y);
    else
      host::pad(x, x_shape, s.begin, s.end, y);
  }
}

/// Runs an Embedding of some samples. The codes are of int8 or int16.
template <class T>
void look_rows_up(const Graph& graph, int n, const device::StepConstants& c, int samples, const std::int32_t* indices,
                  T* y) {
  const Settings& s = graph.nodes[n].settings;
  const int count = samples * graph.operand_node(graph.nodes[n], 0).shape.elements();
  host::embedding(indices, c.table<T>(), y, count, s.in_channels, s.out_channels);
  const std::size_t size = static_cast<std::size_t>(count) * static_cast<std::size_t>(s.out_channels);
  if (c.low != INT32_MIN || c.high != INT32_MAX) host::clamp(y, y, size, c.low, c.high);  // a fused ReLU
}

}  // namespace quench::execution
