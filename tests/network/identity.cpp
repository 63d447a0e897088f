// SPDX-License-Identifier: Apache-2.0
#include <quench/network/identity.hpp>

#include <array>
#include <doctest/doctest.h>
#include <tuple>

#include <quench/network.hpp>
#include <quench/network/hash.hpp>

#include "network/calls.hpp"

namespace q = quench;

namespace {

constexpr bool returns_its_input() {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(3, 4, 5));
  return q::Identity{}(x).node() == x.node() && q::Dropout{}(x).node() == x.node() &&
         q::Identity{}.forward(x).node() == x.node() && q::Dropout{}.forward(x).node() == x.node() &&
         calls.recorder.node_count == 1;
}

struct IdentityPlain {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear first{.in_features = 4, .out_features = 4}, second{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(second(first(quant(x)))); }
};

// The same in the graph: called as layers and in sequences, before the stubs, between them and after them.
struct WithDropout {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Dropout dropout{0.1}, whole{1}, unused;
  q::Identity identity;
  std::array<q::Dropout, 2> both{q::Dropout{0.25}, q::Dropout{.p = 0.75f}};
  std::tuple<q::Identity, q::Linear, q::Dropout, q::Linear> classifier{
      {}, q::Linear{.in_features = 4, .out_features = 4}, {0.2f}, q::Linear{.in_features = 4, .out_features = 2}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = identity(dropout(dropout(quant(identity(x)))));
    return whole(dequant(q::sequential(classifier, q::sequential(both, x))));
  }
};

constexpr bool leaves_no_trace() {
  const q::Graph& graph = q::graph<WithDropout>;
  return q::verified<WithDropout>() && q::network_hash<WithDropout> == q::network_hash<IdentityPlain> &&
         graph.find_module("classifier.1") >= 0 && graph.find_module("classifier.3") >= 0 &&
         graph.find_module("dropout") < 0 && graph.find_module("classifier.0") < 0;
}

}  // namespace

static_assert(returns_its_input());
static_assert(leaves_no_trace());

TEST_CASE("Identity and Dropout return their input") { CHECK(returns_its_input()); }
TEST_CASE("a network with Identity and Dropout has the graph of one without, and the numbers of a sequence") {
  CHECK(leaves_no_trace());
}
