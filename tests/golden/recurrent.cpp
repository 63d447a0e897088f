// SPDX-License-Identifier: Apache-2.0
// The blocks of recurrent.hpp give what torch's nn.GRU and nn.LSTM give, with torch's parameters; see make_recurrent.py.
#include "recurrent.hpp"
#include "golden/recurrent_states.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <xtensor/xview.hpp>

#include <quench/interop/state.hpp>

#include "golden/inputs.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

constexpr std::size_t features = 5, hidden = 4, samples = golden::recurrent_samples, steps = golden::recurrent_steps;

std::vector<float> recurrent_values(golden::Generator& generator, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(static_cast<int>(generator.next() % 129) - 64) / 64;
  return values;
}

/// A model with torch's parameters: weight_ih_l0 is those of the layer `cell`.ih, as it is.
template <class Net>
q::FloatModel<Net> model_of_torch(golden::Generator& generator, const std::string& cell, std::size_t gates) {
  q::FloatModel<Net> model;
  i::NamedArrays arrays;
  const auto add = [&](const std::string& name, std::vector<std::size_t> shape) {
    const std::size_t count = shape.size() == 2 ? shape[0] * shape[1] : shape[0];
    arrays[cell + name] = i::NamedArray::of<float>(shape, recurrent_values(generator, count));
  };
  add(".ih.weight", {gates * hidden, features});
  add(".hh.weight", {gates * hidden, hidden});
  add(".ih.bias", {gates * hidden});
  add(".hh.bias", {gates * hidden});
  i::load_arrays(model, arrays);
  return model;
}

using States = xt::xtensor<float, 2>;

States states_of(golden::Generator& generator) {
  const std::vector<float> values = recurrent_values(generator, samples * hidden);
  States states({samples, hidden});
  std::copy(values.begin(), values.end(), states.begin());
  return states;
}

double largest_difference(const States& states, const float* golden, std::size_t stride) {
  double largest = 0;
  for (std::size_t sample = 0; sample < samples; ++sample)
    for (std::size_t at = 0; at < hidden; ++at)
      largest = std::max(largest, std::abs(static_cast<double>(states(sample, at)) -
                                           static_cast<double>(golden[sample * stride + at])));
  return largest;
}

struct Start {
  xt::xtensor<float, 3> x{xt::xtensor<float, 3>::shape_type{samples, steps, features}};
  States h, c;

  explicit Start(golden::Generator& generator, bool has_cell) {
    const std::vector<float> values = recurrent_values(generator, samples * steps * features);
    std::copy(values.begin(), values.end(), x.begin());
    h = states_of(generator);
    if (has_cell) c = states_of(generator);
  }
  xt::xtensor<float, 2> at(std::size_t step) const { return xt::view(x, xt::all(), step, xt::all()); }
};

}  // namespace

TEST_CASE("a GRU gives what torch gives, step by step and unrolled") {
  golden::Generator generator{golden::recurrent_seed};
  const auto step = model_of_torch<GruStep<features, hidden>>(generator, "cell", 3);
  const Start start(generator, false);
  States h = start.h;
  for (std::size_t t = 0; t < steps; ++t) {
    h = step.predict(start.at(t), h);
    CHECK(largest_difference(h, golden::gru_states + t * hidden, steps * hidden) < 1e-5);
  }
  golden::Generator again{golden::recurrent_seed};
  const auto unrolled = model_of_torch<GruOfFour<features, hidden>>(again, "steps.0", 3);
  CHECK(largest_difference(unrolled.predict(start.x, start.h), golden::gru_states + (steps - 1) * hidden,
                           steps * hidden) < 1e-5);
}

TEST_CASE("an LSTM gives what torch gives, step by step") {
  golden::Generator generator{golden::recurrent_seed};
  const auto step = model_of_torch<LstmStep<features, hidden>>(generator, "cell", 4);
  const Start start(generator, true);
  States h = start.h, c = start.c;
  for (std::size_t t = 0; t < steps; ++t) {
    std::tie(h, c) = step.predict(start.at(t), h, c);
    CHECK(largest_difference(h, golden::lstm_states + t * hidden, steps * hidden) < 1e-5);
  }
  CHECK(largest_difference(c, golden::lstm_last_cell, hidden) < 1e-5);
}
