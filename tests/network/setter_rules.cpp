// SPDX-License-Identifier: Apache-2.0
// Which rule each module follows, and what counts as an output.
#include <quench/network/setter_rules.hpp>

#include <array>
#include <doctest/doctest.h>
#include <quench/network.hpp>

namespace q = quench;
using Subject = q::SetterRule::Subject;

namespace {

struct SetterRulesBlock {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::BatchNorm2d bn{.channels = 4};
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(bn(conv(x))); }
};

struct SetterRulesNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>, q::Features<8, 8, 4>>;
  q::QuantStub image, side;
  q::Conv2d stem{.in_channels = 1, .out_channels = 4, .kernel_size = 1};
  std::array<SetterRulesBlock, 2> block;
  q::FloatFunctional skip;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Conv2d head{.in_channels = 4, .out_channels = 6, .kernel_size = 1};
  q::BatchNorm2d head_bn{.channels = 6};
  q::Linear classifier{.in_features = 64, .out_features = 3};
  q::Tanh tanh;
  q::DeQuantStub dequant;
  q::Softmax softmax;
  constexpr auto forward(auto x, auto y) const {
    auto s = skip.add(block[0].forward(stem(image(x))), block[1].forward(side(y)));
    auto p = pool(s);
    return std::tuple(softmax(dequant(classifier(q::flatten(p)))), dequant(q::permute(head_bn(head(s)), {2, 0, 1})),
                      dequant(tanh(p)));
  }
};

constexpr const q::Graph& setter_rules_graph = q::graph<SetterRulesNet>;

template <class March, std::size_t N>
struct Decided {
  std::array<q::SetterDecision, 64> of{};
  bool is_output[64]{}, takes_int16[64]{}, is_int16_output[64]{};

  constexpr explicit Decided(const q::SetterRule (&rules)[N]) {
    q::decide<March>(setter_rules_graph, rules, static_cast<int>(N), of.data(),
                     {is_output, takes_int16, is_int16_output}, [](const q::Node&) { return false; });
  }
  constexpr q::SetterDecision operator[](q::TextView name) const {
    return of[static_cast<std::size_t>(setter_rules_graph.find_module(name))];
  }
};

constexpr q::SetterRule everything{Subject::Everything, {}, {}, q::DType::Int8};
constexpr q::SetterRule high_precision{Subject::HighPrecision, {}, {}, q::DType::Int32};

constexpr bool first_match_wins() {
  const q::SetterRule rules[] = {{Subject::Name, "block.1.conv", {}, q::DType::Int16},
                                 {Subject::Name, "block.1", {}, q::DType::Int8},
                                 {Subject::Kind, {}, q::Operator::Conv2d, q::DType::Int16},
                                 everything};
  const Decided<q::march::NashE, 4> decided(rules);
  return decided["block.1.conv"].rule == 0 && decided["block.0.conv"].rule == 2 && decided["stem"].rule == 2 &&
         decided["skip"].rule == 3 && decided["tanh"].rule == 3 && decided["image"].rule == 3;
}
static_assert(first_match_wins());

constexpr bool modules_without_a_scale_follow_none() {
  const q::SetterRule rules[] = {everything};
  const Decided<q::march::NashE, 1> decided(rules);
  return decided["block.0.bn"].rule == -1 && decided["block.0.relu"].rule == -1 && decided["pool"].rule == -1 &&
         decided["dequant"].rule == -1 && decided["softmax"].rule == -1 && decided["head_bn"].rule == -1;
}
static_assert(modules_without_a_scale_follow_none());

constexpr bool outputs_are_found() {
  const q::SetterRule rules[] = {high_precision, everything};
  const Decided<q::march::NashE, 2> decided(rules);
  // Through permute and a folded batch norm; not through tanh; not what something else uses too.
  return decided["classifier"].rule == 0 && decided["head"].rule == 0 && decided["tanh"].rule == 1 &&
         decided["stem"].rule == 1 && decided["skip"].rule == 1;
}
static_assert(outputs_are_found());

constexpr q::SetterRule int16_output{Subject::Int16Output, {}, {}, q::DType::Int16};

constexpr bool other_outputs_are_int16() {
  const q::SetterRule rules[] = {high_precision, int16_output, everything};
  const Decided<q::march::NashE, 3> nash(rules);
  const Decided<q::march::Bernoulli2, 3> bernoulli(rules);
  return nash["classifier"].rule == 0 && nash["head"].rule == 0 && nash["tanh"].activation == q::DType::Int16 &&
         nash["stem"].rule == 2 && nash["skip"].rule == 2 && nash["side"].rule == 2 && bernoulli["tanh"].rule == 2 &&
         bernoulli["head"].rule == 0;
}
static_assert(other_outputs_are_int16());

// Values that reach an output through a cat, a pad, a product with a number and a ReLU; and those that stop on the way.
struct Joined {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d left{.in_channels = 2, .out_channels = 2, .kernel_size = 1}, right = left, pooled = left, inner = left,
                                                                         both = left;
  q::FloatFunctional join, sum, half;
  q::MaxPool2d pool{.kernel_size = 2};
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    auto p = pooled(x), b = both(x);
    return std::tuple(dequant(q::pad(join.cat(left(x), relu(right(x)), p), {{1, 0}, {0, 0}, {0, 0}})), dequant(pool(p)),
                      dequant(sum.add(inner(x), b)), dequant(half.mul_scalar(b, 0.5f)));
  }
};

