// SPDX-License-Identifier: Apache-2.0
// Each element of a parameter stands in PyTorch's layout where its filter, its channel and its tap say.
#include <quench/interop/torch_layout.hpp>

#include <doctest/doctest.h>

#include <numeric>

#include <quench/network.hpp>

#include "networks/embeddings.hpp"

namespace q = quench;
using namespace quench::interop::detail;

namespace {

using Shape = std::vector<std::size_t>;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 6>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 6, .kernel_size = {2, 3}};
  q::BatchNorm2d norm{.channels = 6};
  q::Conv2d groups{.in_channels = 6, .out_channels = 4, .kernel_size = {3, 1}, .groups = 2};
  q::ConvTranspose2d up{.in_channels = 4, .out_channels = 6, .kernel_size = {2, 3}, .groups = 2};
  q::Linear head{.in_features = 6 * 6 * 6, .out_features = 5};
  q::Linear last{.in_features = 5, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    return dequant(last(head(q::flatten(up(groups(norm(conv(quant(image)))))))));
  }
};

// Norms of a map, of its channels, of tokens, and of a flattened map.
struct Norms {
  using Inputs = q::Inputs<q::Features<3, 2, 4>>;
  q::QuantStub quant;
  q::LayerNorm map{.normalized_shape = {3, 2, 4}}, channels{.normalized_shape = 4}, flat{.normalized_shape = 24};
  q::LayerNorm tokens{.normalized_shape = {6, 4}};
  q::RMSNorm token{.normalized_shape = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = channels(map(quant(x)));
    return std::tuple(dequant(flat(q::flatten(v))), dequant(token(tokens(q::reshape(v, {6, 4})))));
  }
};

// A norm of the rows of a map is none of PyTorch's map, whose rows have other values.
struct NormOfPart {
  using Inputs = q::Inputs<q::Features<3, 2, 4>>;
  q::QuantStub quant;
  q::LayerNorm norm{.normalized_shape = {2, 4}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(norm(quant(x))); }
};

struct FlatWords {
  using Inputs = q::Inputs<q::Indices<4>>;
  q::Embedding embedding{.num_embeddings = 5, .embedding_dim = 3};
  q::Linear head{.in_features = 12, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto words) const { return dequant(head(q::flatten(embedding(words)))); }
};

struct SequenceLayers {
  using Inputs = q::Inputs<q::Features<9, 4>>;
  q::QuantStub quant;
  q::Conv1d conv{.in_channels = 4, .out_channels = 6, .kernel_size = 5};
  q::ConvTranspose1d up{.in_channels = 6, .out_channels = 4, .kernel_size = 3, .groups = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(up(conv(quant(x)))); }
};

template <class N = Net>
int layer(q::TextView name) {
  for (int m = 0; m < q::graph<N>.module_count; ++m)
    if (q::graph<N>.modules[m].name == name) return q::graph<N>.modules[m].node;
  return -1;
}

template <class N = Net>
TorchLayout layout_of(q::TextView name) {
  return torch_layout_of_weight(q::graph<N>, TorchOrders(q::graph<N>), layer<N>(name));
}

}  // namespace

TEST_CASE("the filters of a convolution have their channels first in PyTorch") {
  struct Case {
    q::TextView name;
    std::size_t filters, height, width, depth;
  };
  for (const auto& [name, filters, height, width, depth] : {Case{"conv", 6, 2, 3, 3}, {"groups", 4, 3, 1, 3}}) {
    const TorchLayout layout = layout_of(name);
    CHECK(layout.shape == Shape{filters, depth, height, width});
    Shape expected;
    for (std::size_t k = 0; k < filters; ++k)
      for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x)
          for (std::size_t d = 0; d < depth; ++d) expected.push_back(((k * depth + d) * height + y) * width + x);
    CHECK(layout.index == expected);
  }
}

TEST_CASE("a transposed convolution has the channels of its input before its filters in PyTorch") {
  const std::size_t filters = 3, height = 2, width = 3, depth = 2;  // of each of two groups
  const TorchLayout layout = layout_of("up");
  CHECK(layout.shape == Shape{4, filters, height, width});
  Shape expected;
  for (std::size_t k = 0; k < 6; ++k)
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t d = 0; d < depth; ++d) {
          const std::size_t channel = k / filters * depth + d;
          expected.push_back(((channel * filters + k % filters) * height + y) * width + x);
        }
  CHECK(layout.index == expected);
}

