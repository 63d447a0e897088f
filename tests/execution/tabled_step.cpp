// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/tabled_step.hpp>

#include <quench/network.hpp>

#include "execution/against_device.hpp"
#include "networks/operators.hpp"
#include "networks/setters.hpp"

namespace q = quench;

namespace {

struct LargeFunctions {
  using Inputs = q::Inputs<q::Features<8, 8, 72>>;
  q::QuantStub quant;
  q::Sigmoid sigmoid;
  q::Tanh tanh;
  q::SiLU silu;
  q::GELU gelu;
  q::LeakyReLU leaky;
  q::Softmax softmax, next;
  q::ReLU relu;
  q::ReLU6 relu6;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    auto p = softmax(v);
    return std::tuple(dequant(sigmoid(v)), dequant(relu(tanh(v))), dequant(relu(silu(v))), dequant(relu6(gelu(v))),
                      dequant(leaky(v)), dequant(p), dequant(next(p)));
  }
};

// Softmax of int8 whose results are int16, and of int16 whose results are int8.
using MixedFunctions =
    q::QConfigSetter<q::rule::ByName<"quant", q::qconfig::Int8>, q::rule::ByName<"next", q::qconfig::Int8>,
                     q::rule::ByName<"tanh", q::qconfig::Int8>, q::rule::HighPrecisionOutput<>,
                     q::rule::WhereInt16Supported<>, q::rule::Everything<q::qconfig::Int8>>;
// LargeFunctions of int16 whose results are int8.
using NarrowFunctions = q::QConfigSetter<q::rule::ByName<"silu", q::qconfig::Int8>,
                                         q::rule::ByName<"gelu", q::qconfig::Int8>, q::rule::HighPrecisionOutput<>,
                                         q::rule::WhereInt16Supported<>, q::rule::Everything<q::qconfig::Int8>>;

template <class Setter, class Net = LargeFunctions>
int compare_tabled() {
  return compare_with_device<Net, Setter>(
      [](const q::Node& node, q::DType x, q::DType) { return q::TabledStep::serves(node, x); });
}

}  // namespace

TEST_CASE("tabled steps give on the host what they give on a device") {
  CHECK(compare_tabled<networks::Int8Outputs>() == 2);
  CHECK(compare_tabled<q::setter::Int16WhereSupported>() == 7);
  CHECK(compare_tabled<MixedFunctions>() == 2);
  CHECK(compare_tabled<NarrowFunctions>() == 7);
  CHECK(compare_tabled<networks::Int8Outputs, operators::ManyClasses>() == 1);
  CHECK(compare_tabled<q::setter::DefaultCalibration, operators::ManyClasses>() == 1);
}
