// SPDX-License-Identifier: Apache-2.0
// Borders of the quantized region, weights and operators of one's own.
#include <quench/eager/stubs.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace q = quench;
using March = q::march::NashE;
using Int8 = q::qconfig::Int8;

TEST_CASE("a QuantStub takes arrays of any kind and keeps the kind") {
  q::eager::QuantStub<"in", March, Int8> in;
  const xt::xtensor<double, 2> x{{1, -1}, {0.5, 0}};
  const auto y = in(x + 0.0);
  static_assert(std::is_same_v<decltype(y)::ArrayType, xt::xtensor<float, 2>>);
  CHECK(y.values()(0, 0) == 127 * (1 / 127.5f));
  CHECK(in.backward(xt::xtensor<float, 2>{{1, 2}, {3, 4}}).shape(1) == 2);
}

TEST_CASE("a DeQuantStub gives the array back, and its gradient") {
  q::eager::QuantStub<"in", March, Int8> in;
  const q::eager::DeQuantStub out;
  const auto x = in(std::vector<float>{1, 2});
  CHECK(out(x) == x.values());
  CHECK(out.backward(std::vector<float>{3, 4}) == std::vector<float>{3, 4});
}

TEST_CASE("a weight has a scale for each output channel") {
  q::eager::FakeQuantizedWeight<"w", March, Int8> weight;
  const xt::xtensor<float, 2> w{{1, 0.5f}, {10, 0.1f}};
  const auto y = weight(w);
  CHECK(weight.fake_quantize().qparams().scales == std::vector<float>{1 / 127.5f, 10 / 127.5f});
  CHECK(y.values()(1, 1) == 10 / 127.5f);
  CHECK(weight.backward(xt::xtensor<float, 2>{{1, 2}, {3, 4}})(1, 0) == 0);  // 127.5 rounds to 128, outside
}

TEST_CASE("the result of an operator of one's own carries the calls of its operands") {
  q::eager::QuantStub<"in", March, Int8> in;
  q::eager::FakeQuantizedWeight<"w", March, Int8> weight;
  q::eager::Activation<"conv", March, Int8> conv;
  const auto x = in(std::vector<float>{1, 2});
  const auto w = weight(std::vector<float>{3, 4});
  const auto y = conv(std::vector<float>{1 * 3 + 2 * 4}, x, w);
  CHECK(decltype(y)::CallsSoFar::size == 3);
  CHECK(y.values()[0] == 127 * (11 / 127.5f));
  CHECK(conv.backward(std::vector<float>{5}) == std::vector<float>{0});
  CHECK(slug_of([&] { conv(std::vector<float>{std::nanf("")}, x, w); }) == "value-not-finite");
}
