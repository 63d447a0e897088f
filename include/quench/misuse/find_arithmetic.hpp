// SPDX-License-Identifier: Apache-2.0
// Finds shape-mismatch, accumulator-may-overflow, batch-norm-not-foldable and tie-does-not-match. Freestanding.
#pragma once

#include <quench/misuse/find_settings.hpp>
#include <quench/misuse/finding.hpp>
#include <quench/network/shape_rules.hpp>
#include <quench/types/dtype.hpp>

namespace quench::misuse {

namespace detail {

constexpr int greatest_common_divisor(int a, int b) {
  while (b != 0) {
    const int rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// The most pixels of a window when `windows` share an axis: those that meet at a pixel both contain it.
constexpr int largest_share(int extent, int windows) {
  if (windows < 1) return 0;
  const int whole = extent / windows, rest = extent % windows;
  if (rest == 0) return whole;
  // A window begins f / windows after a pixel. The largest f is the following; all such f occur.
  const int f = windows - greatest_common_divisor(rest, windows);
  return whole + (f + rest > windows ? 2 : 1);
}

/// The number of terms in one accumulator of the node, at most `max_elements`. 0 without an accumulator.
constexpr int accumulator_depth(const Graph& graph, const Node& node) {
  const Settings& s = node.settings;
  const int groups = s.groups > 0 ? s.groups : 1;
  if (node.operand_count == 0) return 0;
  const Shape& x = graph.operand_node(node, 0).shape;
  // In a transposed convolution, an output uses the taps with the same remainder of tap * dilation modulo the stride.
  const auto taps = [](int kernel, int stride, int dilation) {
    if (stride < 1 || dilation < 1 || kernel < 1) return 0;
    const int step = stride / greatest_common_divisor(stride, dilation);
    return (kernel - 1) / step + 1;
  };
  switch (family_of(node.op)) {
    case Family::Convolution:
      return saturating_product(saturating_product(s.kernel_size.height, s.kernel_size.width), s.in_channels / groups);
    case Family::TransposedConvolution:
      return saturating_product(saturating_product(taps(s.kernel_size.height, s.stride.height, s.dilation.height),
                                                   taps(s.kernel_size.width, s.stride.width, s.dilation.width)),
                                s.in_channels / groups);
    case Family::Linear: return s.in_channels;
    case Family::ChannelAffine: return 1;
    case Family::MatMul: return x.channels();
    case Family::RowNorm: {
      int count = 1;
      for (int i = 0; i < s.axis_count && i < max_rank; ++i)
        count = saturating_product(count, s.axes[i] > 0 ? s.axes[i] : 0);
      return count;
    }
    case Family::AveragePool: {
      if (row_of(node.op).windows == Windows::Sliding)
        return saturating_product(s.kernel_size.height, s.kernel_size.width);
      const Shape map = map_of(node.op, x);
      return map.rank == 3 ? saturating_product(largest_share(map[0], s.output_size.height),
                                                largest_share(map[1], s.output_size.width))
                           : 0;
    }
    case Family::Reduction: {
      int count = 1;
      for (int i = 0; i < s.axis_count && i < max_rank; ++i)
        if (s.axes[i] >= 0 && s.axes[i] < x.rank) count = saturating_product(count, x[s.axes[i]]);
      return count;
    }
    case Family::Input:
    case Family::QuantStub:
    case Family::DeQuantStub:
    case Family::BatchNorm:
    case Family::Clamp:
    case Family::PReLU:
    case Family::Function:
    case Family::Softmax:
    case Family::MaxPool:
    case Family::Upsample:
    case Family::Addition:
    case Family::Product:
    case Family::Comparison:
    case Family::ScalarAddition:
    case Family::ScalarProduct:
    case Family::Cat:
    case Family::Lookup:
    case Family::View:
    case Family::Move:
    case Family::Handle: break;
  }
  return 0;
}

}  // namespace detail

/// True if the sums of a node can pass int32. Terms are products of int8 codes (2^14 each), codes (2^7 or 2^15), or
/// distances of codes from their mean (2^8 or 2^16). A convolution, linear or matmul first shifts an int16 operand down (nash.md section 4), so it counts as int8.
constexpr bool may_overflow(const Graph& graph, const Node& node, DType input) {
  const bool adds_distances = family_of(node.op) == Family::RowNorm;
  const bool adds_codes = family_of(node.op) == Family::AveragePool || family_of(node.op) == Family::Reduction;
  const int bits = !adds_codes && !adds_distances ? 14 : (input == DType::Int16 ? 15 : 7) + (adds_distances ? 1 : 0);
  return (static_cast<long long>(detail::accumulator_depth(graph, node)) << bits) > max_elements;
}

namespace detail {

constexpr bool can_share_weights(const Graph& graph, int first, int second) {
  if (first < 0 || second < 0 || first == second) return false;
  const Module& a = graph.modules[first];
  const Module& b = graph.modules[second];
  if (!is_trained(a.op) || a.op != b.op) return false;
  if (a.node < 0 || b.node < 0) return true;  // find_calls.hpp reports a module that is never called
  const Node& x = graph.nodes[a.node];
  const Node& y = graph.nodes[b.node];
  return weight_shape(x) == weight_shape(y) && x.settings.groups == y.settings.groups &&
         x.settings.bias == y.settings.bias && x.settings.elementwise_affine == y.settings.elementwise_affine &&
         x.settings.epsilon == y.settings.epsilon;
}

}  // namespace detail

/// `mark` comes from `mark_shapes`. A module with a setting out of range gets no second finding here, nor does a module
/// whose operands have unknown shapes.
constexpr void find_shape_mistakes(const Graph& graph, const ShapeMark* mark, Findings& findings) {
  const auto mismatches = [&](const Node& node) {
    const ShapeMark& known = mark[&node - graph.nodes];
    return !node.shapes_agree && known.operands_known && known.settings_hold;
  };
  add_once_per_module(graph, findings, mismatches, [&](const Node& node) {
    const InferredShape inferred = infer_shape(graph, node);
    Finding finding(Mistake::ShapeMismatch, graph, node);
    finding.given = inferred.given;
    finding.needed = inferred.needed;
    return finding;
  });
}

/// `mark` comes from `mark_shapes`.
constexpr void find_accumulator_mistakes(const Graph& graph, const ShapeMark* mark, Findings& findings) {
  const auto overflows = [&](const Node& node) {
    const ShapeMark& known = mark[&node - graph.nodes];
    return node.domain == Domain::Quantized && known.operands_known && known.settings_hold &&
           may_overflow(graph, node, DType::Int8);
  };
  add_once_per_module(graph, findings, overflows, [&](const Node& node) {
    Finding finding(Mistake::AccumulatorMayOverflow, graph, node);
    finding.number = detail::accumulator_depth(graph, node);
    return finding;
  });
}

constexpr void find_batch_norm_mistakes(const Graph& graph, Findings& findings) {
  const auto is_alone = [&](const Node& node) {
    return family_of(node.op) == Family::BatchNorm && node.domain == Domain::Quantized && !is_folded(graph, node);
  };
  add_once_per_module(graph, findings, is_alone,
                      [&](const Node& node) { return Finding(Mistake::BatchNormNotFoldable, graph, node); });
}

constexpr void find_tie_mistakes(const Graph& graph, Findings& findings) {
  for (int t = 0; t < graph.tie_count; ++t) {
    const NamedTie& tie = graph.ties[t];
    if (tie.is_of_scale) continue;
    if (detail::can_share_weights(graph, graph.find_module(tie.first), graph.find_module(tie.second))) continue;
    Finding finding(Mistake::TieDoesNotMatch, tie.first);
    finding.other = tie.second;
    findings.add(finding);
  }
}

}  // namespace quench::misuse
