// SPDX-License-Identifier: Apache-2.0
// From the dtypes of a step to the types of a kernel. Only kernels that a network uses are compiled. Freestanding.
#pragma once

#include <cstdint>
#include <type_traits>

#include <quench/device/fusion.hpp>
#include <quench/network/dtypes.hpp>
#include <quench/network/trace.hpp>

namespace quench::device {

template <DType Dtype>
using CodeOf = std::conditional_t<Dtype == DType::Int16, std::int16_t,
                                  std::conditional_t<Dtype == DType::Int32, std::int32_t, std::int8_t>>;

namespace detail {

template <class Net, DTypeTable DTypes>
struct NodeDTypes {
  DType of[array_size(graph<Net>.node_count)]{};
  constexpr NodeDTypes() { write_dtypes<DTypes>(graph<Net>, of); }
};

}  // namespace detail

/// The dtypes of a network's nodes as a constant.
template <class Net, DTypeTable DTypes>
inline constexpr detail::NodeDTypes<Net, DTypes> node_dtypes{};

namespace detail {

constexpr bool is_one(Operator op, Operator other) { return op == other; }
constexpr bool is_one(Operator op, Family family) { return family_of(op) == family; }

// True if a step of this operator or family takes dtypes A and B (equal for one operand) and gives Y.
template <class Net, DTypeTable DTypes>
constexpr bool is_used(auto which, DType a, DType b, DType y) {
  constexpr const Graph& network = graph<Net>;
  const auto& dtypes = node_dtypes<Net, DTypes>;
  for (int n = 0; n < network.node_count; ++n) {
    const Node& node = network.nodes[n];
    if (!is_one(node.op, which) || !is_step(network, n) || dtypes.of[n] != y) continue;
    if (node.op == Operator::Cat) {  // a separate call writes each operand
      for (int i = 0; i < node.operand_count; ++i)
        if (dtypes.of[network.operand(node, i)] == a && a == b) return true;
      continue;
    }
    const DType second =
        node.operand_count > 1 ? dtypes.of[network.operand(node, 1)] : dtypes.of[network.operand(node, 0)];
    if (dtypes.of[network.operand(node, 0)] == a && second == b) return true;
  }
  return false;
}

// The combinations that `for_types` tries.
constexpr bool is_tried(DType a, DType b, DType y) {
  const auto is_code = [](DType dtype) { return dtype == DType::Int8 || dtype == DType::Int16; };
  if (a == DType::Int32) return b == DType::Int32 && y == DType::Int32;
  return is_code(a) && is_code(b) && (is_code(y) || y == DType::Int32);
}

// True if kernels exist for the dtypes of every step of a network.
template <class Net, DTypeTable DTypes>
constexpr bool has_kernels() {
  constexpr const Graph& network = graph<Net>;
  const auto& dtypes = node_dtypes<Net, DTypes>;
  for (int n = 0; n < network.node_count; ++n) {
    const Node& node = network.nodes[n];
    if (!is_step(network, n) || node.op == Operator::QuantStub) continue;
    if (dtypes.of[network.operand(node, 0)] == DType::Int32 && family_of(node.op) != Family::Move) return false;
    for (int i = 0; i < node.operand_count; ++i)
      if (!is_tried(dtypes.of[network.operand(node, 0)], dtypes.of[network.operand(node, i)], dtypes.of[n]))
        return false;
  }
  return true;
}

}  // namespace detail

/// Calls f<A, B, Y>() with the types of two operands and of the output. With one operand, A and B are the same. `Which`
/// is an operator or a family of operators.
template <class Net, DTypeTable DTypes, auto Which, class F>
constexpr void for_types(DType a, DType b, DType y, const F& f) {
  const auto try_one = [&]<DType A, DType B, DType Y>() {
    if constexpr (detail::is_used<Net, DTypes>(Which, A, B, Y))
      if (a == A && b == B && y == Y) f.template operator()<CodeOf<A>, CodeOf<B>, CodeOf<Y>>();
  };
  const auto try_outputs = [&]<DType A, DType B>() {
    try_one.template operator()<A, B, DType::Int8>();
    try_one.template operator()<A, B, DType::Int16>();
    try_one.template operator()<A, B, DType::Int32>();
  };
  try_outputs.template operator()<DType::Int8, DType::Int8>();
  try_outputs.template operator()<DType::Int8, DType::Int16>();
  try_outputs.template operator()<DType::Int16, DType::Int8>();
  try_outputs.template operator()<DType::Int16, DType::Int16>();
  try_one.template operator()<DType::Int32, DType::Int32, DType::Int32>();  // rearranged high-precision outputs
}

}  // namespace quench::device
