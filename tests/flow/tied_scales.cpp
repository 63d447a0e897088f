// SPDX-License-Identifier: Apache-2.0
// Outputs with one scale, through the whole flow.
#include "flow/flow.hpp"

#include <cmath>
#include <limits>

#include <quench/interop/state.hpp>
#include <quench/network.hpp>

#include "recurrent.hpp"

#include <xtensor/xview.hpp>

namespace i = quench::interop;
namespace q = quench;

namespace {

template <class Q>
using AllWith = q::QConfigSetter<q::rule::Everything<Q>>;
using Step = GruStep<5, 4>;
using Steps = GruOfFour<5, 4>;
using Int16Outputs = q::qconfig::Int8WeightInt16Activation;

// An observer that depends on the order of what it sees, also in calibration.
struct MovingAverage {
  using Calibration = q::qconfig::Int8::Qat;
  using Qat = Calibration;
};

// Learned scales of outputs. Those of weights would be learned for each step.
struct LearnedState {
  using Calibration = q::qconfig::Int8::Calibration;
  using Qat = q::QConfig<q::qconfig::LearnedInt8::Qat::Activation, q::qconfig::Int8::Qat::Weight>;
};

template <class... TiesOfNet>
struct Pair {
  using Inputs = q::Inputs<q::Features<3>, q::Features<3>>;
  using Ties = q::Ties<TiesOfNet...>;
  q::QuantStub a, b;
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(sum.add(a(x), b(y))); }
};
using Tied = Pair<q::TiedScale<"a", "b">>;

struct TiedLog {
  using Inputs = q::Inputs<q::Features<3>, q::Features<3>>;
  using Ties = q::TiedScale<"a", "log">;
  q::QuantStub a, b;
  q::Log log;
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(sum.add(a(x), log(b(y)))); }
};

template <class Net>
auto batches_with_larger_second() {
  auto batches = q::random_batches<Net>(q::Seed{3}, 3, 5);
  for (auto& batch : batches) std::get<1>(batch.inputs) *= 8;
  return batches;
}

template <class Net, class Q>
auto calibrated_with() {
  return q::calibrate(q::prepare<q::march::NashE, AllWith<Q>>(q::FloatModel<Net>{q::Seed{1}}),
                      batches_with_larger_second<Net>());
}

/// The gradients of the scales after one step of training.
template <class Net, class Q>
std::vector<std::pair<std::string, float>> gradients_of_scales(const std::vector<float>& scales) {
  using Prepared = q::PreparedModel<Net, q::march::NashE, AllWith<Q>>;
  const auto prepared = q::prepare<q::march::NashE, AllWith<Q>>(q::FloatModel<Net>{q::Seed{1}});
  auto qat = q::start_qat(q::CalibratedModel<Net, q::march::NashE, AllWith<Q>>(Prepared(prepared), scales));
  const auto batch = batches_with_larger_second<Net>()[0];
  qat.zero_gradients();
  auto y = qat.forward(std::get<0>(batch.inputs), std::get<1>(batch.inputs));
  qat.backward(y);
  std::vector<std::pair<std::string, float>> gradients;
  for (const q::ParameterView& parameter : qat.parameters())
    gradients.emplace_back(parameter.name, parameter.gradients[0]);
  return gradients;
}

/// A step with the weights and scales of an unrolled network.
template <class StepModel, class Model>
StepModel step_of(const Model& unrolled) {
  i::NamedArrays arrays;
  for (const auto& [name, array] : i::arrays_of(unrolled)) {
    if (name.starts_with("quench.")) continue;                                  // the hash of the unrolled network
    if (name.starts_with("steps.") && !name.starts_with("steps.0.")) continue;  // scales of the same weights
    arrays[name.starts_with("steps.0.") ? "cell." + name.substr(8) : name] = array;
  }
  return i::load_quantized<typename StepModel::Network, typename StepModel::March, typename StepModel::QConfigSetter>(
      arrays);
}

