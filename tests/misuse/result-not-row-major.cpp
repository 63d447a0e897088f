// SPDX-License-Identifier: Apache-2.0
// Results are written in the order of rows.
// With WRONG defined this must not compile; expect: quench[result-not-row-major] xtensor_container
// Without, it must compile, run and return 0.
#include <quench/fake_quantize/fake_quantize.hpp>
#include <quench/observers/min_max.hpp>
namespace q = quench;

int main() {
  const xt::xtensor<float, 2, xt::layout_type::column_major> x{{1, 2, 3}, {4, 5, 6}};
  q::FakeQuantize<q::MinMaxObserver> quantizer;
  quantizer.observe(x);
#ifdef WRONG
  xt::xtensor<float, 2, xt::layout_type::column_major> y = xt::zeros<float>({2, 3});
#else
  xt::xtensor<float, 2, xt::layout_type::row_major> y = xt::zeros<float>({2, 3});
#endif
  quantizer.forward(x, y);
  return y(1, 0) > 3.9f && y(0, 1) < 2.1f ? 0 : 1;
}
