// SPDX-License-Identifier: Apache-2.0
#include <quench/qconfig/setter.hpp>

#include "net.hpp"

static_assert(quench::verified_setter<Net, quench::march::NashE, quench::setter::DefaultQat>());

int main() {
  quench::FakeQuantize<quench::MinMaxObserver> quantizer;
  const xt::xarray<float> y = quantizer.observe_and_quantize(xt::xarray<float>{-1.0f, 0.5f});
  return y.size() == 2 && quantizer.qparams().scales[0] == 1 / 127.5f ? 0 : 1;
}
