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

// Runs each step that has a vector kernel on what a pass has left, and compares with the step of a device. Returns the
// number of such steps.
template <class Net>
int compare() {
  const q::Graph& graph = q::graph<Net>;
  const int samples = 3;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, samples);
  auto model = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  q::detail::with_inputs<Net>(batches[0], [&](const auto&... inputs) { model.predict(inputs...); });
  using Model = decltype(model);
  const auto program = q::detail::integer_program<Net, q::march::NashE, typename Model::QConfigSetter>();
  q::IntegerTensors& tensors = model.core().integers();
  const q::IntegerConstants& constants = model.core().constants();
  int found = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    if (!q::nash::is_step(graph, n) || constants.dtype(n) != q::DType::Int8) continue;
    const q::Node& node = graph.nodes[n];
    std::vector<const std::int8_t*> operands;
    bool all_int8 = true;
    for (int i = 0; i < node.operand_count; ++i) {
      all_int8 = all_int8 && constants.dtype(graph.operand(node, i)) == q::DType::Int8;
      operands.push_back(tensors.of<std::int8_t>(graph.operand(node, i)));
    }
    const auto size = static_cast<std::size_t>(node.shape.elements());
    std::vector<std::int8_t> given(size * samples), expected(size * samples);
    if (!all_int8 ||
        !q::detail::VectorStep<std::int8_t>(graph, n, constants.step(n), operands.data(), given.data(), samples).run())
      continue;
    ++found;
    for (int sample = 0; sample < samples; ++sample) {
      std::vector<unsigned char*> addresses(static_cast<std::size_t>(graph.node_count));
      for (int i = 0; i < node.operand_count; ++i) {
        const int operand = graph.operand(node, i);
        addresses[static_cast<std::size_t>(operand)] = tensors.of(operand, sample);
      }
      addresses[static_cast<std::size_t>(n)] =
          reinterpret_cast<unsigned char*>(expected.data() + size * static_cast<std::size_t>(sample));
      program.run_step(addresses.data(), constants.step(n), n);
    }
    CAPTURE(n);
    CHECK(given == expected);
  }
  return found;
}

}  // namespace

TEST_CASE("steps with vector kernels give what the steps of a device give") {
  CHECK(compare<operators::Pools>() >= 1);
  CHECK(compare<operators::MaxPools>() >= 1);
  CHECK(compare<operators::Arithmetic>() >= 3);
  CHECK(compare<operators::Choices>() >= 1);
  CHECK(compare<small::ResNet>() >= 2);  // sums with a ReLU
}
