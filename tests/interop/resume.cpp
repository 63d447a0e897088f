// SPDX-License-Identifier: Apache-2.0
// Training that is saved and loaded after any step goes on with the same bits as training that never stopped.
#include <quench/interop/state.hpp>

#include <bit>

#include <quench/network.hpp>
#include <quench/tensors/error.hpp>

#include "flow/flow.hpp"
#include "temporary_folder.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

struct Net {
  using Inputs = q::Inputs<q::Features<6>>;
  q::QuantStub quant;
  q::Linear hidden{.in_features = 6, .out_features = 5};
  q::ReLU relu;
  q::Linear head{.in_features = 5, .out_features = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(relu(hidden(quant(x))))); }
};

template <class Q>
using Everywhere = q::QConfigSetter<q::rule::AllowLowPrecisionOutput<"head">, q::rule::Everything<Q>>;

using WholeWeight = q::FakeQuantize<q::MinMaxObserver>;
struct LearnedPerTensor {
  using Calibration = q::QConfig<q::FakeQuantize<q::MSEObserver>, WholeWeight>;
  using Qat = q::QConfig<q::LearnedFakeQuantize<>, q::LearnedFakeQuantize<q::MinMaxObserver>>;
};
struct ClippedAndLearned {
  using Calibration = q::qconfig::Int8::Calibration;
  using Qat = q::QConfig<q::PactFakeQuantize<>, q::qconfig::LearnedInt8::Qat::Weight>;
};

// Every bit that training goes on from.
template <class Model, class Optimizer>
i::NamedArrays all_of(const Model& model, Model& same, const Optimizer& optimizer) {
  i::NamedArrays all = i::arrays_of(model);
  for (const auto& [name, array] : i::arrays_of(optimizer, same)) all["optimizer." + name] = array;
  return all;
}

// Whether a scale, or a clip, is below the least one as its optimizer has left it.
template <class Model>
int held_scales(const Model& model) {
  int held = 0;
  auto copy = model;
  for (const q::ParameterView& parameter : copy.parameters())
    if (parameter.name.find("activation_") != std::string::npos || parameter.name.ends_with("weight_scale"))
      for (const float value : parameter.values) held += value <= q::magnitude_of(q::smallest_scale, q::DType::Int8);
  return held;
}

// The bits of the loss of a step, or the error that it ends with.
template <class Model, class Optimizer>
std::string step_or_error(Model& model, const q::Batch<Net>& batch, const std::vector<float>& target,
                          Optimizer& optimizer) {
  try {
    return std::to_string(std::bit_cast<std::uint64_t>(flow::step_towards(model, batch, target, optimizer)));
  } catch (const q::Error& error) {
    return error.what();
  }
}

// Trains twice, once saved and loaded after every `every` steps; gives how many scales were held at the least.
template <class Q, class Optimizer>
int check_resumes(Optimizer optimizer, const char* extension, int every, int steps_at_once = 1) {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 3, 8);
  const auto calibrated =
      q::calibrate(q::prepare<q::march::NashE, Everywhere<Q>>(q::FloatModel<Net>{q::Seed{3}}), batches);
  auto model = q::start_qat(calibrated), resumed = q::start_qat(calibrated);
  Optimizer other = optimizer;
  const std::vector<float> target(8 * 3);
  const TemporaryFolder folder;
  const auto of_model = folder / (std::string("quench_resume_model") + extension),
             of_optimizer = folder / (std::string("quench_resume_optimizer") + extension);
  int held = 0;
  for (int step = 0; step < 40; ++step) {
    const auto& batch = batches[static_cast<std::size_t>(step % 3)];
    const std::string result = step_or_error(model, batch, target, optimizer);
    REQUIRE(step_or_error(resumed, batch, target, other) == result);
    if (result.starts_with("quench[")) return held;     // the rate was too high, for both
    for (int more = 1; more < steps_at_once; ++more) {  // with gradients of zero: momentum alone moves
      optimizer.step(model);
      if (more == 1 && step % every == 0) {
        i::save(resumed, of_model);
        i::load(resumed, of_model);
      }
      other.step(resumed);
    }
    held += held_scales(model);
    if (step % every == 0) {
      i::save(resumed, of_model);
      i::save(other, resumed, of_optimizer);
      auto loaded = q::start_qat(calibrated);
      Optimizer fresh = optimizer;
      fresh.step(loaded);  // so that it has a state of its own
      i::load(loaded, of_model);
      i::load(fresh, loaded, of_optimizer);
      resumed = std::move(loaded);
      other = std::move(fresh);
    }
    REQUIRE(all_of(model, model, optimizer) == all_of(resumed, resumed, other));
  }
  return held;
}

