// SPDX-License-Identifier: Apache-2.0
// The ready qconfigs, and a user's own.
#include <quench/qconfig/qconfig.hpp>

#include <doctest/doctest.h>
#include <quench/training/losses.hpp>

namespace q = quench;

namespace {

struct MyObserver {
  void observe(std::span<const float>) {}
  float scale(q::DType) const { return 0.5f; }
};
using Mine = q::QConfig<q::FakeQuantize<MyObserver>, q::FakeQuantize<MyObserver, q::QInt4, q::PerChannel<0>>>;
static_assert(q::QuantizationConfig<Mine>);
static_assert(q::activation_dtype<Mine> == q::DType::Int8);

struct FormsDisagree {
  using Calibration = q::qconfig::Int8::Calibration;
  using Qat = q::qconfig::Int8WeightInt16Activation::Qat;
};
static_assert(!q::QuantizationConfig<FormsDisagree>);
static_assert(!q::QuantizationConfig<int>);

// What a fake-quantizer of one's own says of its axis, it says by a template argument.
template <class Granularity>
struct MyQuantizer {};
constexpr bool axes_are_read() {
  using q::detail::scale_axis;
  const auto is = [](q::ScaleAxis found, int axis) { return found.per_channel && found.axis == axis; };
  return is(scale_axis<q::FakeQuantize<MyObserver, q::QInt8, q::PerChannel<1>>>, 1) &&
         is(scale_axis<q::LearnedFakeQuantize<MyObserver, q::QInt8, q::PerChannel<-1>>>, -1) &&
         is(scale_axis<MyQuantizer<q::PerChannel<3>>>, 3) && !scale_axis<q::FakeQuantize<MyObserver>>.per_channel &&
         !scale_axis<q::PactFakeQuantize<>>.per_channel && !scale_axis<q::NoFakeQuantize<>>.per_channel &&
         !scale_axis<MyObserver>.per_channel;
}
static_assert(axes_are_read());
struct TwoAxes {
  using Calibration = q::QConfig<q::FakeQuantize<MyObserver>, q::FakeQuantize<MyObserver, q::QInt8, q::PerChannel<2>>>;
  using Qat = q::QConfig<q::FakeQuantize<MyObserver>, q::FakeQuantize<MyObserver, q::QInt8, q::PerChannel<0>>>;
};
constexpr auto of_two_axes = q::detail::setter_rule<TwoAxes>(q::SetterRule::Subject::Everything);

// Trains and calibrates a form: every fake-quantizer of a qconfig works.
template <class Form>
bool works() {
  typename Form::Activation activation;
  typename Form::Weight weight;
  const xt::xtensor<float, 2> x{{1, -2}, {3, 4}};
  activation.observe(x);
  weight.observe(x);
  const xt::xtensor<float, 2> y = activation(x), w = weight(x);
  return xt::amax(xt::abs(y - x))() < 0.1f && xt::amax(xt::abs(w - x))() < 0.1f && weight.qparams().scales.size() == 2;
}

template <q::QuantizationConfig Q>
bool both_forms_work() {
  return works<typename Q::Calibration>() && works<typename Q::Qat>();
}

}  // namespace

TEST_CASE("the ready qconfigs work in both forms, with a scale for each channel of the weight") {
  CHECK(both_forms_work<q::qconfig::Int8>());
  CHECK(both_forms_work<q::qconfig::Int8WeightInt16Activation>());
  CHECK(both_forms_work<q::qconfig::Int8WeightHighPrecisionOutput>());
  CHECK(both_forms_work<q::qconfig::Int8FixedActivation>());
  CHECK(both_forms_work<q::qconfig::LearnedInt8>());
  CHECK(both_forms_work<q::qconfig::PactInt8>());
}

TEST_CASE("a rule knows the axes of both forms of its qconfig") {
  CHECK(axes_are_read());
  CHECK(of_two_axes.weight_axis[0].axis == 2);
  CHECK(of_two_axes.weight_axis[1].per_channel);
  CHECK(of_two_axes.weight_axis[1].axis == 0);
  CHECK_FALSE(of_two_axes.activation_axis[0].per_channel);
}

TEST_CASE("the dtypes are those of the names") {
  using namespace q::qconfig;
  CHECK(q::activation_dtype<Int8> == q::DType::Int8);
  CHECK(q::activation_dtype<Int8WeightInt16Activation> == q::DType::Int16);
  CHECK(q::activation_dtype<Int8WeightHighPrecisionOutput> == q::DType::Int32);
  CHECK(LearnedInt8::Qat::Weight::dtype == q::DType::Int8);
}

TEST_CASE("a fixed activation keeps its first scale") {
  q::qconfig::Int8FixedActivation::Qat::Activation activation;
  activation.observe(std::vector<float>{1});
  activation.observe(std::vector<float>{100});
  CHECK(activation.qparams().scales[0] == 1 / 127.5f);
}

TEST_CASE("a module with a qconfig is still the module") {
  struct MyLayer {
    int features = 3;
  };
  const q::WithQConfig<MyLayer, Mine> layer{{.features = 5}};
  CHECK(layer.features == 5);
  static_assert(std::is_same_v<decltype(layer)::QConfig, Mine>);
  static_assert(q::LossFunction<q::CrossEntropyLoss> && q::LossFunction<q::MeanSquaredLoss>);
  static_assert(!q::LossFunction<MyLayer>);
}
