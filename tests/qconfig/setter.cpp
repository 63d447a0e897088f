// SPDX-License-Identifier: Apache-2.0
// Setters on real networks.
#include <quench/qconfig/setter.hpp>

#include <doctest/doctest.h>
#include <quench/network.hpp>

#include "networks/mobilenet_v2.hpp"
#include "networks/resnet18.hpp"
#include "networks/unet.hpp"
#include "networks/vision_transformer.hpp"

namespace q = quench;
using namespace networks;

namespace {

template <class Net>
constexpr bool ready_setters_pass() {
  return q::verified_setter<Net, q::march::NashE, q::setter::DefaultCalibration>() &&
         q::verified_setter<Net, q::march::NashP, q::setter::DefaultQat>() &&
         q::verified_setter<Net, q::march::NashM, q::setter::FixedActivationQat>() &&
         q::verified_setter<Net, q::march::NashE, q::setter::Int16WhereSupported>() &&
         q::verified_setter<Net, q::march::NashB, q::setter::Int16WhereSupported>() &&
         q::verified_setter<Net, q::march::Bayes, q::setter::Int16WhereSupported>();
}

template <class Net, class March, class Setter>
constexpr int count(q::DType dtype) {
  using Decisions = q::SetterDecisions<Net, March, Setter>;
  int found = 0;
  for (int m = 0; m < Decisions::graph.module_count; ++m)
    found += Decisions::table.of_module[m].rule >= 0 && Decisions::of(m) == dtype;
  return found;
}

}  // namespace

TEST_CASE("the ready setters pass on real networks and marches") {
  CHECK(ready_setters_pass<ResNet18>());
  CHECK(ready_setters_pass<MobileNetV2>());
  CHECK(ready_setters_pass<UNet<>>());
  CHECK(ready_setters_pass<VisionTransformer<224, 16, 192, 3, 1>>());
}

TEST_CASE("one output of ResNet-18 is of high precision, and int16 reaches all but what feeds a pool") {
  using q::march::NashE;
  CHECK(count<ResNet18, NashE, q::setter::DefaultQat>(q::DType::Int32) == 1);
  CHECK(count<ResNet18, NashE, q::setter::DefaultQat>(q::DType::Int16) == 0);
  // conv1 feeds the max pool, the last add feeds the average pool, the input is an image.
  using Decisions = q::SetterDecisions<ResNet18, NashE, q::setter::Int16WhereSupported>;
  CHECK(Decisions::of(Decisions::graph.find_module("conv1")) == q::DType::Int8);
  CHECK(count<ResNet18, NashE, q::setter::Int16WhereSupported>(q::DType::Int8) == 3);
  CHECK(count<ResNet18, NashE, q::setter::Int16WhereSupported>(q::DType::Int16) > 20);
}

TEST_CASE("rules carry their qconfig") {
  using Setter = q::QConfigSetter<q::rule::ByName<"conv1", q::qconfig::LearnedInt8>,
                                  q::rule::ByKind<q::Linear, q::qconfig::PactInt8>,
                                  q::rule::AllowLowPrecisionOutput<"fc">, q::rule::Everything<q::qconfig::Int8>>;
  CHECK(q::verified_setter<ResNet18, q::march::NashE, Setter>());
  using Decisions = q::SetterDecisions<ResNet18, q::march::NashE, Setter>;
  constexpr auto rule_of = [](q::TextView name) {
    return Decisions::table.of_module[Decisions::graph.find_module(name)].rule;
  };
  CHECK(rule_of("conv1") == 0);
  CHECK(rule_of("fc") == 1);
  CHECK(rule_of("layer1.0.conv1") == 3);
  static_assert(std::is_same_v<Setter::QConfigOfRule<0>, q::qconfig::LearnedInt8>);
  static_assert(std::is_same_v<Setter::QConfigOfRule<3>, q::qconfig::Int8>);
}

namespace {

// A mean over so many pixels that int16 values could wrap its sum around.
struct WideMean {
  using Inputs = q::Inputs<q::Features<300, 300, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::FloatFunctional mean;
  q::Linear fc{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(mean.mean(conv(quant(x)), {0, 1}))); }
};

}  // namespace

TEST_CASE("int16 where supported stays int8 where an int16 sum could wrap around") {
  CHECK(q::verified_setter<WideMean, q::march::NashE, q::setter::Int16WhereSupported>());
  using Decisions = q::SetterDecisions<WideMean, q::march::NashE, q::setter::Int16WhereSupported>;
  CHECK(Decisions::of(Decisions::graph.find_module("conv")) == q::DType::Int8);
  CHECK(Decisions::of(Decisions::graph.find_module("quant")) == q::DType::Int16);
  CHECK(Decisions::of(Decisions::graph.find_module("mean")) == q::DType::Int16);
}
