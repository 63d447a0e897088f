// SPDX-License-Identifier: Apache-2.0
#include <quench/network/trace.hpp>

#include <array>
#include <doctest/doctest.h>
#include <string>

#include <quench/network/activations.hpp>
#include <quench/network/float_functional.hpp>
#include <quench/network/parameterised.hpp>
#include <quench/network/pooling.hpp>
#include <quench/network/shape_functions.hpp>
#include <quench/network/stubs.hpp>

namespace q = quench;

namespace {

constexpr int first_line = __LINE__;
struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 9, 9>, q::Features<4>>;
  struct Block {
    q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
    q::FloatFunctional skip;
    constexpr auto forward(auto x) const { return skip.add(x, conv(x)); }  // first_line + 6
  };
  q::QuantStub quant, quant_side;
  q::Conv2d stem{.in_channels = 1, .out_channels = 2, .kernel_size = 3, .stride = 2};
  std::array<Block, 2> blocks;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image, auto side) const {
    auto x = stem(quant(image));  // first_line + 14
    for (const auto& block : blocks) x = relu(block.forward(x));
    return std::tuple(dequant(x), dequant(relu(quant_side(side))), side);
  }
};

constexpr q::Graph graph = q::graph<Net>;

constexpr const q::Node& node_of(q::TextView name) { return graph.nodes[graph.modules[graph.find_module(name)].node]; }

static_assert(graph.node_count == 14);
static_assert(graph.module_count == 9);
static_assert(graph.input_count == 2 && graph.output_count == 3);
static_assert(graph.nodes[0].domain == q::Domain::Image && graph.nodes[0].shape == q::Shape(9, 9, 1));
static_assert(graph.nodes[1].domain == q::Domain::Float && graph.nodes[1].shape == q::Shape(4));
static_assert(node_of("stem").shape == q::Shape(4, 4, 2));
static_assert(node_of("stem").line == first_line + 14);
static_assert(node_of("blocks.1.skip").line == first_line + 6);
static_assert(graph.nodes[graph.outputs[0]].shape == q::Shape(4, 4, 2));
static_assert(graph.nodes[graph.outputs[1]].shape == q::Shape(4));
static_assert(graph.outputs[2] == graph.inputs[1]);

// Tied in a chain written back to front: all four use the parameters of the first.
struct Chain {
  using Inputs = q::Inputs<q::Features<4>>;
  using Ties = q::Ties<q::Tie<"c", "d">, q::Tie<"a", "b">, q::Tie<"b", "c">>;
  q::QuantStub quant;
  q::Linear a{.in_features = 4, .out_features = 4}, b = a, c = a, d = a, alone = a;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(alone(d(c(b(a(quant(x))))))); }
};
constexpr int parameters_of(q::TextView name) {
  const q::Graph chain = q::graph<Chain>;
  return chain.modules[chain.find_module(name)].parameters_from;
}
static_assert(parameters_of("b") == parameters_of("a") && parameters_of("c") == parameters_of("a") &&
              parameters_of("d") == parameters_of("a") && parameters_of("alone") != parameters_of("a"));
static_assert(parameters_of("a") == q::graph<Chain>.find_module("a"));
static_assert(q::parameter_count(q::graph<Chain>) == 2 * 20);

// Faults: each network differs from a right one in one thing.
using One = q::Inputs<q::Features<4>>;
struct Right {
  using Inputs = One;
  constexpr auto forward(auto x) const { return q::flatten(x); }
};
struct NoInputs {
  constexpr auto forward(auto x) const { return x; }
};
struct EmptyInputs {
  using Inputs = q::Inputs<>;
  constexpr auto forward() const { return 0; }
};
struct OtherInputs {
  using Inputs = int;
  constexpr auto forward(auto x) const { return x; }
};
struct NoForward {
  using Inputs = One;
};
struct TakesTwo {
  using Inputs = One;
  constexpr auto forward(auto x, auto) const { return x; }
};
struct NotConst {
  using Inputs = One;
  constexpr auto forward(auto x) { return x; }
};
struct ReturnsNumber {
  using Inputs = One;
  constexpr auto forward(auto) const { return 1; }
};
struct ReturnsNothing {
  using Inputs = One;
  constexpr void forward(auto) const {}
};
struct ReturnsMixed {
  using Inputs = One;
  constexpr auto forward(auto x) const { return std::tuple(x, 1); }
};
struct ReturnsEmptyTuple {
  using Inputs = One;
  constexpr auto forward(auto) const { return std::tuple(); }
};
struct Constructed {
  using Inputs = One;
  constexpr Constructed() {}
  constexpr auto forward(auto x) const { return x; }
};
struct Derived : Right {};
struct HasDerived {
  using Inputs = One;
  struct Inner : q::ReLU {};
  Inner inner;
  constexpr auto forward(auto x) const { return x; }
};

static_assert(q::fault<Net> == q::NetworkFault::None);
static_assert(q::fault<Right> == q::NetworkFault::None);
static_assert(q::fault<NoInputs> == q::NetworkFault::NoInputs);
static_assert(q::fault<EmptyInputs> == q::NetworkFault::NoInputs);
static_assert(q::fault<OtherInputs> == q::NetworkFault::NoInputs);
static_assert(q::fault<NoForward> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<TakesTwo> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<NotConst> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<ReturnsNumber> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsNothing> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsMixed> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsEmptyTuple> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<Constructed> == q::NetworkFault::NotAnAggregate);
static_assert(q::fault<Derived> == q::NetworkFault::HasBaseClass);
static_assert(q::graph<NoForward>.module_count == 0);
static_assert(q::block_at_fault<Constructed> == q::TextView(""));

}  // namespace

TEST_CASE("nodes stand in the order of the calls") {
  const char* expected[] = {"Input",         "Input",      "quant",         "stem",          "blocks.0.conv",
                            "blocks.0.skip", "relu",       "blocks.1.conv", "blocks.1.skip", "relu",
                            "dequant",       "quant_side", "relu",          "dequant"};
  for (int n = 0; n < graph.node_count; ++n) {
    const q::TextView name = graph.name_of_node(graph.nodes[n]);
    CHECK(std::string(name.begin(), name.end()) == expected[n]);
    for (int i = 0; i < graph.nodes[n].operand_count; ++i) CHECK(graph.operand(graph.nodes[n], i) < n);
  }
}

TEST_CASE("operands, users and calls are counted") {
  const q::Node& stem = node_of("stem");
  const q::Node& skip = node_of("blocks.0.skip");
  CHECK(&graph.operand_node(skip, 0) == &stem);
  CHECK(&graph.operand_node(skip, 1) == &node_of("blocks.0.conv"));
  CHECK(stem.users == 2);
  CHECK(skip.users == 1);
  CHECK(graph.nodes[graph.inputs[1]].users == 2);  // quant_side, and an output
  CHECK(graph.nodes[graph.outputs[0]].users == 1);
  CHECK(graph.modules[graph.find_module("relu")].calls == 3);
  CHECK(graph.modules[graph.find_module("dequant")].calls == 2);
  CHECK(graph.modules[graph.find_module("quant")].calls == 1);
}

TEST_CASE("a chain of ties ends at one module") { CHECK(q::parameter_count(q::graph<Chain>) == 40); }