TEST_CASE("the weights of 1-d convolutions have three axes in PyTorch, with the taps last") {
  Shape conv, up;
  for (std::size_t k = 0; k < 6; ++k)
    for (std::size_t tap = 0; tap < 5; ++tap)
      for (std::size_t d = 0; d < 4; ++d) conv.push_back((k * 4 + d) * 5 + tap);
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t tap = 0; tap < 3; ++tap)
      for (std::size_t d = 0; d < 3; ++d) up.push_back(((k / 2 * 3 + d) * 2 + k % 2) * 3 + tap);
  CHECK(layout_of<SequenceLayers>("conv").shape == Shape{6, 4, 5});
  CHECK(layout_of<SequenceLayers>("conv").index == conv);
  CHECK(layout_of<SequenceLayers>("up").shape == Shape{6, 2, 3});
  CHECK(layout_of<SequenceLayers>("up").index == up);
}

TEST_CASE("a linear layer after a flatten has the columns of a map with channels first in PyTorch") {
  const std::size_t height = 6, width = 6, channels = 6;
  const TorchLayout layout = layout_of("head");
  CHECK(layout.shape == Shape{5, channels * height * width});
  Shape expected;
  for (std::size_t row = 0; row < 5; ++row)
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < channels; ++c)
          expected.push_back(row * channels * height * width + (c * height + y) * width + x);
  CHECK(layout.index == expected);
  CHECK(layout_of("last").shape == Shape{2, 5});
  CHECK(layout_of("last").index == Shape{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("what there is one of for each feature has one axis") {
  for (const TorchLayout& layout :
       {layout_of("norm"), torch_layout_of_features(TorchOrders(q::graph<Net>), layer("conv"))}) {
    CHECK(layout.shape == Shape{6});
    CHECK(layout.index == Shape{0, 1, 2, 3, 4, 5});
  }
}

TEST_CASE("a norm of a whole map has the channels first in PyTorch, other norms of rows their own axes") {
  Shape in_order(24), of_map;
  std::iota(in_order.begin(), in_order.end(), std::size_t{0});
  for (std::size_t pixel = 0; pixel < 6; ++pixel)
    for (std::size_t c = 0; c < 4; ++c) of_map.push_back(c * 6 + pixel);
  CHECK(layout_of<Norms>("map").shape == Shape{4, 3, 2});
  CHECK(layout_of<Norms>("map").index == of_map);
  CHECK(layout_of<Norms>("channels").shape == Shape{4});
  CHECK(layout_of<Norms>("channels").index == Shape{0, 1, 2, 3});
  CHECK(layout_of<Norms>("flat").shape == Shape{24});
  CHECK(layout_of<Norms>("flat").index == of_map);
  CHECK(layout_of<Norms>("tokens").shape == Shape{6, 4});
  CHECK(layout_of<Norms>("tokens").index == in_order);
  CHECK(layout_of<Norms>("token").shape == Shape{4});
  const TorchOrders orders(q::graph<Norms>);
  CHECK(orders.unknown() == -1);
  CHECK(torch_layout_of_bias(q::graph<Norms>, orders, layer<Norms>("map")).index == of_map);
  CHECK(TorchOrders(q::graph<NormOfPart>).unknown() == layer<NormOfPart>("norm"));
}

TEST_CASE("the table of an embedding is PyTorch's, also before a 1-d layer") {
  using Net = embeddings::TextClassifier;
  const TorchOrders orders(q::graph<Net>);
  const TorchLayout table = torch_layout_of_weight(q::graph<Net>, orders, layer<Net>("embedding"));
  CHECK(table.shape == Shape{20, 8});
  for (std::size_t i = 0; i < 160; ++i) CHECK(table.index[i] == i);
  const TorchLayout conv = torch_layout_of_weight(q::graph<Net>, orders, layer<Net>("conv"));
  CHECK(conv.shape == Shape{10, 8, 3});
  CHECK(conv.index[1] == 3);  // the next channel of the first tap
  const TorchOrders flat(q::graph<FlatWords>);
  const TorchLayout head = torch_layout_of_weight(q::graph<FlatWords>, flat, layer<FlatWords>("head"));
  for (std::size_t i = 0; i < head.index.size(); ++i) CHECK(head.index[i] == i);  // rows one after the other
}

TEST_CASE("values go to PyTorch's layout and come back") {
  const TorchLayout layout{{2, 2}, {2, 0, 3, 1}};
  const std::vector<float> ours{1, 2, 3, 4};
  CHECK(to_torch(layout, ours) == std::vector<float>{2, 4, 1, 3});
  CHECK(from_torch(layout, to_torch(layout, ours)) == ours);
  CHECK(to_torch({{0}, {}}, {}).empty());
  CHECK(from_torch({{0}, {}}, {}).empty());
}
