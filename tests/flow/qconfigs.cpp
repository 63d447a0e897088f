// SPDX-License-Identifier: Apache-2.0
// Small relatives of well-known networks through the whole flow, with different qconfigs.
#include <quench/observers/percentile.hpp>
#include "flow/flow.hpp"
#include "networks/small.hpp"

namespace q = quench;

namespace {

template <class Q>
using All = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<Q>>;

using Int4Weights = q::QConfig<q::FakeQuantize<q::MovingAverageMinMaxObserver<>, q::QInt8>,
                               q::FakeQuantize<q::MinMaxObserver, q::QInt4, q::PerChannel<0>>>;
using OneWeightScale =
    q::QConfig<q::FakeQuantize<q::PercentileObserver<>, q::QInt8>, q::FakeQuantize<q::MinMaxObserver>>;

}  // namespace

TEST_CASE("a residual network of images goes through the flow in int8") {
  flow::check<small::ResNet>({.signal_to_noise = 15, .loss_factor = 0.7});
}
TEST_CASE("a residual network trains with learned scales, with clipping, and with int4 weights") {
  flow::check<small::ResNet, All<q::qconfig::LearnedInt8>>({.signal_to_noise = 15, .loss_factor = 0.7});
  flow::check<small::ResNet, All<q::qconfig::PactInt8>>({.signal_to_noise = 15, .loss_factor = 0.7});
  flow::check<small::ResNet, All<Int4Weights>>({.signal_to_noise = 3, .loss_factor = 0.7});
}
TEST_CASE("a network of inverted residuals goes through the flow, also with int16 and with one scale for a weight") {
  flow::check<small::MobileNet>({.signal_to_noise = 15, .loss_factor = 0.8});
  flow::check<small::MobileNet, q::setter::Int16WhereSupported>({.signal_to_noise = 20, .loss_factor = 0.8});
  flow::check<small::MobileNet, All<OneWeightScale>>({.signal_to_noise = 10, .loss_factor = 0.8});
}
TEST_CASE("an encoder and decoder goes through the flow, also with mixed precision") {
  flow::check<small::UNet>({.signal_to_noise = 20, .loss_factor = 0.7});
  flow::check<small::UNet, q::setter::Int16WhereSupported>({.signal_to_noise = 25, .loss_factor = 0.7});
}
TEST_CASE("attention goes through the flow in int8 and, on the march that takes it, in int16") {
  flow::check<small::Attention>({.signal_to_noise = 20, .loss_factor = 0.8});
  flow::check<small::Attention, q::setter::Int16WhereSupported>({.signal_to_noise = 25, .loss_factor = 0.8});
  flow::check<small::Attention, q::setter::Int16WhereSupported, q::march::NashP>(
      {.signal_to_noise = 25, .loss_factor = 0.8});
}
TEST_CASE("tied weights and layers in float go through the flow") {
  flow::check<small::Siamese>({.signal_to_noise = 20, .loss_factor = 0.7});
  flow::check<small::WithFloatEnds>({.signal_to_noise = 20});
}
