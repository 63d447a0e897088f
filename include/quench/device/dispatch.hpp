// SPDX-License-Identifier: Apache-2.0
// From the dtypes of a step to the types of a kernel. Only kernels that a network uses are compiled. Freestanding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

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

// The combinations that the steps of an operator or of a family use in a network, each once.
template <class Net, DTypeTable DTypes, auto Which>
struct UsedTypes {
  StepTypes types[13]{};  // so many have kernels
  std::size_t count = 0;

  constexpr UsedTypes() {
    constexpr const Graph& network = graph<Net>;
    const auto& dtypes = node_dtypes<Net, DTypes>;
    for (int n = 0; n < network.node_count; ++n) {
      const Node& node = network.nodes[n];
      if (!is_one(node.op, Which) || !is_step(network, n)) continue;
      const DType a = dtypes.of[network.operand(node, 0)];
      if (node.op == Operator::Cat)  // a separate call writes each operand
        for (int i = 0; i < node.operand_count; ++i) {
          const DType from = dtypes.of[network.operand(node, i)];
          add({from, from, dtypes.of[n]});
        }
      else
        add({a, node.operand_count > 1 ? dtypes.of[network.operand(node, 1)] : a, dtypes.of[n]});
    }
  }

 private:
  constexpr void add(StepTypes used) {
    for (std::size_t i = 0; i < count; ++i)
      if (types[i] == used) return;
    if (used.have_kernels()) types[count++] = used;
  }
};
template <class Net, DTypeTable DTypes, auto Which>
inline constexpr UsedTypes<Net, DTypes, Which> used_types{};

// True if kernels exist for the dtypes of every step of a network.
template <class Net, DTypeTable DTypes>
constexpr bool has_kernels() {
  constexpr const Graph& network = graph<Net>;
  const auto& dtypes = node_dtypes<Net, DTypes>;
  for (int n = 0; n < network.node_count; ++n) {
    const Node& node = network.nodes[n];
    if (!is_step(network, n) || node.op == Operator::QuantStub) continue;
    if (dtypes.of[network.operand(node, 0)] == DType::Int32 && family_of(node.op) != Family::Move) return false;
    for (int i = 0; i < node.operand_count; ++i) {
      const StepTypes types{dtypes.of[network.operand(node, 0)], dtypes.of[network.operand(node, i)], dtypes.of[n]};
      if (!types.have_kernels()) return false;
    }
  }
  return true;
}

}  // namespace detail

/// Calls f<A, B, Y>() with the types of two operands and of the output. With one operand, A and B are the same. `Which`
/// is an operator or a family of operators. Only what the network uses is compiled.
template <class Net, DTypeTable DTypes, auto Which, class F>
constexpr void for_types(DType a, DType b, DType y, const F& f) {
  constexpr const auto& used = detail::used_types<Net, DTypes, Which>;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((detail::StepTypes{a, b, y} == used.types[I]
          ? f.template operator()<CodeOf<used.types[I].a>, CodeOf<used.types[I].b>, CodeOf<used.types[I].y>>()
          : void()),
     ...);
  }(std::make_index_sequence<used.count>{});
}

}  // namespace quench::device
