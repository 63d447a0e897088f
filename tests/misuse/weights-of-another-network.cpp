// SPDX-License-Identifier: Apache-2.0
// The network has a kernel of 5, and its header was exported when it was 3: the device would read past the weights.
// With WRONG defined this must not compile; expect: quench[weights-of-another-network] weights Net
// Without, it must compile, run and return 0.
#include <quench/embedded.hpp>
namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<5, 5, 1>>;
  q::QuantStub quant;
#ifdef WRONG
  q::Conv2d conv{.in_channels = 1, .out_channels = 1, .kernel_size = 5, .padding = 2, .bias = false};
#else
  q::Conv2d conv{.in_channels = 1, .out_channels = 1, .kernel_size = 3, .padding = 1, .bias = false};
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(x))); }
};

// As quench::export_cpp writes it.
struct weights {
  using Network = Net;
  using Processor = quench::processor::J6E;
  static constexpr std::uint64_t network_hash = 10566271713500436071u;
  static constexpr quench::DType of(int) { return quench::DType::Int8; }
  static constexpr std::int8_t weight_2[] = {0, 0, 0, 0, 64, 0, 0, 0, 0};
  static constexpr quench::Requantization requantization_2[] = {{16384, 0, 20}};
  static constexpr float scales[] = {0.5f};
  static constexpr quench::device::StepConstants steps[] = {
      {}, {.scales = scales}, {.weight = weight_2, .requantization = requantization_2, .scales = scales}, {}};
};

static quench::embedded::Model<weights, quench::processor::J6E> model;

int main() {
  const std::int8_t pixels[25] = {1, 2, 3};
  const auto y = model.run(pixels);
  return quench::embedded::argmax(y) == 2 ? 0 : 1;
}