constexpr bool values_are_followed() {
  constexpr const q::Graph& g = q::graph<Joined>;
  q::SetterDecision of[32]{};
  bool is_output[32]{}, takes_int16[32]{}, is_int16_output[32]{};
  const auto is = [&](q::TextView name, q::DType dtype) { return of[g.find_module(name)].activation == dtype; };
  const auto decide = [&](const auto& rules, int count) {
    q::decide<q::march::NashE>(g, rules, count, of, {is_output, takes_int16, is_int16_output},
                               [](const q::Node&) { return false; });
  };
  const q::SetterRule rules[] = {high_precision, int16_output, everything};
  decide(rules, 3);
  if (!is("join", q::DType::Int16) || !is("left", q::DType::Int16) || !is("right", q::DType::Int16) ||
      !is("pooled", q::DType::Int8) || !is("sum", q::DType::Int16) || !is("inner", q::DType::Int8) ||
      !is("both", q::DType::Int16) || !is("quant", q::DType::Int8))
    return false;
  // int16 operands would gain nothing for a cat of int8.
  const q::SetterRule named[] = {{Subject::Name, "join", {}, q::DType::Int8}, high_precision, int16_output, everything};
  decide(named, 4);
  return is("join", q::DType::Int8) && is("left", q::DType::Int8) && is("both", q::DType::Int16);
}
static_assert(values_are_followed());

constexpr bool an_image_stays_int8() {
  const q::SetterRule rules[] = {{Subject::Everything, {}, {}, q::DType::Int16}};
  const Decided<q::march::NashE, 1> decided(rules);
  return decided["image"].activation == q::DType::Int8 && decided["side"].activation == q::DType::Int16;
}
static_assert(an_image_stays_int8());

constexpr bool int16_goes_where_it_is_taken() {
  const q::SetterRule rules[] = {high_precision, {Subject::WhereInt16Supported, {}, {}, q::DType::Int16}, everything};
  const Decided<q::march::NashE, 3> nash(rules);
  const Decided<q::march::Bernoulli2, 3> bernoulli(rules);
  const Decided<q::march::Bayes, 3> bayes(rules);
  // The max pool after `skip` takes int8 only on Nash.
  return nash["skip"].activation == q::DType::Int8 && nash["stem"].activation == q::DType::Int16 &&
         nash["block.0.conv"].activation == q::DType::Int16 && nash["tanh"].activation == q::DType::Int16 &&
         nash["image"].activation == q::DType::Int8 && nash["side"].activation == q::DType::Int16 &&
         bernoulli["stem"].activation == q::DType::Int8 && bayes["skip"].activation == q::DType::Int16;
}
static_assert(int16_goes_where_it_is_taken());

}  // namespace

TEST_CASE("the first rule that speaks of a module decides") { CHECK(first_match_wins()); }
TEST_CASE("modules without a scale of their own follow no rule") { CHECK(modules_without_a_scale_follow_none()); }
TEST_CASE("outputs are the accumulators that feed only DeQuantStubs") { CHECK(outputs_are_found()); }
TEST_CASE("outputs without an accumulator are int16 where all users take it") { CHECK(other_outputs_are_int16()); }
TEST_CASE("the values of an output are followed to the modules that own their scales") { CHECK(values_are_followed()); }
TEST_CASE("the QuantStub of an image gives int8 under every setter") { CHECK(an_image_stays_int8()); }
TEST_CASE("int16 where supported goes where all users take it") { CHECK(int16_goes_where_it_is_taken()); }

namespace {

struct Attention {
  using Inputs = q::Inputs<q::Features<8, 16>>;
  q::QuantStub quant;
  q::Linear query{.in_features = 16, .out_features = 16}, key{.in_features = 16, .out_features = 16};
  q::FloatFunctional scores;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    return dequant(scores.matmul(query(x), q::permute(key(x), {1, 0})));
  }
};

template <class March>
constexpr int int16_operands() {
  constexpr const q::Graph& g = q::graph<Attention>;
  const q::SetterRule rules[] = {high_precision, {Subject::WhereInt16Supported, {}, {}, q::DType::Int16}, everything};
  q::SetterDecision decisions[8]{};
  bool is_output[16]{}, takes_int16[16]{}, is_int16_output[16]{};
  q::decide<March>(g, rules, 3, decisions, {is_output, takes_int16, is_int16_output},
                   [](const q::Node&) { return false; });
  return (decisions[g.find_module("query")].activation == q::DType::Int16) +
         (decisions[g.find_module("key")].activation == q::DType::Int16);
}
static_assert(int16_operands<q::march::NashE>() == 1);
static_assert(int16_operands<q::march::NashP>() == 2);
static_assert(int16_operands<q::march::Bernoulli2>() == 0);

}  // namespace

TEST_CASE("a matmul gets as many int16 operands as its march takes") {
  CHECK(int16_operands<q::march::NashE>() == 1);
  CHECK(int16_operands<q::march::NashP>() == 2);
}
