// SPDX-License-Identifier: Apache-2.0
#include <quench/network/trace.hpp>

#include <array>
#include <doctest/doctest.h>
#include <string>

#include "ground/many_members.hpp"

#include <quench/network/activations.hpp>
#include <quench/network/float_functional.hpp>
#include <quench/network/parameterised.hpp>
#include <quench/network/pooling.hpp>
#include <quench/network/shape_functions.hpp>
#include <quench/network/stubs.hpp>

namespace q = quench;

namespace {

constexpr int trace_first_line = __LINE__;
struct TraceNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 9, 9>, q::Features<4>>;
  struct Block {
    q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 1};
    q::FloatFunctional skip;
    constexpr auto forward(auto x) const { return skip.add(x, conv(x)); }  // trace_first_line + 6
  };
  q::QuantStub quant, quant_side;
  q::Conv2d stem{.in_channels = 1, .out_channels = 2, .kernel_size = 3, .stride = 2};
  std::array<Block, 2> blocks;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image, auto side) const {
    auto x = stem(quant(image));  // trace_first_line + 14
    for (const auto& block : blocks) x = relu(block.forward(x));
    return std::tuple(dequant(x), dequant(relu(quant_side(side))), side);
  }
};

constexpr q::Graph trace_graph = q::graph<TraceNet>;

constexpr const q::Node& node_of(q::TextView name) {
  return trace_graph.nodes[trace_graph.modules[trace_graph.find_module(name)].node];
}

static_assert(trace_graph.node_count == 14);
static_assert(trace_graph.module_count == 9);
static_assert(trace_graph.input_count == 2 && trace_graph.output_count == 3);
static_assert(trace_graph.nodes[0].domain == q::Domain::Image && trace_graph.nodes[0].shape == q::Shape(9, 9, 1));
static_assert(trace_graph.nodes[1].domain == q::Domain::Float && trace_graph.nodes[1].shape == q::Shape(4));
static_assert(node_of("stem").shape == q::Shape(4, 4, 2));
static_assert(node_of("stem").line == trace_first_line + 14);
static_assert(node_of("blocks.1.skip").line == trace_first_line + 6);
static_assert(trace_graph.nodes[trace_graph.outputs[0]].shape == q::Shape(4, 4, 2));
static_assert(trace_graph.nodes[trace_graph.outputs[1]].shape == q::Shape(4));
static_assert(trace_graph.outputs[2] == trace_graph.inputs[1]);

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

// Ties that are written badly, which tie-does-not-match reports: they end all the same, and touch nothing else.
struct OddTies {
  using Inputs = q::Inputs<q::Features<4>>;
  using Ties = q::Ties<q::Tie<"a", "nothing">, q::Tie<"nothing", "a">, q::Tie<"b", "b">, q::Tie<"c", "d">,
                       q::Tie<"d", "c">, q::Tie<"e", "g">, q::Tie<"f", "g">>;
  q::Linear a{.in_features = 4, .out_features = 4}, b = a, c = a, d = a, e = a, f = a, g = a;
  constexpr auto forward(auto x) const { return g(f(e(d(c(b(a(x))))))); }
};
constexpr bool odd_ties_end() {
  constexpr q::Graph odd = q::graph<OddTies>;
  const auto from = [&](int module) { return odd.modules[module].parameters_from; };
  return from(0) == 0 && from(1) == 1 && from(2) == from(3) && from(4) == from(5) && from(5) == from(6) &&
         from(3) != from(4) && parameter_count(odd) == 4 * 20;
}