/// The four steps of a quantized network one by one: each state is the input of the next step, as real values in
/// `predict`, and as integers in the arena of a device.
template <class Setter, class Code, class Model>
void check_streaming(const Model& unrolled, const q::Batch<Steps>& batch) {
  const auto step = step_of<q::QuantizedModel<Step, q::march::NashE, Setter>>(unrolled);
  const auto& [sequence, first] = batch.inputs;
  constexpr const q::Graph& graph = q::graph<Step>;
  constexpr int stub = graph.modules[graph.find_module("quant_state")].node;
  std::vector<std::vector<std::int32_t>> codes;
  q::Batch<Step> next;
  std::get<1>(next.inputs) = first;
  for (std::size_t t = 0; t < 4; ++t) {
    std::get<0>(next.inputs) = xt::view(sequence, xt::all(), t, xt::all());
    auto pass = keep_all(step, next);
    for (std::size_t sample = 0; sample < first.shape()[0]; ++sample) {
      if (t == 0)
        codes.emplace_back();
      else
        for (std::size_t at = 0; at < 4; ++at)
          pass.integers().template of<Code>(stub, static_cast<int>(sample))[at] = static_cast<Code>(codes[sample][at]);
      codes[sample] = flow::run_as_device(step, pass, static_cast<int>(sample));
    }
    std::get<1>(next.inputs) = step.predict(std::get<0>(next.inputs), std::get<1>(next.inputs));
  }
  const auto& state = std::get<1>(next.inputs);
  CHECK(flow::same_bits({state.begin(), state.end()}, flow::outputs(unrolled, batch)));
  auto pass = keep_all(unrolled, batch);
  for (std::size_t sample = 0; sample < first.shape()[0]; ++sample)
    CHECK(codes[sample] == flow::integers_of(unrolled, pass, static_cast<int>(sample)));
}

template <class Model>
void check_reloads(const Model& model, Model other, const q::Batch<Steps>& batch) {
  const auto before = flow::outputs(model, batch);
  CHECK(!flow::same_bits(flow::outputs(other, batch), before));
  i::load_arrays(other, i::arrays_of(model));
  CHECK(flow::same_bits(flow::outputs(other, batch), before));
}

}  // namespace

TEST_CASE("calibration finds the scale of tied outputs over all of them") {
  const auto tied = calibrated_with<Tied, Int16Outputs>();
  const auto tied_too = calibrated_with<Pair<q::TiedScale<"b", "a">>, Int16Outputs>();
  const auto untied = calibrated_with<Pair<>, Int16Outputs>();
  const std::vector<float>&one = tied.activation_scales(), &two = untied.activation_scales();
  CHECK(two[0] < two[1]);
  CHECK(one == std::vector<float>{two[1], two[1], two[2], 0});  // neither the sum is tied nor the DeQuantStub
  CHECK(tied_too.activation_scales() == one);
}

TEST_CASE("an observer that depends on the order of batches sees tied outputs as one tensor") {
  const auto tied = calibrated_with<Tied, MovingAverage>();
  const auto untied = calibrated_with<Pair<>, MovingAverage>();
  CHECK(untied.activation_scales()[0] < untied.activation_scales()[1]);
  CHECK(tied.activation_scales()[0] == untied.activation_scales()[1]);  // the larger tensor has both ends of the range
  CHECK(tied.activation_scales()[1] == untied.activation_scales()[1]);
}

TEST_CASE("training moves the scale of tied outputs over all of them") {
  const auto start = calibrated_with<Tied, Int16Outputs>();
  auto tied = q::start_qat(start);
  auto untied = q::start_qat(calibrated_with<Pair<>, Int16Outputs>());
  const auto batches = batches_with_larger_second<Tied>();
  const auto& [x, y] = batches[0].inputs;
  for (int round = 0; round < 3; ++round) {
    tied.forward(3 * x, 3 * y);
    untied.forward(3 * x, 3 * y);
  }
  const auto one = q::convert(tied);
  const auto two = q::convert(untied);
  const std::vector<float>& scales = one.core().scales().activation;
  CHECK(scales[0] > start.activation_scales()[0]);
  CHECK(scales[0] == two.core().scales().activation[1]);  // the larger tensor has both ends of the range
  CHECK(scales[1] == scales[0]);
}

TEST_CASE("training finds a tied output that is not finite by its name") {
  const xt::xtensor<float, 2> ones = xt::ones<float>(std::array<std::size_t, 2>{2, 3});
  auto prepared = q::prepare<q::march::NashE, AllWith<Int16Outputs>>(q::FloatModel<TiedLog>{q::Seed{1}});
  prepared.observe(ones, 2 * ones);
  auto qat = q::start_qat(q::CalibratedModel(std::move(prepared)));
  CHECK_THROWS_WITH_AS(qat.forward(ones, 0 * ones),
                       doctest::Contains(": log: a value is NaN or infinite (element 0 is -inf)"), q::Error);
}

