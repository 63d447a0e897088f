// SPDX-License-Identifier: Apache-2.0
// Steps of a network on the host against those of a device.
#pragma once

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

#include <doctest/doctest.h>

#include "execution/keep_all.hpp"

#include <cstring>

/// Converts a network, runs three samples, and compares what the pass has left of each step that `serves(node, dtype of its
/// operand, dtype)` with the step of a device. Then calls `also(model, pass, node)`. Returns the number of such steps.
template <class Net, class Setter, class March, class Serves, class Also>
int compare_with_device(const Serves& serves, const Also& also) {
  namespace q = quench;
  const q::Graph& graph = q::graph<Net>;
  const int samples = 3;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, samples);
  auto model = q::convert(q::calibrate(q::prepare<March, Setter>(q::FloatModel<Net>{q::Seed{2}}), batches));
  q::phases::Pass pass = keep_all(model, batches[0]);
  const auto program = q::phases::integer_program<Net, March, Setter>();
  q::IntegerTensors& tensors = pass.integers();
  const q::IntegerConstants& constants = model.core().constants();
  int found = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    const q::Node& node = graph.nodes[n];
    if (!q::device::is_step(graph, n) || node.op == q::Operator::QuantStub) continue;
    if (!serves(node, constants.dtype(graph.operand(node, 0)), constants.dtype(n))) continue;
    CAPTURE(n);
    ++found;
    const auto bytes = static_cast<std::size_t>(node.shape.elements() * q::device::bytes_of(constants.dtype(n)));
    std::vector<unsigned char> expected(bytes);
    for (int sample = 0; sample < samples; ++sample) {
      std::vector<unsigned char*> addresses(static_cast<std::size_t>(graph.node_count));
      for (int i = 0; i < node.operand_count; ++i) {
        const int operand = graph.operand(node, i);
        addresses[static_cast<std::size_t>(operand)] = tensors.of(operand, sample);
      }
      addresses[static_cast<std::size_t>(n)] = expected.data();
      program.run_step(addresses.data(), constants.step(n), n);
      CHECK(std::memcmp(expected.data(), tensors.of(n, sample), bytes) == 0);
    }
    also(model, pass, n);
  }
  return found;
}

template <class Net, class Setter, class March = quench::march::NashE, class Serves>
int compare_with_device(const Serves& serves) {
  return compare_with_device<Net, Setter, March>(serves, [](const auto&, auto&, int) {});
}
