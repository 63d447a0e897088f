// SPDX-License-Identifier: Apache-2.0
// What each random network does: a setter that its rules accept converts and runs, with the same bits everywhere.
#pragma once

#define DOCTEST_CONFIG_DISABLE  // nothing here is a doctest test

#include <quench/network.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/kl.hpp>
#include <quench/observers/percentile.hpp>
#include <quench/tensors/error.hpp>

#include "flow/flow.hpp"
#include "misuse/mistakes.hpp"

#include <array>
#include <cstdio>
#include <tuple>

namespace judge {

namespace q = quench;

// QConfigs besides the ready-made ones, for the rules of setters.
namespace qconfigs {

using ChannelWeight = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
template <class Observer>
using Observed = q::QConfig<q::FakeQuantize<Observer>, ChannelWeight>;

using Int16 = q::qconfig::Int8WeightInt16Activation;
using LearnedInt16 = q::QConfig<q::LearnedFakeQuantize<q::MovingAverageMinMaxObserver<>, q::QInt16>,
                                q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>;
using PactInt16 = q::QConfig<q::PactFakeQuantize<q::QInt16>, ChannelWeight>;
using Int4Weights = q::QConfig<q::FakeQuantize<>, q::FakeQuantize<q::MinMaxObserver, q::QInt4, q::PerChannel<0>>>;
using Percentile = Observed<q::PercentileObserver<std::ratio<99, 100>>>;
using Kl = Observed<q::KLObserver>;
using Histogram = Observed<q::HistogramObserver<>>;
using MinMax = q::QConfig<q::FakeQuantize<q::MinMaxObserver>, q::FakeQuantize<q::MinMaxObserver>>;

}  // namespace qconfigs

template <int Channels>
struct Residual {
  q::Conv2d conv1{.in_channels = Channels, .out_channels = Channels, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d bn1{.channels = Channels};
  q::ReLU relu{};
  q::Conv2d conv2{.in_channels = Channels, .out_channels = Channels, .kernel_size = 3, .padding = 1};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const { return relu(skip.add(x, conv2(relu(bn1(conv1(x)))))); }
};

template <int Channels>
struct Excited {
  q::GlobalAvgPool2d pool;
  q::Linear fc1{.in_features = Channels, .out_features = 2}, fc2{.in_features = 2, .out_features = Channels};
  q::ReLU relu{};
  q::Sigmoid sigmoid;
  q::FloatFunctional scale;
  constexpr auto forward(auto x) const { return scale.mul(x, sigmoid(fc2(relu(fc1(pool(x)))))); }
};

template <int Channels>
struct Inverted {
  q::Conv2d expand{.in_channels = Channels, .out_channels = 2 * Channels, .kernel_size = 1, .bias = false};
  q::BatchNorm2d expand_bn{.channels = 2 * Channels};
  q::HardSwish act{};
  q::Conv2d depthwise{.in_channels = 2 * Channels,
                      .out_channels = 2 * Channels,
                      .kernel_size = 3,
                      .padding = 1,
                      .groups = 2 * Channels};
  q::ReLU6 relu{};
  q::Conv2d project{.in_channels = 2 * Channels, .out_channels = Channels, .kernel_size = 1};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const { return skip.add(x, project(relu(depthwise(act(expand_bn(expand(x))))))); }
};

template <class Step>
constexpr bool finds_nothing() {
  q::misuse::Findings findings;
  Step::find(findings);
  return findings.count == 0;
}

template <class Step>
void print_slugs() {
  for (const auto& finding : findings_of_step<Step>())
    std::printf(" %s:%.*s", slug_of(finding.mistake).c_str(), finding.name.size, finding.name.data);
}

/// Whether QAT, host and device give the same integers for a batch.
template <class Qat, class Quantized>
bool same_everywhere(const Qat& qat, const Quantized& quantized, const q::Batch<typename Qat::Network>& batch,
                     int samples, int number) {
  const bool same = flow::same_bits(flow::outputs(qat, batch), flow::outputs(quantized, batch));
  auto pass = keep_all(quantized, batch);
  bool same_on_device = true;
  for (int sample = 0; sample < samples; ++sample)
    same_on_device =
        same_on_device && flow::run_as_device(quantized, pass, sample) == flow::integers_of(quantized, pass, sample);
  if (!same) std::printf("net %d: differs between QAT and host\n", number);
  if (!same_on_device) std::printf("net %d: differs between host and device\n", number);
  return same && same_on_device;
}

/// Trains, calibrates, converts and compares. Prints a line if something is wrong; returns whether all is well.
template <class Net, class March, class Setter>
bool is_same(int number, q::Seed seed) {
  constexpr int samples = 3;
  const auto batches = q::random_batches<Net>(seed, 2, samples);
  q::FloatModel<Net> model{seed};
  for (const auto& batch : batches) q::phases::with_inputs<Net>(batch, [&](const auto&... x) { model.forward(x...); });
  const auto calibrated = q::calibrate(q::prepare<March, Setter>(model), batches);
  auto qat = q::start_qat(calibrated);
  const bool same = same_everywhere(qat, q::convert(calibrated), batches[0], samples, number);
  std::vector<float> target = flow::outputs(calibrated, batches[1]);
  for (float& value : target) value = value / 2 + 0.1f;
  q::Sgd sgd{.learning_rate = 0.01f};
  flow::step_towards(qat, batches[1], target, sgd);
  return same_everywhere(qat, q::convert(qat), batches[0], samples, number) && same;
}

/// Judges an accepted network. In a layer of few channels a ReLU may pass nothing, by chance: then the next seed has
/// other weights and other data.
template <class Net, class March, class Setter>
int run(int number) {
  constexpr unsigned last_seed = 20;
  for (unsigned seed = 1;; ++seed) {
    try {
      const bool same = is_same<Net, March, Setter>(number, q::Seed{seed});
      if (same) std::printf("net %d: the same bits\n", number);
      return !same;
    } catch (const q::Error& error) {
      if (error.slug() == "only-zeros-observed" && seed < last_seed) continue;
      std::printf("net %d: threw %s\n", number, error.what());
      return 0;
    }
  }
}

template <class Net, class March, class Setter>
int judge(int number) {
  using Decisions = q::SetterDecisions<Net, March, Setter>;
  using Description = q::misuse::detail::Description<Net>;
  using Operators = q::misuse::detail::Operators<Net, March>;
  using DTypes = q::misuse::detail::DTypesOf<Net, March, Decisions>;
  if constexpr (q::fault<Net> != q::NetworkFault::None) {
    std::printf("net %d: refused network-not-readable\n", number);
    return 0;
  } else if constexpr (finds_nothing<Description>() && finds_nothing<Operators>() && finds_nothing<DTypes>() &&
                       finds_nothing<Decisions>()) {
    return run<Net, March, Setter>(number);
  } else {
    std::printf("net %d: refused", number);
    print_slugs<Description>();
    print_slugs<Operators>();
    print_slugs<DTypes>();
    print_slugs<Decisions>();
    std::printf("\n");
    return 0;
  }
}

}  // namespace judge
