// SPDX-License-Identifier: Apache-2.0
// QConfigs: how the output and the weight of a module are quantized, as types.
//
//   using Mine = quench::QConfig<quench::FakeQuantize<quench::PercentileObserver<>>,                      // activation
//                                quench::FakeQuantize<quench::MinMaxObserver, quench::QInt8, quench::PerChannel<0>>>;
//
// A ready-made qconfig has a form for calibration and one for training. A QConfig serves as both.
#pragma once

#include <optional>
#include <ratio>

#include <quench/fake_quantize/fake_quantize.hpp>
#include <quench/fake_quantize/learned.hpp>
#include <quench/fake_quantize/none.hpp>
#include <quench/fake_quantize/pact.hpp>
#include <quench/misuse/setter_catalogue.hpp>
#include <quench/network/setter_rules.hpp>
#include <quench/observers/least_error.hpp>

namespace quench {

/// How a module is quantized: `ActivationType` its output, `WeightType` its weight.
template <FakeQuantizer ActivationType, FakeQuantizer WeightType>
struct QConfig {
  static_assert(ActivationType::dtype == DType::Int8 || ActivationType::dtype == DType::Int16 ||
                    ActivationType::dtype == DType::Int32,
                "activations are int8, int16, or int32 as a high-precision output (quench::NoFakeQuantize<>)");
  static_assert(WeightType::dtype == DType::Int8 || WeightType::dtype == DType::Int4, "weights are int8 or int4");

  using Activation = ActivationType;
  using Weight = WeightType;
  using Calibration = QConfig;
  using Qat = QConfig;
};

/// A type with the two forms of a qconfig, which have the same dtypes.
template <class Q>
concept QuantizationConfig = requires {
  typename Q::Calibration::Activation;
  typename Q::Calibration::Weight;
  typename Q::Qat::Activation;
  typename Q::Qat::Weight;
  requires Q::Calibration::Activation::dtype == Q::Qat::Activation::dtype;
  requires Q::Calibration::Weight::dtype == Q::Qat::Weight::dtype;
};

/// The dtype of a module's output with this qconfig; Int32 for a high-precision output.
template <QuantizationConfig Q>
inline constexpr DType activation_dtype = Q::Qat::Activation::dtype;

namespace detail {

/// The axis of a fake-quantizer's scales, from its template argument PerChannel<Axis>.
template <class F>
inline constexpr ScaleAxis scale_axis{};
template <template <class...> class F, class... Arguments>
inline constexpr ScaleAxis scale_axis<F<Arguments...>> = [] {
  ScaleAxis found;
  const auto look = [&](std::optional<int> axis) {
    if (axis) found = {true, *axis};
  };
  (look(fake_quantize::axis_of<Arguments>), ...);
  return found;
}();

/// A rule that gives a qconfig, as a value.
template <QuantizationConfig Q>
constexpr SetterRule setter_rule(SetterRule::Subject subject, TextView name = {},
                                 Operator kind = Operator::FloatFunctional) {
  using Calibration = typename Q::Calibration;
  using Qat = typename Q::Qat;
  return {subject,
          name,
          kind,
          activation_dtype<Q>,
          {scale_axis<typename Calibration::Activation>, scale_axis<typename Qat::Activation>},
          {scale_axis<typename Calibration::Weight>, scale_axis<typename Qat::Weight>}};
}

}  // namespace detail

namespace qconfig {

namespace detail {

using ChannelWeight = FakeQuantize<MinMaxObserver, QInt8, PerChannel<0>>;

template <class Type>
using CalibratedActivation = FakeQuantize<MSEObserver, Type>;
template <class Type>
using TrainedActivation = FakeQuantize<MovingAverageMinMaxObserver<>, Type>;

}  // namespace detail

/// int8 activations: MSE in calibration, a moving average of the range in training. int8 weights per output channel.
struct Int8 {
  using Calibration = QConfig<detail::CalibratedActivation<QInt8>, detail::ChannelWeight>;
  using Qat = QConfig<detail::TrainedActivation<QInt8>, detail::ChannelWeight>;
};

/// int16 activations, int8 weights.
struct Int8WeightInt16Activation {
  using Calibration = QConfig<FakeQuantize<MinMaxObserver, QInt16>, detail::ChannelWeight>;
  using Qat = QConfig<detail::TrainedActivation<QInt16>, detail::ChannelWeight>;
};

/// The int32 accumulator as output, for modules that feed only DeQuantStubs. int8 weights.
struct Int8WeightHighPrecisionOutput {
  using Calibration = QConfig<NoFakeQuantize<>, detail::ChannelWeight>;
  using Qat = Calibration;
};

/// As Int8; in training the activation keeps the scale of calibration.
struct Int8FixedActivation {
  using Calibration = Int8::Calibration;
  using Qat = QConfig<FakeQuantize<MovingAverageMinMaxObserver<std::ratio<0>>>, detail::ChannelWeight>;
};

/// As Int8WeightInt16Activation; in training the activation keeps the scale of calibration.
struct Int8WeightInt16FixedActivation {
  using Calibration = Int8WeightInt16Activation::Calibration;
  using Qat = QConfig<FakeQuantize<MovingAverageMinMaxObserver<std::ratio<0>>, QInt16>, detail::ChannelWeight>;
};

/// As Int8; in training the scales of activations and weights are learned (LSQ).
struct LearnedInt8 {
  using Calibration = Int8::Calibration;
  using Qat = QConfig<LearnedFakeQuantize<>, LearnedFakeQuantize<MinMaxObserver, QInt8, PerChannel<0>>>;
};

/// As Int8; in training the clipping magnitude of activations is learned (PACT).
struct PactInt8 {
  using Calibration = Int8::Calibration;
  using Qat = QConfig<PactFakeQuantize<>, detail::ChannelWeight>;
};

}  // namespace qconfig

/// A loss function: it runs in float, in training only.
template <class L>
concept LossFunction = requires { typename L::IsLossFunction; };

/// A module of hand-written training code with its qconfig.
/// Errors   qconfig-on-loss (compile time)
template <class Module, QuantizationConfig Q>
struct WithQConfig : Module {
  using QConfig = Q;
};

template <LossFunction Loss, QuantizationConfig Q>
struct WithQConfig<Loss, Q> : misuse::qconfig_on_loss<Loss> {};

}  // namespace quench
