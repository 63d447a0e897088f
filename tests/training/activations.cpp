// SPDX-License-Identifier: Apache-2.0
#include <quench/training/activations.hpp>

#include "training/probe.hpp"

namespace q = quench;

TEST_CASE("the gradients of smooth activations are those of their forward passes") {
  probe::Probe<operators::Functions>(2).check(probe::smooth);
  probe::Probe<operators::PartlyDefined>(6).check(probe::smooth);
}

TEST_CASE("the gradients of hard functions are those of their forward passes") {
  probe::Probe<operators::HardFunctions>(4).check(probe::with_corners);
  probe::Probe<operators::SmoothFunctions>(5).check(probe::with_corners);  // Abs and ELU have one
}

TEST_CASE("the gradients of the ReLU family are those of their forward passes") {
  probe::Probe<operators::Corners>(3).check(probe::with_corners);
}

TEST_CASE("the gradient of ReLU and ReLU6 is 0 at their bounds, as in PyTorch") {
  for (const q::Operator op : {q::Operator::ReLU, q::Operator::ReLU6}) {
    q::Node node;
    node.op = op;
    const std::vector<float> x{0, 6, 3}, gy(3, 1.0f);
    std::vector<float> y(3), gx(3);
    const q::training::Operand operand{x.data(), gx.data(), q::Shape(3)};
    const q::training::Call call{&node, 1, &operand, {y.data(), gy.data(), q::Shape(3)}};
    q::training::relu_forward(call);
    q::training::relu_backward(call);
    CHECK(gx == std::vector<float>{0, op == q::Operator::ReLU ? 1.0f : 0.0f, 1});
  }
}
