// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/packed_layer.hpp>

#include "execution/against_device.hpp"
#include "networks/operators.hpp"
#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"
#include "networks/small.hpp"
#include "networks/setters.hpp"

namespace q = quench;

namespace {

/// Whether accumulators become the codes of a step.
bool become_codes(const q::device::StepConstants& c, std::span<const std::int32_t> sums, int channels, q::DType dtype,
                  const unsigned char* codes) {
  const q::kernels::OutputChannels output{c.bias, c.requantization, c.low, c.high};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const int channel = static_cast<int>(i) % channels;
    const auto same = [&]<class Y>(Y) {
      const Y code = q::kernels::finish<Y>(sums[i], output, channel);
      return std::memcmp(&code, codes + i * sizeof(Y), sizeof(Y)) == 0;
    };
    if (!(dtype == q::DType::Int8    ? same(std::int8_t{})
          : dtype == q::DType::Int16 ? same(std::int16_t{})
                                     : same(std::int32_t{})))
      return false;
  }
  return true;
}

// The layers and matmuls of a network; of layers their accumulators as well.
template <class Net, class Setter, class March>
int compare_layers() {
  const q::Graph& graph = q::graph<Net>;
  const auto serves = [](const q::Node& node, q::DType, q::DType) {
    return q::PackedLayer::serves(node) || node.op == q::Operator::MatMul;
  };
  return compare_with_device<Net, Setter, March>(serves, [&](auto& model, auto& pass, int n) {
    const q::Node& node = graph.nodes[n];
    if (node.op == q::Operator::MatMul) return;
    const int samples = 3, operand = graph.operand(node, 0);
    q::IntegerTensors& tensors = pass.integers();
    const q::IntegerConstants& constants = model.core().constants();
    const q::device::StepConstants& c = constants.step(n);
    std::vector<std::int32_t> sums(samples * static_cast<std::size_t>(node.shape.elements()));
    q::PackedLayer layer(graph, n, constants.dtype(operand), c);
    layer.repack(c);
    layer.run_sums(samples, tensors.of(operand), sums.data());
    CHECK(become_codes(c, sums, node.shape.channels(), constants.dtype(n), tensors.of(n)));
  });
}

}  // namespace

TEST_CASE("layers and matmuls of int8 give on the host what they give on a device") {
  using March = q::march::NashE;
  CHECK(compare_layers<operators::Layers, networks::Int8Outputs, March>() >= 4);
  CHECK(compare_layers<operators::Windows, networks::Int8Outputs, March>() >= 3);
  CHECK(compare_layers<sequences::Layers, networks::Int8Outputs, March>() == 6);
  CHECK(compare_layers<operators::Arithmetic, networks::Int8Outputs, March>() >= 1);
  CHECK(compare_layers<per_channel::Affines, networks::Int8Outputs, March>() == 6);
  CHECK(compare_layers<small::UNet, networks::Int8Outputs, March>() >= 3);
}

TEST_CASE("layers and matmuls of int16 give on the host what they give on a device") {
  using Setter = q::setter::Int16WhereSupported;
  CHECK(compare_layers<operators::Layers, Setter, q::march::NashE>() >= 4);
  CHECK(compare_layers<operators::Windows, Setter, q::march::NashE>() >= 3);
  CHECK(compare_layers<sequences::Layers, Setter, q::march::NashE>() == 6);
  CHECK(compare_layers<small::MobileNet, Setter, q::march::NashE>() >= 4);
  CHECK(compare_layers<small::Attention, Setter, q::march::NashE>() >= 5);
  CHECK(compare_layers<small::Attention, Setter, q::march::NashP>() >= 5);
}
