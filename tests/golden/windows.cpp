// SPDX-License-Identifier: Apache-2.0
// Windows of all kinds give what torch gives, to the integer; see make_windows.py.
#include "golden/windows.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <quench/network.hpp>
#include <quench/training/operators.hpp>

#include "golden/inputs.hpp"
#include "network/calls.hpp"

namespace q = quench;
namespace t = quench::training;

namespace {

constexpr int channels = 2, filters = 3, unit = 3600;

std::vector<float> values(golden::Generator& generator, int size, int most, int step) {
  std::vector<float> result(static_cast<std::size_t>(size));
  for (float& value : result)
    value =
        static_cast<float>((static_cast<int>(generator.next() % static_cast<unsigned>(2 * most + 1)) - most) * step);
  return result;
}

std::uint64_t hash_of_integers(const std::vector<float>& values) {
  golden::Hash hash;
  for (const float value : values) hash.add(static_cast<std::uint32_t>(std::lround(value)));
  return hash.value;
}

q::Symbol call(const golden::WindowCase& c, q::Symbol x) {
  const q::MaxPool2d largest{.kernel_size = c.kernel_size,
                             .stride = c.stride,
                             .padding = c.padding,
                             .dilation = c.dilation,
                             .ceil_mode = c.ceil_mode};
  const q::AvgPool2d average{.kernel_size = c.kernel_size,
                             .stride = c.stride,
                             .padding = c.padding,
                             .ceil_mode = c.ceil_mode,
                             .count_include_pad = c.count_include_pad};
  const q::AdaptiveMaxPool2d adaptive_largest{.output_size = c.y};
  const q::AdaptiveAvgPool2d adaptive_average{.output_size = c.y};
  const q::Conv2d conv{.in_channels = channels,
                       .out_channels = filters,
                       .kernel_size = c.kernel_size,
                       .stride = c.stride,
                       .padding = c.padding,
                       .dilation = c.dilation,
                       .bias = false};
  if (c.op == q::Operator::MaxPool2d) return largest(x);
  if (c.op == q::Operator::AvgPool2d) return average(x);
  if (c.op == q::Operator::AdaptiveMaxPool2d) return adaptive_largest(x);
  if (c.op == q::Operator::AdaptiveAvgPool2d) return adaptive_average(x);
  return conv(x);
}

}  // namespace

TEST_CASE("convolutions and pools, and their gradients, are torch's") {
  int same = 0, uneven = 0;
  for (const golden::WindowCase& c : golden::window_cases) {
    CAPTURE(c.seed);
    Calls calls;
    const q::Symbol x = calls.input(q::Shape(c.x.height, c.x.width, channels));
    const q::Node& node = calls[call(c, x)];
    const int depth = c.op == q::Operator::Conv2d ? filters : channels;
    REQUIRE(node.shape == q::Shape(c.y.height, c.y.width, depth));
    same += c.padding.is_same;
    uneven += node.settings.padding.before() != node.settings.padding.after();

    golden::Generator generator{c.seed};
    const q::Shape& map = calls[x].shape;
    const auto inputs = values(generator, map.elements(), 8, unit);
    const auto weight = values(generator, filters * c.kernel_size.height * c.kernel_size.width * channels, 3, 1);
    const auto gradient = values(generator, node.shape.elements(), 8, unit);
    std::vector<float> y(gradient.size()), x_gradient(inputs.size());
    const t::Operand operand{inputs.data(), x_gradient.data(), map};
    const t::Call made{&node, 1, &operand, {y.data(), gradient.data(), node.shape}};
    t::forward(made, {.weight = weight.data()});
    CHECK(hash_of_integers(y) == c.hash);
    t::backward(made, {.weight = weight.data()});
    CHECK(hash_of_integers(x_gradient) == c.gradient_hash);
  }
  CHECK(same > 50);
  CHECK(uneven > 60);
}
