// SPDX-License-Identifier: Apache-2.0
#include <quench/integer/packed_layer.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "networks/operators.hpp"
#include "networks/small.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>

namespace {

/// Whether accumulators become the codes of a step.
bool become_codes(const q::nash::StepConstants& c, std::span<const std::int32_t> sums, int channels, q::DType dtype,
                  const unsigned char* codes) {
  const q::kernels::OutputChannels output{c.bias, c.requantization, c.low, c.high};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const int channel = static_cast<int>(i) % channels;
    const auto same = [&]<class Y>(Y) {
      const Y code = q::kernels::detail::finish<Y>(sums[i], output, channel);
      return std::memcmp(&code, codes + i * sizeof(Y), sizeof(Y)) == 0;
    };
    if (!(dtype == q::DType::Int8    ? same(std::int8_t{})
          : dtype == q::DType::Int16 ? same(std::int16_t{})
                                     : same(std::int32_t{})))
      return false;
  }
  return true;
}

// Runs each layer and matmul on what a pass has left, and compares with the step of a device. Returns their number.
template <class Net, class Setter, class March>
int compare() {
  const q::Graph& graph = q::graph<Net>;
  const int samples = 3;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, samples);
  auto model = q::convert(q::calibrate(q::prepare<March, Setter>(q::FloatModel<Net>{q::Seed{2}}), batches));
  q::detail::with_inputs<Net>(batches[0], [&](const auto&... inputs) { model.predict(inputs...); });
  const auto program = q::detail::integer_program<Net, March, Setter>();
  q::IntegerTensors& tensors = model.core().integers();
  const q::IntegerConstants& constants = model.core().constants();
  int found = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    const q::Node& node = graph.nodes[n];
    if (!q::nash::is_step(graph, n) || (!q::PackedLayer::serves(node) && node.op != q::Operator::MatMul)) continue;
    CAPTURE(n);
    ++found;
    const q::nash::StepConstants& c = constants.step(n);
    const auto size = static_cast<std::size_t>(node.shape.elements());
    const auto bytes = size * static_cast<std::size_t>(q::nash::bytes_of(constants.dtype(n)));
    std::vector<unsigned char> expected(bytes);
    for (int sample = 0; sample < samples; ++sample) {
      std::vector<unsigned char*> addresses(static_cast<std::size_t>(graph.node_count));
      for (int i = 0; i < node.operand_count; ++i) {
        const int operand = graph.operand(node, i);
        addresses[static_cast<std::size_t>(operand)] = tensors.of(operand, sample);
      }
      addresses[static_cast<std::size_t>(n)] = expected.data();
      program.run_step(addresses.data(), c, n);
      CHECK(std::memcmp(expected.data(), tensors.of(n, sample), bytes) == 0);
    }
    if (node.op == q::Operator::MatMul) continue;
    const int operand = graph.operand(node, 0);
    std::vector<std::int32_t> sums(samples * size);
    q::PackedLayer layer(graph, n, constants.dtype(operand), c);
    layer.repack(c);
    layer.run_sums(samples, tensors.of(operand), sums.data());
    CHECK(become_codes(c, sums, node.shape.channels(), constants.dtype(n), tensors.of(n)));
  }
  return found;
}

}  // namespace

TEST_CASE("layers and matmuls of int8 give on the host what they give on a device") {
  using March = q::march::NashE;
  CHECK(compare<operators::Layers, q::setter::DefaultCalibration, March>() >= 4);
  CHECK(compare<operators::Arithmetic, q::setter::DefaultCalibration, March>() >= 1);
  CHECK(compare<small::UNet, q::setter::DefaultCalibration, March>() >= 3);
}

TEST_CASE("layers and matmuls of int16 give on the host what they give on a device") {
  using Setter = q::setter::Int16WhereSupported;
  CHECK(compare<operators::Layers, Setter, q::march::NashE>() >= 4);
  CHECK(compare<small::MobileNet, Setter, q::march::NashE>() >= 4);
  CHECK(compare<small::Attention, Setter, q::march::NashE>() >= 5);
  CHECK(compare<small::Attention, Setter, q::march::NashP>() >= 5);
}