TEST_CASE("a learned scale of tied outputs is one parameter, and its gradient is the sum of theirs") {
  for (const float scale : {0.001f, 0.1f}) {
    const std::vector<float> scales{scale, scale, 0.1f, 0};
    const auto check = [&]<class Q>(Q) {
      const auto tied = gradients_of_scales<Tied, Q>(scales), untied = gradients_of_scales<Pair<>, Q>(scales);
      REQUIRE(tied.size() == 2);
      REQUIRE(untied.size() == 3);
      CHECK(tied[0].first == untied[0].first);
      CHECK(untied[0].second != 0.0f);
      CHECK(tied[0].second == untied[1].second + untied[0].second);
      CHECK(tied[1] == untied[2]);
    };
    check(q::qconfig::LearnedInt8{});
    if (scale == 0.001f) check(q::qconfig::PactInt8{});
  }
}

TEST_CASE("recurrent networks go through the flow, int8, int16 and with learned scales") {
  flow::check<Steps>({.signal_to_noise = 15, .loss_factor = 0.8});
  flow::check<Steps, AllWith<Int16Outputs>>({.signal_to_noise = 40, .loss_factor = 0.8});
  flow::check<Steps, AllWith<q::qconfig::LearnedInt8>>({.signal_to_noise = 15, .loss_factor = 0.8});
  flow::check<Steps, AllWith<q::qconfig::PactInt8>>({.signal_to_noise = 15, .loss_factor = 0.8});
  flow::check<LstmOfThree<5, 4>>({.signal_to_noise = 15, .loss_factor = 0.8});
}

TEST_CASE(
    "a state that leaves as integers enters the next call as it is: steps one by one equal the unrolled network") {
  const auto batches = q::random_batches<Steps>(q::Seed{5}, 2, 6);
  const auto check = [&]<class Setter, class Code>(Setter, Code) {
    const auto calibrated =
        q::calibrate(q::prepare<q::march::NashE, Setter>(q::FloatModel<Steps>{q::Seed{2}}), batches);
    check_streaming<Setter, Code>(q::convert(calibrated), batches[1]);
    auto qat = q::start_qat(calibrated);
    q::Sgd sgd{.learning_rate = 0.2f};
    for (int round = 0; round < 3; ++round) flow::step_towards(qat, batches[0], std::vector<float>(6 * 4, 0.25f), sgd);
    check_streaming<Setter, Code>(q::convert(qat), batches[1]);
  };
  check(q::setter::DefaultQat{}, std::int8_t{});
  check(AllWith<Int16Outputs>{}, std::int16_t{});
  check(AllWith<LearnedState>{}, std::int8_t{});
}

TEST_CASE("both states of an LSTM enter the next call as they left") {
  using Net = LstmOfThree<5, 4>;
  const auto batches = q::random_batches<Net>(q::Seed{5}, 2, 6);
  const auto unrolled = q::convert(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<Net>{q::Seed{2}}), batches));
  const auto step = step_of<q::QuantizedModel<LstmStep<5, 4>, q::march::NashE, q::setter::DefaultQat>>(unrolled);
  const auto& [sequence, first, first_cell] = batches[1].inputs;
  xt::xtensor<float, 2> h = first, c = first_cell, x;
  for (std::size_t t = 0; t < 3; ++t) {
    x = xt::view(sequence, xt::all(), t, xt::all());
    std::tie(h, c) = step.predict(x, h, c);
  }
  std::vector<float> last(h.begin(), h.end());
  last.insert(last.end(), c.begin(), c.end());
  CHECK(flow::same_bits(last, flow::outputs(unrolled, batches[1])));
}

TEST_CASE("models with tied scales are saved and loaded in every phase") {
  const auto batches = q::random_batches<Steps>(q::Seed{5}, 2, 6);
  const auto others = q::random_batches<Steps>(q::Seed{6}, 2, 6);
  const auto prepared = [](unsigned seed) { return q::prepare<q::march::NashE>(q::FloatModel<Steps>{q::Seed{seed}}); };
  const auto one = q::calibrate(prepared(2), batches), two = q::calibrate(prepared(3), others);
  check_reloads(one, two, batches[0]);
  check_reloads(q::convert(one), q::convert(two), batches[0]);
  auto qat = q::start_qat(one), other = q::start_qat(two);
  qat.forward(std::get<0>(batches[0].inputs), std::get<1>(batches[0].inputs));
  check_reloads(qat, other, batches[0]);
  auto shown = prepared(2), loaded = prepared(3);
  shown.observe(std::get<0>(batches[0].inputs), std::get<1>(batches[0].inputs));
  i::load_arrays(loaded, i::arrays_of(shown));
  using Calibrated = std::remove_cvref_t<decltype(one)>;
  const Calibrated from_loaded(loaded), from_shown(shown);
  CHECK(from_loaded.activation_scales() == from_shown.activation_scales());
}
