// SPDX-License-Identifier: Apache-2.0
#include <quench/network/embedding.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>
#include <quench/network/hash.hpp>

#include "network/calls.hpp"
#include "networks/embeddings.hpp"

namespace q = quench;
using q::Domain;
using q::Operator;
using q::Shape;

namespace {

constexpr bool keeps_its_settings() {
  q::Settings expected;
  expected.in_channels = 9;
  expected.out_channels = 4;
  Calls calls;
  const q::Embedding embedding{.num_embeddings = 9, .embedding_dim = 4, .module_index = q::ModuleIndex(3)};
  const q::Node& row = calls[embedding(calls.input(Shape(6)))];
  const int line = __LINE__ - 1;
  const q::Node& grid = calls[q::Embedding{9, 4, 0}(calls.input(Shape(2, 3)))];
  const q::Node& last = calls[q::Embedding{9, 4, -1}(calls.input(Shape(2)))];
  const q::Node& below = calls[q::Embedding{9, 4, -10}(calls.input(Shape(2)))];
  const q::Node& deep = calls[q::Embedding{9, 4}(calls.input(Shape(1, 1, 1, 1, 1, 1)))];
  return is_call(row, Operator::Embedding, 3, line, Shape(6, 4)) && same_settings(row.settings, expected) &&
         row.settings.axis_count == 0 && grid.shape == Shape(2, 3, 4) && grid.settings.axis_count == 1 &&
         grid.settings.axes[0] == 0 && last.settings.axes[0] == 8 && below.settings.axes[0] == -10 &&
         !deep.shapes_agree;
}

// Indices are quantized after a lookup, and stay indices where they only move.
constexpr bool has_its_domains() {
  const q::Graph graph = q::graph<embeddings::Lookups>;
  const auto domain_of = [&](q::TextView name) {
    return graph.nodes[graph.modules[graph.find_module(name)].node].domain;
  };
  return graph.nodes[0].domain == Domain::Indices && graph.nodes[1].domain == Domain::Float &&
         graph.nodes[2].domain == Domain::Indices && graph.nodes[2].shape == Shape(2, 3) &&
         domain_of("large") == Domain::Quantized && domain_of("relu") == Domain::Quantized &&
         domain_of("dequant") == Domain::Float;
}

template <int Padding>
struct Looking {
  using Inputs = q::Inputs<q::Indices<4>>;
  q::Embedding embedding{.num_embeddings = 20, .embedding_dim = 8, .padding_idx = Padding};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return dequant(embedding(words)); }
};
struct Features {
  using Inputs = q::Inputs<q::Features<4>>;
  q::Embedding embedding{.num_embeddings = 20, .embedding_dim = 8, .padding_idx = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return dequant(embedding(words)); }
};

}  // namespace

static_assert(keeps_its_settings());
static_assert(has_its_domains());
static_assert(q::verified<embeddings::TextClassifier, q::march::NashE>());
static_assert(q::verified<embeddings::Lookups, q::march::NashP>() && q::verified<embeddings::Tied>());
static_assert(q::parameter_count(q::graph<embeddings::Tied>) == 6 * 4 + 4 * 4 + 4);  // tied tables count once
static_assert(q::network_hash<Looking<1>> != q::network_hash<Looking<2>>);
static_assert(q::network_hash<Looking<1>> != q::network_hash<Features>);

TEST_CASE("an Embedding keeps its settings in its node") { CHECK(keeps_its_settings()); }
TEST_CASE("indices become quantized by a lookup, without a QuantStub") { CHECK(has_its_domains()); }
