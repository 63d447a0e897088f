// SPDX-License-Identifier: Apache-2.0
// A network described, checked and read on a device without operating system: the graph is a table of constants.
#include <quench/network.hpp>

namespace {

struct Net {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredGray, 28, 28>>;
  quench::QuantStub quant;
  quench::Conv2d conv{.in_channels = 1, .out_channels = 8, .kernel_size = 3};
  quench::BatchNorm2d norm{.channels = 8};
  quench::LeakyReLU leaky{.negative_slope = 0.1f};
  quench::FloatFunctional scale;
  quench::GlobalAvgPool2d pool;
  quench::Linear classifier{.in_features = 8, .out_features = 10};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = scale.mul_scalar(leaky(norm(conv(quant(x)))), 0.5f);
    return dequant(classifier(quench::flatten(pool(x))));
  }
};

static_assert(quench::verified<Net, quench::march::NashE>());

}  // namespace

// Read at run time, so that the table must be in the object file: elements of the largest tensor.
extern "C" int largest_tensor() {
  constexpr const quench::Graph& graph = quench::graph<Net>;
  int largest = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    const int elements = graph.nodes[n].shape.elements();
    if (elements > largest) largest = elements;
  }
  return largest;
}
