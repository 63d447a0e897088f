// SPDX-License-Identifier: Apache-2.0
#include <quench/integer/vector_steps.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "networks/operators.hpp"
#include "networks/small.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

namespace {

// Operands that are repeated along any axis, the last one and the first two.
struct Spread {
  using Inputs = q::Inputs<q::Features<4, 3, 70>, q::Features<4, 3, 1>, q::Features<1, 1, 70>>;
  q::QuantStub first, second, third;
  q::FloatFunctional add, mul, maximum, sub, negative;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y, auto z) const {
    auto a = first(x);
    auto b = second(y);
    auto c = third(z);
    auto d = maximum.maximum(mul.mul(add.add(a, b), c), b);
    return dequant(negative.mul_scalar(sub.sub(c, d), -2.0f));
  }
};

struct Upsamples {
  using Inputs = q::Inputs<q::Features<3, 5, 7>>;
  q::QuantStub quant;
  q::Upsample nearest{.scale_factor = {2, 3}}, bilinear{.scale_factor = {3, 2}, .mode = q::InterpolationMode::Bilinear};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(bilinear(nearest(quant(x)))); }
};

// Compares what a pass has left of each step that has a vector kernel with the step of a device. Returns the number of
// such steps.
template <class Net, class Setter>
int compare() {
  const q::Graph& graph = q::graph<Net>;
  const int samples = 3;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, samples);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(q::FloatModel<Net>{q::Seed{2}}), batches));
  q::detail::with_inputs<Net>(batches[0], [&](const auto&... inputs) { model.predict(inputs...); });
  using Model = decltype(model);
  const auto program = q::detail::integer_program<Net, q::march::NashE, typename Model::QConfigSetter>();
  q::IntegerTensors& tensors = model.core().integers();
  const q::IntegerConstants& constants = model.core().constants();
  int found = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    const q::Node& node = graph.nodes[n];
    const bool is_wide = constants.dtype(n) == q::DType::Int16;
    if (!q::nash::is_step(graph, n) || !(is_wide ? q::detail::VectorStep<std::int16_t>::serves(node)
                                                 : q::detail::VectorStep<std::int8_t>::serves(node)))
      continue;
    ++found;
    const auto bytes = static_cast<std::size_t>(node.shape.elements()) * (is_wide ? 2 : 1);
    std::vector<unsigned char> expected(bytes * samples);
    for (int sample = 0; sample < samples; ++sample) {
      std::vector<unsigned char*> addresses(static_cast<std::size_t>(graph.node_count));
      for (int i = 0; i < node.operand_count; ++i) {
        const int operand = graph.operand(node, i);
        addresses[static_cast<std::size_t>(operand)] = tensors.of(operand, sample);
      }
      addresses[static_cast<std::size_t>(n)] = expected.data() + bytes * static_cast<std::size_t>(sample);
      program.run_step(addresses.data(), constants.step(n), n);
    }
    CAPTURE(n);
    CHECK(std::memcmp(expected.data(), tensors.of(n), expected.size()) == 0);
  }
  return found;
}

using Int8 = q::setter::DefaultCalibration;
using Int16 = q::setter::Int16WhereSupported;
// One operand of int8 among those of int16.
using Mixed = q::QConfigSetter<q::rule::ByName<"second", q::qconfig::Int8>, q::rule::HighPrecisionOutput<>,
                               q::rule::WhereInt16Supported<>, q::rule::Everything<q::qconfig::Int8>>;

}  // namespace

TEST_CASE("int8 steps with vector kernels give what the steps of a device give") {
  CHECK(compare<operators::Pools, Int8>() >= 1);
  CHECK(compare<operators::MaxPools, Int8>() >= 1);
  CHECK(compare<operators::Arithmetic, Int8>() == 6);
  CHECK(compare<operators::Choices, Int8>() == 3);
  CHECK(compare<operators::Functions, Int8>() >= 8);
  CHECK(compare<Spread, Int8>() == 5);
  CHECK(compare<Upsamples, Int8>() == 2);
  CHECK(compare<operators::Clamps, Int8>() >= 14);
  CHECK(compare<small::ResNet, Int8>() >= 2);  // sums with a ReLU
}

TEST_CASE("int16 steps with vector kernels give what the steps of a device give") {
  CHECK(compare<operators::Arithmetic, Int16>() == 6);
  CHECK(compare<operators::Choices, Int16>() == 3);
  CHECK(compare<operators::Corners, Int16>() >= 3);
  CHECK(compare<operators::Clamps, Int16>() >= 10);
  CHECK(compare<Spread, Int16>() == 5);
  CHECK(compare<Spread, Mixed>() == 5);
}
