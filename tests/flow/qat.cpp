// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/qat.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include <quench/observers/clip.hpp>
#include <quench/observers/fixed_scale.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/kl.hpp>

#include "networks/operators.hpp"
#include "networks/setters.hpp"
#include "networks/small.hpp"
#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/tensors/error.hpp>

namespace {

using Fixed = q::setter::FixedActivationQat;

// One of a user: its scale is one that no magnitude leads to.
struct OwnObserver {
  void observe(std::span<const float> x) { largest = std::max(largest, q::finite_range(x).magnitude()); }
  float scale(q::DType dtype) const { return std::nextafter(q::raw_scale(largest, dtype), 1e9f); }
  float largest = 0;
};

template <class Observer, class Type = q::QInt8>
using OfObserver =
    q::QConfigSetter<q::rule::HighPrecisionOutput<>,
                     q::rule::Everything<q::QConfig<q::FakeQuantize<Observer, Type>,
                                                    q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>>>;

template <class Setter, class March = q::march::NashE>
void check_begins_at_the_scales_found() {
  using Net = small::ResNet;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 6);
  const auto calibrated = q::calibrate(q::prepare<March, Setter>(q::FloatModel<Net>{q::Seed{2}}), batches);
  auto qat = q::start_qat(calibrated);
  CHECK(qat.core().scales().activation == calibrated.activation_scales());
  auto before = q::convert(calibrated), after = q::convert(qat);
  CHECK(before.predict(batches[0].images) == after.predict(batches[0].images));
  CHECK(qat.forward(batches[0].images) == before.predict(batches[0].images));
}

template <class Net, class Setter>
void check_gradients_point_where_those_in_float_do(const q::FloatModel<Net>& of_seed) {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 6);
  q::FloatModel<Net> model = of_seed;
  auto qat = q::start_qat(q::calibrate(q::prepare<q::march::NashE, Setter>(model), batches));
  q::phases::with_inputs<Net>(batches[0], [&](const auto& input) {
    auto gradient = model.forward(input);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient.data()[i] = static_cast<float>(i % 5) - 2.0f;
    model.backward(gradient);
    qat.forward(input);
    qat.backward(gradient);
  });
  std::map<std::string, q::ParameterView> expected;
  for (const auto& parameter : model.parameters()) expected[parameter.name] = parameter;
  for (const auto& parameter : qat.parameters()) {
    CAPTURE(parameter.name);
    double product = 0, own = 0, other = 0;
    for (std::size_t i = 0; i < parameter.gradients.size(); ++i) {
      const auto a = static_cast<double>(parameter.gradients[i]),
                 b = static_cast<double>(expected.at(parameter.name).gradients[i]);
      product += a * b;
      own += a * a;
      other += b * b;
    }
    CHECK(product > 0.95 * std::sqrt(own * other));
    CHECK(own > 0.5 * other);
  }
}

}  // namespace

TEST_CASE("training begins at the scales of calibration to the bit, whatever the observer") {
  check_begins_at_the_scales_found<q::setter::DefaultQat>();
  check_begins_at_the_scales_found<OfObserver<q::HistogramObserver<q::FixedRange<std::ratio<-64>, std::ratio<64>>>>>();
  check_begins_at_the_scales_found<OfObserver<q::HistogramObserver<>>>();
  check_begins_at_the_scales_found<OfObserver<q::ClipObserver<std::ratio<-1, 2>, std::ratio<1, 2>>>>();
  check_begins_at_the_scales_found<OfObserver<q::ClipStdObserver<>>>();
  check_begins_at_the_scales_found<OfObserver<q::FixedScaleObserver<std::ratio<1, 77>>>>();
  check_begins_at_the_scales_found<OfObserver<q::KLObserver>>();
  check_begins_at_the_scales_found<OfObserver<q::MSEObserver>>();
  check_begins_at_the_scales_found<OfObserver<q::PercentileObserver<std::ratio<99, 100>>>>();
  check_begins_at_the_scales_found<OfObserver<q::ExactPercentileObserver<std::ratio<99, 100>>>>();
  check_begins_at_the_scales_found<OfObserver<OwnObserver>>();
  check_begins_at_the_scales_found<q::setter::Int16WhereSupported, q::march::NashP>();
  check_begins_at_the_scales_found<
      q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::LearnedInt8>>>();
  check_begins_at_the_scales_found<
      q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::PactInt8>>>();
}

