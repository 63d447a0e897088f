// SPDX-License-Identifier: Apache-2.0
// Optimizers against PyTorch 1.13: three steps of torch.optim.SGD and AdamW on one parameter.
#include <quench/training/optimizers.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <limits>

namespace q = quench;

namespace {

struct OneParameter {
  std::vector<float> values{1.0f, -2.0f, 0.5f}, gradients = std::vector<float>(3);
  bool is_scale = false;

  std::vector<q::ParameterView> parameters() { return {{"weight", {3}, values, gradients, is_scale}}; }
  void zero_gradients() { gradients.assign(3, 0.0f); }
};

template <class Optimizer>
std::vector<float> after_three_steps(Optimizer optimizer, bool is_scale = false) {
  OneParameter model;
  model.is_scale = is_scale;
  const std::vector<float> gradients[] = {{0.1f, -0.2f, 0.3f}, {0.4f, 0.1f, -0.6f}, {-0.5f, 0.7f, 0.2f}};
  for (const auto& gradient : gradients) {
    model.gradients = gradient;
    optimizer.step(model);
    CHECK(model.gradients == std::vector<float>(3));
  }
  return model.values;
}

void check_near(const std::vector<float>& given, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(given[i]) == doctest::Approx(expected[i]).epsilon(1e-6));
}

template <class Optimizer>
void check_refused(Optimizer optimizer, q::TextView slug) {
  OneParameter model;
  model.gradients = {0.1f, 0.2f, std::numeric_limits<float>::quiet_NaN()};
  if (slug == q::TextView("value-out-of-range")) model.gradients[2] = 0;
  const std::vector<float> before = model.values;
  try {
    optimizer.step(model);
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.slug() == slug);
  }
  CHECK(model.values == before);
}

}  // namespace

TEST_CASE("SGD with momentum and weight decay does what torch.optim.SGD does") {
  check_near(after_three_steps(q::Sgd{.learning_rate = 0.1f, .momentum = 0.9f, .weight_decay = 0.01f}),
             {0.941372811794281, -2.023655652999878, 0.5099514126777649});
}

TEST_CASE("Adam does what torch.optim.AdamW does") {
  check_near(after_three_steps(q::Adam{.learning_rate = 0.01f}),
             {0.9817379117012024, -1.9927964210510254, 0.4945467412471771});
  check_near(after_three_steps(q::Adam{.learning_rate = 0.01f, .weight_decay = 0.1f}),
             {0.978769838809967, -1.9868252277374268, 0.4930645823478699});
}

TEST_CASE("an optimizer refuses gradients that are not finite and settings out of range, and moves nothing") {
  check_refused(q::Sgd{.learning_rate = 0.1f}, "value-not-finite");
  check_refused(q::Adam{}, "value-not-finite");
  check_refused(q::Sgd{.learning_rate = 0}, "value-out-of-range");
  check_refused(q::Sgd{.learning_rate = 0.1f, .momentum = 1}, "value-out-of-range");
  check_refused(q::Sgd{.learning_rate = 0.1f, .weight_decay = -1}, "value-out-of-range");
  check_refused(q::Adam{.learning_rate = -0.1f}, "value-out-of-range");
  check_refused(q::Adam{.beta1 = 1.5f}, "value-out-of-range");
}

TEST_CASE("scales have a rate and a decay of their own, and do not decay by themselves") {
  for (const float decay : {0.0f, 0.1f}) {
    const q::Sgd sgd{.learning_rate = 0.1f, .momentum = 0.9f, .weight_decay = decay};
    const q::Sgd slow{
        .learning_rate = 0.1f, .momentum = 0.9f, .weight_decay = decay, .scales = {.learning_rate = 0.01f}};
    CHECK(after_three_steps(slow) == after_three_steps(sgd));
    CHECK(after_three_steps(sgd, true) == after_three_steps(q::Sgd{.learning_rate = 0.1f, .momentum = 0.9f}));
    CHECK(after_three_steps(slow, true) == after_three_steps(q::Sgd{.learning_rate = 0.01f, .momentum = 0.9f}));
    const q::Adam adam{.learning_rate = 0.01f, .weight_decay = decay};
    const q::Adam slow_adam{.learning_rate = 0.01f, .weight_decay = decay, .scales = {.learning_rate = 0.001f}};
    CHECK(after_three_steps(slow_adam) == after_three_steps(adam));
    CHECK(after_three_steps(adam, true) == after_three_steps(q::Adam{.learning_rate = 0.01f}));
    CHECK(after_three_steps(slow_adam, true) == after_three_steps(q::Adam{.learning_rate = 0.001f}));
  }
  CHECK(after_three_steps(q::Sgd{.learning_rate = 0.1f, .scales = {.weight_decay = 0.2f}}, true) ==
        after_three_steps(q::Sgd{.learning_rate = 0.1f, .weight_decay = 0.2f}));
  CHECK(after_three_steps(q::Adam{.learning_rate = 0.1f, .scales = {.weight_decay = 0.2f}}, true) ==
        after_three_steps(q::Adam{.learning_rate = 0.1f, .weight_decay = 0.2f}));
  const std::vector<float> start = OneParameter().values;
  CHECK(after_three_steps(q::Sgd{.learning_rate = 0.1f, .scales = {.learning_rate = 0.0f}}, true) == start);
  CHECK(after_three_steps(q::Adam{.learning_rate = 0.1f, .scales = {.learning_rate = 0.0f}}, true) == start);
  check_refused(q::Sgd{.scales = {.learning_rate = -0.1f}}, "value-out-of-range");
  check_refused(q::Sgd{.scales = {.weight_decay = -0.1f}}, "value-out-of-range");
  check_refused(q::Adam{.scales = {.learning_rate = std::numeric_limits<float>::infinity()}}, "value-out-of-range");
  check_refused(q::Adam{.scales = {.weight_decay = std::numeric_limits<float>::quiet_NaN()}}, "value-out-of-range");
}

TEST_CASE("Adam begins anew with a model of other shapes") {
  struct OtherParameter : OneParameter {
    OtherParameter() { values = {1.0f}; }
    std::vector<q::ParameterView> parameters() { return {{"weight", {1}, values, {gradients.data(), 1}}}; }
  };
  OneParameter first;
  q::Adam adam{.learning_rate = 0.01f};
  for (int i = 0; i < 100; ++i) {
    first.gradients = {0.1f, 0.2f, 0.3f};
    adam.step(first);
  }
  OtherParameter second;
  second.gradients = {0.1f, 0, 0};
  adam.step(second);
  CHECK(adam.steps == 1);
  CHECK(static_cast<double>(second.values[0]) == doctest::Approx(0.99));
}
