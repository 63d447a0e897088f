// SPDX-License-Identifier: Apache-2.0
// The arguments of the float operators: some samples of each operand, and the gradients to add to.
#pragma once

#include <cstdint>

#include <quench/kernels/rows.hpp>
#include <quench/network/graph.hpp>

namespace quench::training {

/// Some samples of a tensor: contiguous, [samples] + shape. `gradient` is null if it is not needed.
struct Operand {
  const float* values = nullptr;
  float* gradient = nullptr;  // added to
  Shape shape;
  const std::int32_t* indices = nullptr;  // in place of values

  std::ptrdiff_t sample_size() const { return shape.elements(); }
};

/// The result of an operator for the same samples. In backward, `values` is the output and `gradient` its gradient.
struct Result {
  float* values = nullptr;
  const float* gradient = nullptr;
  Shape shape;

  std::ptrdiff_t sample_size() const { return shape.elements(); }
};

struct Call {
  const Node* node = nullptr;
  int samples = 0;
  const Operand* x = nullptr;
  Result y;

  const Settings& settings() const { return node->settings; }
  std::ptrdiff_t size() const { return y.sample_size() * samples; }
};

/// The parameters of a layer. Gradients are added to, or null.
struct LayerParameters {
  const float* weight = nullptr;
  const float* bias = nullptr;
  float* weight_gradient = nullptr;
  float* bias_gradient = nullptr;
};

}  // namespace quench::training
