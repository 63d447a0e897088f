// SPDX-License-Identifier: Apache-2.0
// The convs, transposed convs, linears, channel affines and matmuls of a network on the host, and the kernels of host/ that run them.
#pragma once

#include <utility>
#include <variant>

#include <quench/host/int8/linear.hpp>
#include <quench/host/integer/channel_affine.hpp>
#include <quench/host/integer/conv_transpose2d.hpp>
#include <quench/host/integer/matmul.hpp>
#include <quench/execution/constants.hpp>

namespace quench {

/// A layer whose weights are packed for the vector kernels of this CPU.
class PackedLayer {
 public:
  /// True if this class can run a node.
  static bool serves(const Node& node) { return has_integer_weights(node.op); }

  /// `x_dtype`: int8 or int16.
  PackedLayer(const Graph& graph, int n, DType x_dtype, const device::StepConstants& c)
      : is_int16_(x_dtype == DType::Int16), shift_(c.x_shift) {
    const Node& node = graph.nodes[n];
    if (node.op == Operator::ChannelAffine) {
      const int channels = node.settings.in_channels;
      packed_ = host::PackedChannelAffine(node.shape.elements() / channels, channels, c.weight, output(c));
      return;
    }
    const kernels::Convolution conv = convolution(graph, node);
    const int depth = conv.x[2] / conv.groups, filters = conv.y[2] / conv.groups;
    const bool has_small_groups = conv.groups > 1 && depth <= 2 && depth * filters <= 4 && depth * filters > 1;
    const bool is_transposed = family_of(node.op) == Family::TransposedConvolution;
    if (is_transposed && is_int16_)
      packed_ = host::PackedConvTranspose2d<host::PackedInt16Conv2d>(conv, c.weight, output(c));
    else if (is_transposed)
      packed_ = host::PackedConvTranspose2d<host::PackedConv2d>(conv, c.weight, output(c));
    else if (is_int16_ || has_small_groups)
      packed_ = host::PackedInt16Conv2d(conv, c.weight, output(c));
    else
      packed_ = host::PackedConv2d(conv, c.weight, output(c));
  }

  /// True if other constants have the same shift, so that `repack` is enough.
  bool fits(const device::StepConstants& c) const { return c.x_shift == shift_; }
  /// Takes other weights and records of the same layer.
  void repack(const device::StepConstants& c) {
    std::visit([&](auto& packed) { packed.repack(c.weight, output(c)); }, packed_);
  }

  template <class Y>
  void run(int samples, const void* x, Y* y) const {
    visit(x, [&](const auto& packed, const auto* codes) { packed.run(samples, codes, y); });
  }
  /// Computes one of `parts` parts, which threads may share.
  template <class Y>
  void run_part(int samples, int part, int parts, const void* x, Y* y) const {
    visit(x, [&](const auto& packed, const auto* codes) { packed.run_part(samples, part, parts, codes, y); });
  }
  /// How many parts have enough work for a thread.
  int parts() const {
    return std::visit([](const auto& packed) { return packed.parts(); }, packed_);
  }
  /// The int32 accumulators, including the bias, without a clamp.
  void run_sums(int samples, const void* x, std::int32_t* y) const {
    visit(x, [&](const auto& packed, const auto* codes) { packed.run_sums(samples, codes, y); });
  }

 private:
  static kernels::OutputChannels output(const device::StepConstants& c) {
    return {c.bias, c.requantization, c.low, c.high};
  }

  kernels::Convolution convolution(const Graph& graph, const Node& node) const {
    const Settings& s = node.settings;
    const Shape& x = graph.operand_node(node, 0).shape;
    if (node.op == Operator::Linear) {
      const int rows = x.elements() / s.in_channels;
      return {Shape(1, rows, s.in_channels), Shape(1, rows, s.out_channels), {}, 1, shift_};
    }
    return kernels::convolution_of(node, x, shift_);
  }

  template <class F>
  void visit(const void* x, const F& f) const {
    using Int16Conv2d = host::PackedInt16Conv2d;
    const auto* int8 = static_cast<const std::int8_t*>(x);
    const auto* int16 = static_cast<const std::int16_t*>(x);
    if (const auto* conv = std::get_if<host::PackedConv2d>(&packed_)) return f(*conv, int8);
    if (const auto* conv = std::get_if<Int16Conv2d>(&packed_)) return is_int16_ ? f(*conv, int16) : f(*conv, int8);
    if (const auto* affine = std::get_if<host::PackedChannelAffine>(&packed_))
      return is_int16_ ? f(*affine, int16) : f(*affine, int8);
    if (const auto* conv = std::get_if<host::PackedConvTranspose2d<Int16Conv2d>>(&packed_)) return f(*conv, int16);
    f(std::get<host::PackedConvTranspose2d<host::PackedConv2d>>(packed_), int8);
  }

  std::variant<host::PackedConv2d, host::PackedInt16Conv2d, host::PackedConvTranspose2d<host::PackedConv2d>,
               host::PackedConvTranspose2d<host::PackedInt16Conv2d>, host::PackedChannelAffine>
      packed_;
  bool is_int16_;
  int shift_;
};

namespace execution {

/// A matmul of some samples. Samples are a further axis of matrices.
template <class A, class B, class Y>
void multiply_matrices(const Graph& graph, int n, const device::StepConstants& c, int samples, const A* a, const B* b,
                       Y* y) {
  const Node& node = graph.nodes[n];
  const Shape &left = graph.operand_node(node, 0).shape, &right = graph.operand_node(node, 1).shape;
  kernels::MatrixProduct product;
  product.rows = left[left.rank - 2];
  product.depth = left[left.rank - 1];
  product.columns = right[right.rank - 1];
  product.batch = samples * (node.shape.elements() / (product.rows * product.columns));
  if constexpr (!std::is_same_v<Y, std::int32_t>) product.requantization = c.requantization[0];
  host::matmul(a, b, y, product, c.low, c.high);
}

}  // namespace execution
}  // namespace quench
