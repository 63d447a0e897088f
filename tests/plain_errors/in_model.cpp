// SPDX-License-Identifier: Apache-2.0
// The same where a model is made and goes through its phases.
// errors: g++ 1, clang 1
// of quench: g++ 0, clang 0
#define QUENCH_SEPARATE_COMPILATION  // nothing is linked
#include <quench/quench.hpp>
namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::FloatFunctional skip;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
#ifdef WRONG
    return dequant(skip.add(x, conv9(x)));
#else
    return dequant(skip.add(x, conv0(x)));
#endif
  }
};
int main() {
  q::FloatModel<Net> model{q::Seed{1}};
  auto quantized =
      q::convert(q::start_qat(q::calibrate(q::prepare<q::march::NashE>(model), q::random_batches<Net>({2}, 1, 2))));
  (void)quantized;
}
