// SPDX-License-Identifier: Apache-2.0
// expect: quench[march-does-not-match-processor] NashE J6B
// A function that deploys any model to the processor of another board: the model's march is another.
#include <quench/quench.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear fc{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(quant(x))); }
};
template <class Model>
auto ship(const Model& model) {
  return q::deploy<q::processor::J6B>(model);
}
void use(const q::QuantizedModel<Net, q::march::NashE, q::setter::DefaultQat>& model) { ship(model); }
int main() {}
