// SPDX-License-Identifier: Apache-2.0
// What needs no step of its own.
#include <quench/device/fusion.hpp>

#include <doctest/doctest.h>
#include <quench/network.hpp>

namespace q = quench;

namespace {

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::ReLU relu;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::BatchNorm2d bn{.channels = 4};
  q::FloatFunctional skip;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Linear linear{.in_features = 64, .out_features = 4};
  q::DeQuantStub dequant;
  q::ReLU behind;
  constexpr auto forward(auto x) const {
    auto a = relu(quant(x));     // after a stub: a step
    auto b = relu(bn(conv(a)));  // one operator with the conv
    auto c = skip.add(a, b);     // has two users, so the ReLU after it is a step
    auto d = relu(c);
    auto e = relu(pool(d));  // a pool owns no scale: a step
    return std::tuple(behind(dequant(linear(q::flatten(e)))), dequant(c));
  }
};

constexpr const q::Graph& fusions = q::graph<Net>;

// The index of the call number `occurrence` of an operator.
constexpr int find(q::Operator op, int occurrence = 0) {
  for (int n = 0; n < fusions.node_count; ++n)
    if (fusions.nodes[n].op == op && occurrence-- == 0) return n;
  return -1;
}

constexpr bool steps_are_right() {
  using q::Operator;
  const auto is_step = [](Operator op, int occurrence = 0) {
    return q::device::is_step(fusions, find(op, occurrence));
  };
  const auto step_of = [](Operator op, int occurrence = 0) {
    return q::device::step_of(fusions, find(op, occurrence));
  };
  return is_step(Operator::QuantStub) && is_step(Operator::Conv2d) && is_step(Operator::Add) &&
         is_step(Operator::MaxPool2d) && is_step(Operator::Linear) && is_step(Operator::ReLU, 0) &&
         !is_step(Operator::BatchNorm2d) && !is_step(Operator::ReLU, 1) && is_step(Operator::ReLU, 2) &&
         is_step(Operator::ReLU, 3) && !is_step(Operator::Flatten) && !is_step(Operator::DeQuantStub) &&
         !is_step(Operator::Input) && !is_step(Operator::ReLU, 4) &&
         step_of(Operator::ReLU, 1) == find(Operator::Conv2d) &&
         step_of(Operator::Flatten) == find(Operator::ReLU, 3) && step_of(Operator::Add) == find(Operator::Add);
}
static_assert(steps_are_right());

// The second sum's ReLU and the pool choose values of the sum; the last layer has a scale of its own.
static_assert(q::device::owner_of_scale(fusions, find(q::Operator::ReLU, 3)) == find(q::Operator::Add));
static_assert(q::device::owner_of_scale(fusions, find(q::Operator::ReLU, 1)) == find(q::Operator::Conv2d));
static_assert(q::device::owner_of_scale(fusions, find(q::Operator::Linear)) == find(q::Operator::Linear));

}  // namespace

TEST_CASE("batch norm, fused ReLU, flatten and reshape are no steps, other calls between the stubs are") {
  CHECK(steps_are_right());
}
