// SPDX-License-Identifier: Apache-2.0
// Several inputs, several outputs, and shared weights. A siamese network compares two images. Both branches have one
// set of weights, but each layer is a separate module, because the two branches have different scales.
#include <tuple>

#include "print_graph.hpp"

struct Branch {
  quench::QuantStub quant;
  quench::Conv2d conv{.in_channels = 1, .out_channels = 8, .kernel_size = 5, .stride = 2};
  quench::ReLU relu;
  quench::GlobalAvgPool2d pool;
  constexpr auto forward(auto image) const { return quench::flatten(pool(relu(conv(quant(image))))); }
};

// region siamese
struct Siamese {
  using Gray = quench::Image<quench::color::CenteredGray, 28, 28>;
  using Inputs = quench::Inputs<Gray, Gray>;
  using Ties = quench::Ties<quench::Tie<"left.conv", "right.conv">>;

  Branch left, right;
  quench::FloatFunctional difference, squared, distance;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto a, auto b) const {
    auto x = left.forward(a), y = right.forward(b);
    auto d = difference.sub(x, y);
    return std::tuple(dequant(distance.sum(squared.mul(d, d), -1)), dequant(x), dequant(y));
  }
};
// end region
static_assert(quench::verified<Siamese>());

int main() {
  print(quench::graph<Siamese>);
  std::printf("left.conv and right.conv share their weights, which are counted once\n");
}
