// SPDX-License-Identifier: Apache-2.0
#include <quench/training/functional.hpp>

#include "training/long_sums.hpp"
#include "training/probe.hpp"

TEST_CASE("the gradients of arithmetic functionals are those of their forward passes") {
  probe::Probe<operators::Arithmetic>(6).check(probe::smooth);
}

TEST_CASE("the gradients of maximum and minimum are those of their forward passes") {
  probe::Probe<operators::Choices>(7).check(probe::with_corners);
}

TEST_CASE("the gradients of joins and quotients are those of their forward passes") {
  probe::Probe<operators::Joins>(8).check(probe::with_corners);
}

TEST_CASE("sums, means and gradients of broadcast operands lose nothing on large maps") {
  using namespace long_sums;
  const q::Shape map{extent, extent, 1}, point{1, 1, 1};
  for (const q::Operator op : {q::Operator::Sum, q::Operator::Mean}) {
    Maps reduce(op, map, point);
    reduce.node.settings.axis_count = 2;
    reduce.node.settings.axes[0] = 0;
    reduce.node.settings.axes[1] = 1;
    t::forward(reduce.call, {});
    check_sum(static_cast<double>(reduce.y[0]), op == q::Operator::Sum ? 1 : 1.0 / count);
  }
  for (const q::Operator op : {q::Operator::Add, q::Operator::Sub, q::Operator::Mul, q::Operator::Maximum}) {
    Maps broadcast(op, point, map);
    const std::vector<float> large(count, op == q::Operator::Maximum ? 0.0f : 1.0f);
    broadcast.operands.push_back({large.data(), nullptr, map});
    broadcast.node.operand_count = 2;
    broadcast.call.x = broadcast.operands.data();
    t::backward(broadcast.call, {});
    check_sum(static_cast<double>(broadcast.gx[0]));
  }
}