// Two branches of one type that share their weights, each with its own input, meet and part again. The outputs are not
// in the order of the calls, and one tensor is two of them.
template <int Channels>
struct Siamese {
  using Inputs =
      q::Inputs<q::Image<q::color::CenteredYuv444, 8, 8>, q::Features<3>, q::Image<q::color::CenteredYuv444, 8, 8>>;
  using Ties = q::Ties<q::Tie<"branch.0.conv", "branch.1.conv">>;
  struct Branch {
    q::QuantStub quant;
    q::Conv2d conv{.in_channels = 3, .out_channels = Channels, .kernel_size = 2, .stride = 2};
    constexpr auto forward(auto x) const { return conv(quant(x)); }
  };
  Branch branch[2];
  q::FloatFunctional cat, difference;
  q::DeQuantStub dequant;
  constexpr auto forward(auto left, auto, auto right) const {
    const auto a = branch[0].forward(left), b = branch[1].forward(right);
    const auto joined = dequant(cat.cat(b, a));
    return std::tuple(dequant(difference.sub(a, b)), joined, joined, left);
  }
};
constexpr bool siamese_branches_are_traced() {
  constexpr q::Graph siamese = q::graph<Siamese<5>>;
  const auto node_of = [&](q::TextView name) -> const q::Node& {
    return siamese.nodes[siamese.modules[siamese.find_module(name)].node];
  };
  const auto feeds = [&](q::TextView name, int i, q::TextView user) {
    return &siamese.operand_node(node_of(user), i) == &node_of(name);
  };
  const q::Node* output[4]{};
  for (int i = 0; i < 4; ++i) output[i] = &siamese.nodes[siamese.outputs[i]];
  return siamese.input_count == 3 && siamese.output_count == 4 && siamese.node_count == 11 &&
         siamese.operand_count == 10 && siamese.operand(node_of("branch.0.quant"), 0) == 0 &&
         siamese.operand(node_of("branch.1.quant"), 0) == 2 && siamese.nodes[0].users == 2 &&
         siamese.nodes[1].users == 0 && siamese.nodes[2].users == 1 && feeds("branch.1.conv", 0, "cat") &&
         feeds("branch.0.conv", 1, "cat") && feeds("branch.0.conv", 0, "difference") &&
         feeds("branch.1.conv", 1, "difference") && node_of("branch.0.conv").users == 2 &&
         siamese.operand_node(*output[0], 0).op == q::Operator::Sub && output[0]->shape == q::Shape(4, 4, 5) &&
         siamese.operand_node(*output[1], 0).op == q::Operator::Cat && output[1]->shape == q::Shape(4, 4, 10) &&
         output[1] == output[2] && output[1]->users == 2 && output[3] == &siamese.nodes[0] &&
         parameter_count(siamese) == 5 * 3 * 4 + 5;
}

// What a tensor is on its way: an image while pixels are moved, float once they are computed with, quantized between
// stubs.
struct Domains {
  using Inputs = q::Inputs<q::Image<q::color::Bgr, 8, 8>>;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Upsample nearest{.scale_factor = 2}, bilinear{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::Conv2d before{.in_channels = 3, .out_channels = 3, .kernel_size = 1}, between = before, behind = before;
  q::QuantStub quant;
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    const auto moved = q::pad(q::slice(q::permute(nearest(pool(image)), {1, 0, 2}), 0, 2, 6), {{0, 0}, {0, 0}, {0, 0}});
    const auto computed = q::pad(before(moved), {{0, 0}, {0, 0}, {0, 0}});
    const auto quantized = q::slice(between(quant(computed)), 1, 0, -1);
    return std::tuple(behind(dequant(quantized)), bilinear(image), dequant(add.mul_scalar(bilinear(quantized), 2)));
  }
};
constexpr bool domains_follow_the_stubs() {
  constexpr q::Graph domains = q::graph<Domains>;
  using enum q::Domain;
  constexpr q::Domain expected[] = {Image,     Image,     Image, Image, Image, Image,     Float,     Float, Quantized,
                                    Quantized, Quantized, Float, Float, Float, Quantized, Quantized, Float};
  constexpr int resized = 13;  // bilinear(image): no codes any more, but the colours of the image
  if (domains.node_count != sizeof(expected) / sizeof(expected[0])) return false;
  for (int n = 0; n < domains.node_count; ++n) {
    const q::Node& node = domains.nodes[n];
    const bool is_bgr = node.color == q::ColorFormat::Bgr, has_no_color = node.color == q::ColorFormat::None;
    if (node.domain != expected[n] || !node.shapes_agree || !(n <= 5 || n == resized ? is_bgr : has_no_color))
      return false;
  }
  return true;
}

