// SPDX-License-Identifier: Apache-2.0
// Sums of 2^20 equal values. One by one in float they are one percent off.
#pragma once

#include <quench/training/operators.hpp>

#include <doctest/doctest.h>

namespace long_sums {

namespace q = quench;
namespace t = quench::training;

inline constexpr int extent = 1024, count = extent * extent;
inline constexpr float value = 0.1f;

inline void check_sum(double found, double weight = 1) {
  CHECK(found == doctest::Approx(static_cast<double>(value) * count * weight).epsilon(1e-6));
}

// A call with maps of one channel.
struct Maps {
  q::Node node;
  std::vector<float> x, y, gx, gy;
  std::vector<t::Operand> operands;
  t::Call call;

  Maps(q::Operator op, const q::Shape& from, const q::Shape& to) {
    const auto size = [](const q::Shape& shape) { return static_cast<std::size_t>(shape.elements()); };
    node.op = op;
    node.operand_count = 1;
    node.settings.in_channels = node.settings.out_channels = node.settings.groups = 1;
    node.shape = to;
    node.settings.kernel_size = node.settings.stride = node.settings.dilation = {1, 1};
    x.assign(size(from), value);
    gx.assign(size(from), 0.0f);
    y.assign(size(to), 0.0f);
    gy.assign(size(to), value);
    operands = {{x.data(), gx.data(), from}};
    call = {&node, 1, operands.data(), {y.data(), gy.data(), to}};
  }
  Maps(const Maps&) = delete;
};

}  // namespace long_sums
