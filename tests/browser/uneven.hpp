// SPDX-License-Identifier: Apache-2.0
// A network of which one module is quantized badly, for tests of pages. Its name has all characters that HTML escapes.
#pragma once

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/network.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/qconfig/setter.hpp>

namespace uneven {

namespace q = quench;

template <q::Text Name>
struct Named {
  using Inputs = q::Inputs<q::Features<8, 8, 3>>;
  q::QuantStub quant;
  q::Conv2d first{.in_channels = 3, .out_channels = 8, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d norm{.channels = 8};
  q::ReLU relu;
  q::Conv2d second{.in_channels = 8, .out_channels = 8, .kernel_size = 3, .padding = 1};
  q::FloatFunctional skip;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Linear head{.in_features = 128, .out_features = 10};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(norm(first(quant(x))));
    y = pool(skip.add(y, second(y)));
    return dequant(head(q::flatten(y)));
  }
};

using Net = Named<"<b>&'\"">;

/// `second` represents [-0.25, 0.25] alone.
using Narrow =
    q::QConfig<q::FakeQuantize<q::FixedScaleObserver<std::ratio<1, 512>>>, q::qconfig::detail::ChannelWeight>;
using Setter = q::QConfigSetter<q::rule::ByName<"second", Narrow>, q::rule::HighPrecisionOutput<>,
                                q::rule::Everything<q::qconfig::Int8>>;

inline q::FloatModel<Net> float_model() { return q::FloatModel<Net>{q::Seed{3}}; }
inline std::vector<q::Batch<Net>> batches() { return q::random_batches<Net>(q::Seed{5}, 3, 4); }
inline auto quantized(const q::FloatModel<Net>& model) {
  return q::convert(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches()));
}

}  // namespace uneven
