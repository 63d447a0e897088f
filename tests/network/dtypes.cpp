// SPDX-License-Identifier: Apache-2.0
#include <quench/network/dtypes.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

namespace q = quench;

namespace {

struct DtypesNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::GELU before;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d norm{.channels = 4};
  q::ReLU relu;
  q::MaxPool2d pool{.kernel_size = 2};
  q::GELU gelu;
  q::Linear head{.in_features = 64, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    return dequant(head(q::flatten(gelu(pool(relu(norm(conv(quant(before(x))))))))));
  }
};

struct Table {
  static constexpr q::DType of(int module) {
    if (module == q::graph<DtypesNet>.find_module("conv")) return q::DType::Int16;
    if (module == q::graph<DtypesNet>.find_module("head")) return q::DType::Int32;
    return q::DType::Int8;
  }
};
struct NoTable {};

constexpr q::DType dtype_of(q::TextView name) {
  constexpr q::Graph graph = q::graph<DtypesNet>;
  q::DType dtypes[graph.node_count]{};
  q::write_dtypes<Table>(graph, dtypes);
  for (int n = 0; n < graph.node_count; ++n)
    if (graph.name_of_node(graph.nodes[n]) == name) return dtypes[n];
  return q::DType::Int4;
}

constexpr bool dtypes_pass_through_what_owns_no_scale() {
  using q::DType;
  return dtype_of("Input") == DType::Float32 && dtype_of("before") == DType::Float32 &&
         dtype_of("quant") == DType::Int8 && dtype_of("conv") == DType::Int16 && dtype_of("norm") == DType::Int16 &&
         dtype_of("relu") == DType::Int16 && dtype_of("pool") == DType::Int16 && dtype_of("gelu") == DType::Int8 &&
         dtype_of("flatten") == DType::Int8 && dtype_of("head") == DType::Int32 &&
         dtype_of("dequant") == DType::Float32;
}

}  // namespace

static_assert(q::DTypeTable<Table> && q::DTypeTable<q::Int8Everywhere> && !q::DTypeTable<NoTable>);
static_assert(dtypes_pass_through_what_owns_no_scale());

TEST_CASE("dtypes pass through operators that own no scale") { CHECK(dtypes_pass_through_what_owns_no_scale()); }
