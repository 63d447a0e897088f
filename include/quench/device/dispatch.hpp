// SPDX-License-Identifier: Apache-2.0
// From the dtypes of a step to the types of a kernel. Only kernels that a network uses are compiled. Freestanding.
#pragma once

#include <bit>
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

// The dtype that a step computes from. A lookup only copies codes, so it computes from those of its result.
constexpr DType operand_dtype(const Graph& graph, const DType* dtypes, int n, int i) {
  const int operand = graph.operand(graph.nodes[n], i);
  return dtypes[graph.nodes[operand].domain == Domain::Indices ? n : operand];
}

// The dtypes of two operands, which are equal for one operand, and of the result.
struct StepTypes {
  DType a{}, b{}, y{};
  constexpr bool operator==(const StepTypes&) const = default;
  // The combinations that kernels may exist for: two codes to a code or to sums, and rearranged high-precision outputs.
  constexpr bool have_kernels() const {
    const auto is_code = [](DType dtype) { return dtype == DType::Int8 || dtype == DType::Int16; };
    if (a == DType::Int32) return b == DType::Int32 && y == DType::Int32;
    return is_code(a) && is_code(b) && (is_code(y) || y == DType::Int32);
  }
};

// All combinations that have kernels.
struct KernelTypes {
  StepTypes of[13]{};
  int count = 0;
  constexpr KernelTypes() {
    for (const DType a : {DType::Int8, DType::Int16, DType::Int32})
      for (const DType b : {DType::Int8, DType::Int16, DType::Int32})
        for (const DType y : {DType::Int8, DType::Int16, DType::Int32})
          if (StepTypes{a, b, y}.have_kernels()) of[count++] = {a, b, y};
  }
};
inline constexpr KernelTypes kernel_types{};
static_assert(kernel_types.count == 13);

// The combinations that the steps of a network use: for each operator, bit i stands for kernel_types.of[i].
struct UsedTypes {
  std::uint16_t of[array_size(operator_count)]{};

  constexpr unsigned operator()(Operator op) const { return of[static_cast<int>(op)]; }
  constexpr unsigned operator()(Family family) const {
    unsigned result = 0;
    for (int op = 0; op < operator_count; ++op)
      if (family_of(static_cast<Operator>(op)) == family) result |= of[op];
    return result;
  }
  constexpr void add(Operator op, StepTypes used) {
    for (int i = 0; i < kernel_types.count; ++i)
      if (kernel_types.of[i] == used) of[static_cast<int>(op)] |= static_cast<std::uint16_t>(1u << i);
  }
};
constexpr UsedTypes find_used_types(const Graph& network, const DType* dtypes) {
  UsedTypes result;
  for (int n = 0; n < network.node_count; ++n) {
    const Node& node = network.nodes[n];
    if (!is_step(network, n)) continue;
    const DType a = operand_dtype(network, dtypes, n, 0);
    if (node.op == Operator::Cat)  // a separate call writes each operand
      for (int i = 0; i < node.operand_count; ++i) {
        const DType from = dtypes[network.operand(node, i)];
        result.add(node.op, {from, from, dtypes[n]});
      }
    else
      result.add(node.op, {a, node.operand_count > 1 ? dtypes[network.operand(node, 1)] : a, dtypes[n]});
  }
  return result;
}
template <class Net, DTypeTable DTypes>
inline constexpr UsedTypes used_types = find_used_types(graph<Net>, node_dtypes<Net, DTypes>.of);

// True if kernels exist for the dtypes of every step of a network.
template <class Net, DTypeTable DTypes>
constexpr bool has_kernels() {
  constexpr const Graph& network = graph<Net>;
  const auto& dtypes = node_dtypes<Net, DTypes>;
  for (int n = 0; n < network.node_count; ++n) {
    const Node& node = network.nodes[n];
    if (!is_step(network, n) || node.op == Operator::QuantStub) continue;
    const DType a = operand_dtype(network, dtypes.of, n, 0);
    if (a == DType::Int32 && family_of(node.op) != Family::Move) return false;
    for (int i = 0; i < node.operand_count; ++i) {
      const StepTypes types{a, operand_dtype(network, dtypes.of, n, i), dtypes.of[n]};
      if (!types.have_kernels()) return false;
    }
  }
  return true;
}

}  // namespace detail

/// Calls f<A, B, Y>() with the types of two operands and of the output. With one operand, A and B are the same. Only the
/// combinations of `Used`, bits of detail::UsedTypes, are compiled.
template <unsigned Used, class F>
constexpr void for_types(DType a, DType b, DType y, const F& f) {
  if constexpr (Used != 0) {
    constexpr detail::StepTypes first = detail::kernel_types.of[std::countr_zero(Used)];
    if (detail::StepTypes{a, b, y} == first)
      f.template operator()<CodeOf<first.a>, CodeOf<first.b>, CodeOf<first.y>>();
    else
      for_types<(Used & (Used - 1))>(a, b, y, f);
  }
}

}  // namespace quench::device