TEST_CASE("a setter of its own begins there as well, and fixed activations stay") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 6);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<toy::Net>{q::Seed{2}}), batches);
  auto qat = q::start_qat(calibrated);
  auto fixed = q::start_qat<Fixed>(calibrated);
  CHECK(fixed.core().scales().activation == calibrated.activation_scales());
  qat.forward(batches[0].images);
  fixed.forward(batches[0].images);
  CHECK(qat.core().scales().activation != calibrated.activation_scales());
  CHECK(fixed.core().scales().activation == calibrated.activation_scales());
}

TEST_CASE("what training has spoilt has a cure of training, in the forward pass, for use and when it is converted") {
  using Learned = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::LearnedInt8>>;
  using Net = small::ResNet;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 6);
  const q::FloatModel<Net> model{q::Seed{2}};
  const auto check = [&](const auto& calibrated, const char* parameter, float value, const char* slug,
                         const char* module = "stem") {
    CAPTURE(parameter);
    CAPTURE(value);
    auto qat = q::start_qat(calibrated);
    for (q::ParameterView& view : qat.parameters())
      if (view.name == parameter) std::fill(view.values.begin(), view.values.end(), value);
    const auto says = [&](auto&& f) {
      try {
        f();
        FAIL("nothing was thrown");
      } catch (const q::Error& error) {
        CHECK(q::tensors::text(error.slug()) == slug);
        CHECK(error.module() == module);
        const std::string text = error.what();
        CHECK(text.find("ower the learning rate") != std::string::npos);
        CHECK(text.find("alibrate both") == std::string::npos);
        CHECK(text.find("alibrate with") == std::string::npos);
        CHECK(text.find("FixedScaleObserver") == std::string::npos);
      }
    };
    says([&] { qat.forward(batches[0].images); });
    says([&] { qat.predict(batches[0].images); });
    says([&] { q::convert(qat); });
  };
  const auto learned = q::calibrate(q::prepare<q::march::NashE, Learned>(model), batches);
  check(learned, "stem.activation_scale", 1e20f, "scales-too-far-apart", "block1.conv1");
  check(learned, "stem.weight_scale", HUGE_VALF, "scale-out-of-range");
  const auto observed = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  check(observed, "stem.weight", 0, "only-zeros-observed");
  check(observed, "stem.weight", 1e-12f, "scale-underflow");
}

TEST_CASE("gradients point where those of the float model point, also in float layers before a QuantStub") {
  using Net = small::WithFloatEnds;
  check_gradients_point_where_those_in_float_do<Net, q::setter::DefaultQat>(q::FloatModel<Net>{q::Seed{2}});
}

TEST_CASE("so do those of the weights and biases of norms of rows, which have no fake-quantizer") {
  q::FloatModel<operators::RowNorms> model;
  q::training::Random random(q::Seed{3});
  for (auto& parameter : model.core().parameters().list())
    for (float& value : parameter.values) value += random.uniform(-0.5f, 0.5f);
  check_gradients_point_where_those_in_float_do<operators::RowNorms, networks::Int8Outputs>(model);
}

TEST_CASE("weights and biases of a norm that training has spoilt are named") {
  using Net = operators::RowNorms;
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 6);
  auto qat = q::start_qat(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  const auto slug_with = [&](const char* name, float value) -> std::string {
    auto spoilt = qat;
    for (q::ParameterView& view : spoilt.parameters())
      if (view.name == name) view.values[3] = value;
    try {
      q::phases::with_inputs<Net>(batches[0], [&](const auto& input) { spoilt.forward(input); });
    } catch (const q::Error& error) {
      return q::tensors::text(error.slug()) + " " + error.module();
    }
    return "";
  };
  CHECK(slug_with("layer_norm.weight", std::nanf("")) == "value-not-finite layer_norm");
  CHECK(slug_with("map_norm.bias", HUGE_VALF) == "value-not-finite map_norm");
  CHECK(slug_with("map_norm.bias", 1e9f) == "scales-too-far-apart map_norm");
  CHECK(slug_with("map_norm.weight", 1e9f).empty());
}