template <class Q>
void check_with_every_optimizer() {
  for (const float rate : {0.001f, 0.1f, 1.0f, 10.0f}) {
    CAPTURE(rate);
    int held = 0;
    held += check_resumes<Q>(q::Sgd{.learning_rate = rate}, ".npz", 1);
    held += check_resumes<Q>(q::Sgd{.learning_rate = rate, .momentum = 0.9f, .weight_decay = 0.01f}, ".safetensors", 1);
    held += check_resumes<Q>(q::Sgd{.learning_rate = rate, .momentum = 0.9f}, ".npz", 3, 3);
    held += check_resumes<Q>(q::Adam{.learning_rate = rate}, ".safetensors", 1, 2);
    held += check_resumes<Q>(q::Adam{.learning_rate = rate, .weight_decay = 0.1f}, ".npz", 5);
    held += check_resumes<Q>(
        q::Adam{.learning_rate = rate, .scales = {.learning_rate = 0.1f * rate, .weight_decay = 1}}, ".npz", 1);
    if (rate > 0.05f) CHECK(held > 0);  // or the test has tested nothing
  }
}

}  // namespace

TEST_CASE("training with learned scales goes on from files bit for bit, also where scales are held") {
  check_with_every_optimizer<q::qconfig::LearnedInt8>();
  check_with_every_optimizer<LearnedPerTensor>();
}

TEST_CASE("training with learned clips goes on from files bit for bit, also where clips are held") {
  check_with_every_optimizer<q::qconfig::PactInt8>();
  check_with_every_optimizer<ClippedAndLearned>();
}

TEST_CASE("training with observers goes on from files bit for bit") {
  check_resumes<q::qconfig::Int8>(q::Adam{.learning_rate = 0.01f}, ".npz", 1);
  check_resumes<q::qconfig::Int8FixedActivation>(q::Sgd{.learning_rate = 0.1f, .momentum = 0.9f}, ".safetensors", 2);
}

namespace {

// One of a user: its scale is one that no magnitude leads to.
struct OwnObserver {
  void observe(std::span<const float> x) { largest = std::max(largest, q::finite_range(x).magnitude()); }
  float scale(q::DType dtype) const { return std::nextafter(q::raw_scale(largest, dtype), 1e9f); }
  std::vector<double> state() const { return {static_cast<double>(largest)}; }
  void load(std::span<const double> state) { largest = static_cast<float>(state[0]); }
  float largest = 0;
};

template <class Q>
void check_resumes_at_start() {
  const auto batches = q::random_batches<Net>(q::Seed{1}, 2, 8);
  const auto calibrated =
      q::calibrate(q::prepare<q::march::NashE, Everywhere<Q>>(q::FloatModel<Net>{q::Seed{3}}), batches);
  auto model = q::start_qat(calibrated), loaded = q::start_qat(calibrated);
  q::Sgd sgd{.learning_rate = 0.1f}, other = sgd;
  const std::vector<float> target(8 * 3);
  for (int step = 0; step < 2; ++step) {  // what it loads into may have begun
    i::load_arrays(loaded, i::arrays_of(model));
    CHECK(i::arrays_of(loaded) == i::arrays_of(model));
    CHECK(loaded.core().scales().activation == model.core().scales().activation);
    const double loss = flow::step_towards(model, batches[0], target, sgd);
    CHECK(flow::step_towards(loaded, batches[0], target, other) == loss);
    CHECK(i::arrays_of(loaded) == i::arrays_of(model));
    flow::step_towards(loaded, batches[1], target, other);
  }
}

struct OwnThenLearned {
  using Calibration = q::QConfig<q::FakeQuantize<OwnObserver>, WholeWeight>;
  using Qat = q::QConfig<q::LearnedFakeQuantize<>, WholeWeight>;
};
struct OwnThenClipped {
  using Calibration = q::QConfig<q::FakeQuantize<OwnObserver>, WholeWeight>;
  using Qat = q::QConfig<q::PactFakeQuantize<>, WholeWeight>;
};
struct OwnThenAverage {
  using Calibration = q::QConfig<q::FakeQuantize<OwnObserver>, WholeWeight>;
  using Qat = q::qconfig::Int8FixedActivation::Qat;
};

}  // namespace

TEST_CASE("a model saved before its first step begins at the same scales") {
  check_resumes_at_start<OwnThenLearned>();
  check_resumes_at_start<OwnThenClipped>();
  check_resumes_at_start<OwnThenAverage>();
  check_resumes_at_start<q::QConfig<q::FakeQuantize<OwnObserver>, WholeWeight>>();
  check_resumes_at_start<q::QConfig<q::FakeQuantize<q::MSEObserver>, WholeWeight>>();
  check_resumes_at_start<q::qconfig::Int8>();
}
