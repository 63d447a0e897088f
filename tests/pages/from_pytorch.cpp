// SPDX-License-Identifier: Apache-2.0
// The code of network/from_pytorch.md: branches, optional layers, Dropout, and heads that only training needs.
#include <array>
#include <doctest/doctest.h>
#include <map>
#include <tuple>

#include <quench/interop/safetensors.hpp>
#include <quench/interop/state.hpp>
#include <quench/network.hpp>
#include <quench/phases/float_model.hpp>

#include "temporary_folder.hpp"

namespace {

// region skip
template <int In, int Out, int Stride>
struct Block {
  static constexpr bool has_skip = Stride == 1 && In == Out;
  quench::Conv2d conv{.in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = 1};
  quench::BatchNorm2d bn{.channels = Out};
  std::array<quench::FloatFunctional, has_skip ? 1 : 0> skip;  // one, or none

  constexpr auto forward(auto x) const {
    auto y = bn(conv(x));
    if constexpr (has_skip) y = skip[0].add(x, y);
    return y;
  }
};
// end region

// region network
struct Classifier {
  using Inputs = quench::Inputs<quench::Features<8, 8, 3>>;
  quench::QuantStub quant;
  std::tuple<Block<3, 8, 2>, Block<8, 8, 1>> blocks;
  quench::GlobalAvgPool2d pool;
  std::tuple<quench::Linear, quench::ReLU, quench::Dropout, quench::Linear> classifier{
      quench::Linear{.in_features = 8, .out_features = 16},
      {},
      {0.1},
      quench::Linear{.in_features = 16, .out_features = 5}};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto x) const {
    auto y = quench::flatten(pool(quench::sequential(blocks, quant(x))));
    return dequant(quench::sequential(classifier, y));  // classifier.0, classifier.3
  }
};
// end region
static_assert(quench::verified<Classifier>());
static_assert(quench::graph<Classifier>.find_module("classifier.3") >= 0);
static_assert(quench::graph<Classifier>.find_module("blocks.1.skip.0") >= 0);
static_assert(quench::graph<Classifier>.find_module("blocks.0.skip.0") < 0);

// region words
struct TextClassifier {
  using Inputs = quench::Inputs<quench::Indices<64>>;  // a batch is an xt::xtensor<std::int32_t, 2>, [N, 64]
  quench::Embedding embedding{.num_embeddings = 1000, .embedding_dim = 32, .padding_idx = 0};
  quench::Conv1d conv{.in_channels = 32, .out_channels = 32, .kernel_size = 5, .padding = 2};
  quench::ReLU relu;
  quench::FloatFunctional mean;
  quench::Linear classifier{.in_features = 32, .out_features = 4};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto words) const { return dequant(classifier(mean.mean(relu(conv(embedding(words))), 0))); }
};
// end region
static_assert(quench::verified<TextClassifier, quench::march::NashE>());
static_assert(std::is_same_v<decltype(quench::Batch<TextClassifier>::images),
                             xt::xtensor<std::int32_t, 2, xt::layout_type::row_major>>);

// region gate
struct Gated {
  using Inputs = quench::Inputs<quench::Features<8>>;
  quench::QuantStub quant;
  quench::Linear large{.in_features = 8, .out_features = 4}, small{.in_features = 8, .out_features = 4};
  quench::Linear gate{.in_features = 8, .out_features = 1};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return std::tuple(dequant(gate(y)), dequant(large(y)), dequant(small(y)));
  }
};
// end region
static_assert(quench::verified<Gated>());

}  // namespace

TEST_CASE("page: a state_dict with heads that the description lacks loads without them") {
  const TemporaryFolder folder;
  const auto path = folder / "net.safetensors";
  quench::FloatModel<Classifier> trained{quench::Seed{3}};
  auto arrays = quench::interop::arrays_of(trained);
  arrays["aux_head.weight"] = quench::interop::NamedArray::of<float>({1, 2}, std::array{1.0f, 2.0f});
  CHECK(arrays.count("classifier.3.weight") == 1);
  quench::interop::write_safetensors(path, arrays);

  quench::FloatModel<Classifier> model;
  CHECK_THROWS_WITH_AS(quench::interop::load(model, path), doctest::Contains("aux_head.weight"), quench::Error);
  // region load
  auto file = quench::interop::read_safetensors(path);
  std::erase_if(file, [](const auto& item) { return item.first.starts_with("aux_head."); });
  quench::interop::load_arrays(model, file);
  // end region
  CHECK(model.parameters()[0].values[0] == trained.parameters()[0].values[0]);
}

TEST_CASE("page: a choice by values happens outside of the network") {
  quench::FloatModel<Gated> model{quench::Seed{3}};
  xt::xtensor<float, 2> x = xt::ones<float>({1, 8});
  // region choose
  const auto [gate, large, small] = model.predict(x);
  const auto& y = gate(0, 0) > 0 ? large : small;
  // end region
  CHECK(y.size() == 4);
}