constexpr bool modules_have_their_operators() {
  constexpr q::Graph domains = q::graph<Domains>;
  using enum q::Operator;
  constexpr q::Operator expected[] = {MaxPool2d, Upsample,  Upsample,        Conv2d,     Conv2d,
                                      Conv2d,    QuantStub, FloatFunctional, DeQuantStub};
  for (int m = 0; m < domains.module_count; ++m)
    if (domains.modules[m].op != expected[m]) return false;
  return domains.module_count == 9;
}

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
struct InputsOfOtherTypes {
  using Inputs = q::Inputs<int>;
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
struct MadeAtRunTime {
  using Inputs = One;
  int (*number)() = nullptr;
  int called = number();
  constexpr auto forward(auto x) const { return x; }
};
struct NotConstexpr {
  using Inputs = One;
  auto forward(auto x) const { return x; }
};
struct OutOfBounds {
  using Inputs = One;
  q::ReLU relu[2];
  constexpr auto forward(auto x) const {
    for (int i = 0; i <= 2; ++i) x = relu[i](x);
    return x;
  }
};
struct ReturnsNumber {
  using Inputs = One;
  constexpr auto forward(auto) const { return 1; }
};
// What is asked of a forward before its body is looked at, of one that no class can derive from, and of a static one.
struct FinalTakesTwo final {
  using Inputs = One;
  constexpr auto forward(auto x, auto) const { return x; }
};
struct FinalRight final {
  using Inputs = One;
  constexpr auto forward(auto x) const { return x; }
};
struct StaticForward {
  using Inputs = One;
  static constexpr auto forward(auto x) { return x; }
};
struct TakesSymbol {
  using Inputs = One;
  constexpr auto forward(q::Symbol x) const { return x; }
};
struct TakesReference {
  using Inputs = One;
  constexpr auto forward(auto& x) const { return x; }
};
struct TakesNumber {
  using Inputs = One;
  constexpr auto forward(std::integral auto x) const { return x; }
};
struct ForwardIsData {
  using Inputs = One;
  int forward = 0;
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
  struct Inner : q::ReLU {};  // a layer with a name of one's own is a layer
  Inner inner;
  constexpr auto forward(auto x) const { return inner(x); }
};
struct HasDerivedBlock {
  using Inputs = One;
  struct Base {};
  struct Inner : Base {
    q::ReLU relu;
  };
  struct Outer {
    std::array<Inner, 2> inner;
  };
  Outer outer;
  constexpr auto forward(auto x) const { return x; }
};
struct HasLargeBlock {
  using Inputs = One;
  Members128 fits;
  Members129 large;
  constexpr auto forward(auto x) const { return x; }
};
struct ReturnsArray {
  using Inputs = One;
  constexpr auto forward(auto x) const { return std::array{x, x}; }
};
struct ReturnsNestedTuple {
  using Inputs = One;
  constexpr auto forward(auto x) const { return std::tuple(x, std::tuple(x, x)); }
};

// clang-format off
#define EIGHT(x) int x##0 = 0, x##1 = 0, x##2 = 0, x##3 = 0, x##4 = 0, x##5 = 0, x##6 = 0, x##7 = 0;
#define SIXTY_THREE(x) \
  EIGHT(x##0) EIGHT(x##1) EIGHT(x##2) EIGHT(x##3) EIGHT(x##4) EIGHT(x##5) EIGHT(x##6) \
  int x = 0, x##70 = 0, x##71 = 0, x##72 = 0, x##73 = 0, x##74 = 0, x##75 = 0;
// clang-format on
struct Largest {  // 128 members
  using Inputs = One;
  q::ReLU first;
  SIXTY_THREE(a) SIXTY_THREE(b) q::ReLU last;
  constexpr auto forward(auto x) const { return last(first(x)); }
};
struct TooLarge {  // and one more
  using Inputs = One;
  q::ReLU first;
  SIXTY_THREE(a) SIXTY_THREE(b) q::ReLU last, one_more;
  constexpr auto forward(auto x) const { return last(first(x)); }
};
#undef EIGHT
#undef SIXTY_THREE

static_assert(q::fault<TraceNet> == q::NetworkFault::None);
static_assert(q::fault<Right> == q::NetworkFault::None);
static_assert(q::fault<NoInputs> == q::NetworkFault::NoInputs);
static_assert(q::fault<EmptyInputs> == q::NetworkFault::NoInputs);
static_assert(q::fault<OtherInputs> == q::NetworkFault::NoInputs);
static_assert(q::fault<InputsOfOtherTypes> == q::NetworkFault::NoInputs);
static_assert(q::fault<NoForward> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<TakesTwo> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<NotConst> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<FinalTakesTwo> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<TakesReference> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<TakesNumber> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<ForwardIsData> == q::NetworkFault::ForwardDoesNotTakeTheInputs);
static_assert(q::fault<FinalRight> == q::NetworkFault::None && q::fault<StaticForward> == q::NetworkFault::None);
static_assert(q::fault<TakesSymbol> == q::NetworkFault::None);
static_assert(q::fault<MadeAtRunTime> == q::NetworkFault::DefaultIsNotConstexpr);
static_assert(q::fault<NotConstexpr> == q::NetworkFault::ForwardIsNotConstexpr);
static_assert(q::fault<OutOfBounds> == q::NetworkFault::ForwardIsNotConstexpr);
static_assert(q::call_count<Right>() == 1);
static_assert(q::fault<ReturnsNumber> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsNothing> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsArray> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsNestedTuple> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsMixed> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<ReturnsEmptyTuple> == q::NetworkFault::ForwardReturnsNoTensor);
static_assert(q::fault<Constructed> == q::NetworkFault::NotAnAggregate);
static_assert(q::fault<Derived> == q::NetworkFault::HasBaseClass);
static_assert(q::fault<HasDerived> == q::NetworkFault::None);
static_assert(q::graph<HasDerived>.find_module("inner") == 0 && q::graph<HasDerived>.modules[0].calls == 1);
static_assert(q::fault<HasDerivedBlock> == q::NetworkFault::HasBaseClass);
static_assert(q::fault<HasLargeBlock> == q::NetworkFault::MoreThan128Members);
static_assert(q::fault<TooLarge> == q::NetworkFault::MoreThan128Members);
static_assert(q::fault<Largest> == q::NetworkFault::None);
static_assert(q::graph<Largest>.find_module("last") == 1 && q::graph<Largest>.modules[1].calls == 1);
static_assert(q::graph<NoForward>.module_count == 0 && q::graph<TooLarge>.module_count == 0);
static_assert(q::block_at_fault<HasDerivedBlock> == q::TextView("outer.inner.0"));
static_assert(q::block_at_fault<HasLargeBlock> == q::TextView("large"));
static_assert(q::block_at_fault<TooLarge> == q::TextView("") && q::block_at_fault<Derived> == q::TextView(""));
static_assert(odd_ties_end());
static_assert(siamese_branches_are_traced());
static_assert(domains_follow_the_stubs());
static_assert(modules_have_their_operators());
static_assert(q::block_at_fault<Constructed> == q::TextView(""));

}  // namespace

TEST_CASE("nodes stand in the order of the calls") {
  const char* expected[] = {"Input",         "Input",      "quant",         "stem",          "blocks.0.conv",
                            "blocks.0.skip", "relu",       "blocks.1.conv", "blocks.1.skip", "relu",
                            "dequant",       "quant_side", "relu",          "dequant"};
  for (int n = 0; n < trace_graph.node_count; ++n) {
    const q::TextView name = trace_graph.name_of_node(trace_graph.nodes[n]);
    CHECK(std::string(name.begin(), name.end()) == expected[n]);
    for (int i = 0; i < trace_graph.nodes[n].operand_count; ++i)
      CHECK(trace_graph.operand(trace_graph.nodes[n], i) < n);
  }
}

TEST_CASE("operands, users and calls are counted") {
  const q::Node& stem = node_of("stem");
  const q::Node& skip = node_of("blocks.0.skip");
  CHECK(&trace_graph.operand_node(skip, 0) == &stem);
  CHECK(&trace_graph.operand_node(skip, 1) == &node_of("blocks.0.conv"));
  CHECK(stem.users == 2);
  CHECK(skip.users == 1);
  CHECK(trace_graph.nodes[trace_graph.inputs[1]].users == 2);  // quant_side, and an output
  CHECK(trace_graph.nodes[trace_graph.outputs[0]].users == 1);
  CHECK(trace_graph.modules[trace_graph.find_module("relu")].calls == 3);
  CHECK(trace_graph.modules[trace_graph.find_module("dequant")].calls == 2);
  CHECK(trace_graph.modules[trace_graph.find_module("quant")].calls == 1);
}

TEST_CASE("siamese branches are traced as they are called") { CHECK(siamese_branches_are_traced()); }
TEST_CASE("an image stays one until it is computed with, and stubs bound what is quantized") {
  CHECK(domains_follow_the_stubs());
}
TEST_CASE("modules know their operators") { CHECK(modules_have_their_operators()); }
namespace {

// Ties of a block are those of each of its objects; a tie of the network joins two of them.
struct TiedBlock {
  using Ties = q::Tie<"a", "b">;
  q::Linear a{.in_features = 4, .out_features = 4}, b{.in_features = 4, .out_features = 4};
  constexpr auto forward(auto x) const { return b(a(x)); }
};
struct TiedBlocks {
  using Inputs = q::Inputs<q::Features<4>>;
  using Ties = q::Ties<q::Tie<"first.a", "second.a">>;
  q::QuantStub quant;
  std::array<TiedBlock, 2> pair;
  TiedBlock first, second;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    for (const TiedBlock& block : pair) x = block.forward(x.node() == 0 ? quant(x) : x);
    return dequant(second.forward(first.forward(x)));
  }
};

constexpr bool ties_of_blocks_are_named() {
  const q::Graph& tied = q::graph<TiedBlocks>;
  const auto owner = [&](q::TextView name) { return tied.modules[tied.find_module(name)].parameters_from; };
  return tied.tie_count == 5 && owner("pair.0.a") == owner("pair.0.b") && owner("pair.1.a") == owner("pair.1.b") &&
         owner("pair.0.a") != owner("pair.1.a") && owner("first.a") == owner("second.b") &&
         owner("first.b") == owner("second.a");
}
static_assert(ties_of_blocks_are_named());

}  // namespace

TEST_CASE("ties of blocks are relative to the block") {
  CHECK(ties_of_blocks_are_named());
  CHECK(q::parameter_count(q::graph<TiedBlocks>) == 3 * 20);
}
TEST_CASE("ties in a circle, to nothing or from two sides end somewhere") { CHECK(odd_ties_end()); }
TEST_CASE("a chain of ties ends at one module") { CHECK(q::parameter_count(q::graph<Chain>) == 40); }
