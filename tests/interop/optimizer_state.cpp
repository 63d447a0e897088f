// SPDX-License-Identifier: Apache-2.0
// The state of optimizers goes through named arrays bit for bit; what does not fit is refused and changes nothing.
#include <quench/interop/optimizer_state.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "interop/arrays.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace q = quench;

namespace {

// Two parameters that are trained, with one between them that is not.
struct Model {
  std::vector<float> weight{1, -2, 3, 0.5f, 4, -1}, mean{7, 8}, bias{0.25f, 9}, weight_gradients{1, 2, 3, 4, 5, 6},
      bias_gradients{-1, 1e-20f};

  std::vector<q::ParameterView> parameters() {
    return {{"conv.weight", {2, 3}, weight, weight_gradients},
            {"bn.running_mean", {2}, mean, {}},
            {"conv.bias", {2}, bias, bias_gradients}};
  }
  void zero_gradients() {}
};

// Loads into `optimizer`, which has to be refused; then it has still what `before` says.
template <class Optimizer>
void check_refused(Optimizer optimizer, const i::NamedArrays& arrays, const std::string& slug,
                   const std::string& module) {
  Model model;
  const auto before = i::arrays_of(optimizer, model);
  try {
    i::load_arrays(optimizer, model, arrays);
    FAIL("not refused");
  } catch (const q::Error& error) {
    CHECK(slug_of([&] { throw error; }) == slug);
    CHECK(error.module() == module);
  }
  CHECK(i::arrays_of(optimizer, model) == before);
}

}  // namespace

TEST_CASE("the velocity of SGD is named after the parameters, and comes back") {
  Model model;
  q::Sgd sgd{.momentum = 0.5f}, other;
  CHECK(i::arrays_of(sgd, model).empty());
  for (int step = 0; step < 3; ++step) sgd.step(model);
  const auto arrays = i::arrays_of(sgd, model);
  CHECK(arrays == i::NamedArrays{{"velocity.conv.weight", arrays::of<float>({2, 3}, sgd.velocity[0])},
                                 {"velocity.conv.bias", arrays::of<float>({2}, sgd.velocity[1])}});
  i::load_arrays(other, model, arrays);
  CHECK(other.velocity == sgd.velocity);
  i::load_arrays(other, model, {});  // before the first step
  CHECK(other.velocity.empty());
}

TEST_CASE("the means, squares and steps of Adam come back") {
  Model model;
  q::Adam adam, other;
  CHECK(i::arrays_of(adam, model) == i::NamedArrays{{"steps", arrays::of<std::int64_t>({1}, {0})}});
  for (int step = 0; step < 3; ++step) adam.step(model);
  const auto arrays = i::arrays_of(adam, model);
  CHECK(arrays == i::NamedArrays{{"mean.conv.weight", arrays::of<float>({2, 3}, adam.mean[0])},
                                 {"mean.conv.bias", arrays::of<float>({2}, adam.mean[1])},
                                 {"square.conv.weight", arrays::of<float>({2, 3}, adam.square[0])},
                                 {"square.conv.bias", arrays::of<float>({2}, adam.square[1])},
                                 {"steps", arrays::of<std::int64_t>({1}, {3})}});
  i::load_arrays(other, model, arrays);
  CHECK(other.mean == adam.mean);
  CHECK(other.square == adam.square);
  CHECK(other.steps == 3);
  i::load_arrays(other, model, {{"steps", arrays::of<std::int64_t>({1}, {0})}});
  CHECK(other.mean.empty());
  CHECK(other.square.empty());
  CHECK(other.steps == 0);
}

TEST_CASE("the state of an optimizer that does not fit is refused and changes nothing") {
  Model model;
  q::Sgd sgd{.momentum = 0.5f};
  q::Adam adam;
  sgd.step(model);
  adam.step(model);
  const auto changed = [&](const auto& optimizer, const std::string& name, const i::NamedArray* array) {
    auto arrays = i::arrays_of(optimizer, model);
    if (array == nullptr)
      arrays.erase(name);
    else
      arrays[name] = *array;
    return arrays;
  };
  const i::NamedArray shape = arrays::of<float>({3, 2}, {1, 2, 3, 4, 5, 6}),
                      type = arrays::of<std::int8_t>({2}, {1, 2}),
                      nan = arrays::of<float>({2}, {1, std::numeric_limits<float>::quiet_NaN()}),
                      negative = arrays::of<std::int64_t>({1}, {-1}), real = arrays::of<float>({1}, {1}),
                      two = arrays::of<std::int64_t>({2}, {1, 2});
  check_refused(sgd, changed(sgd, "velocity.conv.bias", nullptr), "state-not-valid", "velocity.conv.bias");
  check_refused(sgd, changed(sgd, "velocity.conv.bias", &nan), "value-not-finite", "velocity.conv.bias");
  check_refused(sgd, changed(sgd, "velocity.conv.bias", &type), "file-not-readable", "velocity.conv.bias");
  check_refused(sgd, changed(sgd, "velocity.conv.weight", &shape), "state-not-valid", "velocity.conv.weight");
  check_refused(sgd, changed(sgd, "velocity.bn.running_mean", &nan), "state-not-valid", "velocity.bn.running_mean");
  check_refused(sgd, i::arrays_of(adam, model), "state-not-valid", "");
  check_refused(adam, changed(adam, "square.conv.bias", nullptr), "state-not-valid", "square.conv.bias");
  check_refused(adam, changed(adam, "mean.conv.weight", &shape), "state-not-valid", "mean.conv.weight");
  check_refused(adam, changed(adam, "square.conv.bias", &nan), "value-not-finite", "square.conv.bias");
  check_refused(adam, changed(adam, "steps", nullptr), "state-not-valid", "steps");
  check_refused(adam, changed(adam, "steps", &negative), "state-not-valid", "steps");
  check_refused(adam, changed(adam, "steps", &real), "file-not-readable", "steps");
  check_refused(adam, changed(adam, "steps", &two), "state-not-valid", "steps");
  check_refused(adam, {}, "state-not-valid", "steps");
  check_refused(adam, i::arrays_of(sgd, model), "state-not-valid", "");
}
