// SPDX-License-Identifier: Apache-2.0
// A recurrent network: trained as four steps, run one step at a time. Here a GRU learns the mean of what it has seen.
#include <quench/quench.hpp>
#include <quench/interop/state.hpp>

#include <cstdio>
#include <xtensor/xview.hpp>

#include "recurrent.hpp"

namespace q = quench;
using Steps = GruOfFour<3, 3>;
using Step = GruStep<3, 3>;
using Values = xt::xtensor<float, 2>;

namespace {

/// The mean of the four inputs of each sequence.
Values means(const xt::xtensor<float, 3>& sequences) {
  Values result = xt::view(sequences, xt::all(), 0, xt::all());
  for (int t = 1; t < 4; ++t) result += xt::view(sequences, xt::all(), t, xt::all());
  return result / 4;
}

/// Random sequences, which begin with a state of zeros.
std::vector<q::Batch<Steps>> sequences(q::Seed seed, int batches) {
  auto result = q::random_batches<Steps>(seed, batches, 32);
  for (auto& batch : result) std::get<1>(batch.inputs).fill(0);
  return result;
}

// region load_step
/// The step with the weights and scales of a trained network. Those of its first step are those of all steps.
q::QuantizedModel<Step, q::march::NashE, q::setter::DefaultQat> step_of(const auto& trained) {
  q::interop::NamedArrays arrays;
  for (const auto& [name, array] : q::interop::arrays_of(trained)) {
    if (name.starts_with("quant"))
      arrays[name] = array;
    else if (name.starts_with("steps.0."))
      arrays["cell." + name.substr(8)] = array;
  }
  return q::interop::load_quantized<Step, q::march::NashE, q::setter::DefaultQat>(arrays);
}
// end region

}  // namespace

int main() {
  const auto train_batches = sequences(q::Seed{1}, 40), test_batches = sequences(q::Seed{2}, 8);
  q::FloatModel<Steps> model{q::Seed{3}};
  constexpr q::MeanSquaredLoss mean_squared;
  q::Adam adam{.learning_rate = 0.02f};
  const auto train = [&](auto& any_model) {
    for (const auto& batch : train_batches) {
      const auto& [x, start] = batch.inputs;
      auto loss = mean_squared(any_model.forward(x, start), means(x));
      any_model.backward(loss.gradient);
      adam.step(any_model);
    }
  };
  const auto error = [&](const auto& predict) {
    double sum = 0;
    for (const auto& batch : test_batches) {
      const auto& [x, start] = batch.inputs;
      sum += mean_squared(predict(x, start), means(x)).value / static_cast<double>(test_batches.size());
    }
    return sum;
  };
  for (int epoch = 0; epoch < 8; ++epoch) train(model);
  auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), test_batches);
  auto qat = q::start_qat(calibrated);
  adam = {.learning_rate = 0.001f};
  train(qat);
  const auto quantized = q::convert(qat);
  std::printf("mean squared error of zeros   %.4f\n", error([](const auto&, const auto& start) { return start; }));
  std::printf("float                         %.4f\n", error([&](auto&... inputs) { return model.predict(inputs...); }));
  std::printf("quantized                     %.4f\n",
              error([&](auto&... inputs) { return quantized.predict(inputs...); }));

  // region stream
  const auto step = step_of(quantized);
  int equal = 0, all = 0;
  for (const auto& batch : test_batches) {
    const auto& [x, start] = batch.inputs;
    Values state = start;
    for (int t = 0; t < 4; ++t) state = step.predict(Values(xt::view(x, xt::all(), t, xt::all())), state);
    const Values unrolled = quantized.predict(x, start);
    for (std::size_t i = 0; i < state.size(); ++i, ++all) equal += state.flat(i) == unrolled.flat(i) ? 1 : 0;
  }
  // end region
  std::printf("states equal, step by step    %d of %d\n", equal, all);
  return equal == all ? 0 : 1;
}
