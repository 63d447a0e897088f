// SPDX-License-Identifier: Apache-2.0
// Resized maps, and their gradients, are torch's and those of the reference of ONNX; see make_resize.py.
#include "golden/resize.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <iterator>
#include <vector>

#include <quench/network.hpp>
#include <quench/training/operators.hpp>

#include "golden/inputs.hpp"
#include "network/calls.hpp"

namespace q = quench;
namespace t = quench::training;

namespace {

constexpr int resized_channels = 2;

std::vector<float> multiples(golden::Generator& generator, int size, int unit) {
  std::vector<float> result(static_cast<std::size_t>(size));
  for (float& value : result) value = static_cast<float>((static_cast<int>(generator.next() % 17) - 8) * unit);
  return result;
}

std::uint64_t hash_of_rounded(const std::vector<float>& values) {
  golden::Hash hash;
  for (const float value : values) hash.add(static_cast<std::uint32_t>(std::lround(value)));
  return hash.value;
}

// One call of an Upsample.
struct Resized {
  Calls calls;
  q::Symbol x;
  const q::Node& node;

  Resized(const q::Upsample& up, const q::Shape& shape) : x(calls.input(shape)), node(calls[up(x)]) {}

  std::vector<float> forward(const std::vector<float>& inputs) {
    std::vector<float> y(static_cast<std::size_t>(node.shape.elements()));
    const t::Operand operand{inputs.data(), nullptr, calls[x].shape};
    t::forward({&node, 1, &operand, {y.data(), nullptr, node.shape}}, {});
    return y;
  }
  std::vector<float> backward(const std::vector<float>& inputs, std::vector<float> gradient) {
    std::vector<float> result(inputs.size());
    const t::Operand operand{inputs.data(), result.data(), calls[x].shape};
    t::backward({&node, 1, &operand, {nullptr, gradient.data(), node.shape}}, {});
    return result;
  }
};

void check(const golden::resize::Case& c, bool has_gradient) {
  CAPTURE(c.seed);
  Resized resized({.size = c.size,
                   .scale_factor = c.scale_factor,
                   .mode = c.mode,
                   .align_corners = c.align_corners,
                   .recompute_scale_factor = c.recompute_scale_factor,
                   .coordinates = c.coordinates,
                   .nearest_mode = c.nearest_mode},
                  q::Shape(c.x.height, c.x.width, resized_channels));
  REQUIRE(resized.node.settings.refused.size == 0);
  REQUIRE(resized.node.shape == q::Shape(c.y.height, c.y.width, resized_channels));
  golden::Generator generator{c.seed};
  const auto inputs = multiples(generator, c.x.height * c.x.width * resized_channels, c.unit);
  CHECK(hash_of_rounded(resized.forward(inputs)) == c.hash);
  if (!has_gradient) return;
  const auto gradient = multiples(generator, resized.node.shape.elements(), c.unit);
  CHECK(hash_of_rounded(resized.backward(inputs, gradient)) == c.gradient_hash);
}

}  // namespace

TEST_CASE("resized maps, and their gradients, are torch's") {
  for (const golden::resize::Case& c : golden::resize::torch_cases) check(c, true);
}

TEST_CASE("resized maps are those of ONNX's reference, for all its coordinates and roundings") {
  for (const golden::resize::Case& c : golden::resize::onnx_cases) check(c, false);
}

TEST_CASE("resized maps are those of ONNX's node tests") {
  static_assert(std::size(golden::resize::nodes) == 11);
  for (const golden::resize::Node& c : golden::resize::nodes) {
    CAPTURE(c.name);
    Resized resized({.size = c.size,
                     .scale_factor = c.scale_factor,
                     .mode = c.mode,
                     .coordinates = c.coordinates,
                     .nearest_mode = c.nearest_mode},
                    q::Shape(c.x.height, c.x.width, 1));
    REQUIRE(resized.node.shape == q::Shape(c.y.height, c.y.width, 1));
    const auto y = resized.forward(std::vector<float>(c.values, c.values + c.x.height * c.x.width));
    for (std::size_t i = 0; i < y.size(); ++i) {
      CAPTURE(i);
      CHECK(static_cast<double>(y[i]) == doctest::Approx(static_cast<double>(c.expected[i])).epsilon(1e-6));
    }
  }
}
