// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/model.hpp>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

#include "networks/toy.hpp"
#include "tensors/throws.hpp"

namespace q = quench;

namespace {

template <class Model>
concept HasParameters = requires(Model& model) { model.parameters(); };
template <class Model, class Batch>
concept IsTrained = requires(Model& model, const Batch& batch) {
  model.backward(model.forward(batch.images));
  model.zero_gradients();
};

template <class Model, class Batch>
void check_shell(Model& model, const Batch& batch) {
  const auto outputs = std::as_const(model).predict(batch.images);
  model.set_workers(q::Workers{2});
  CHECK(std::as_const(model).predict(batch.images) == outputs);
  const Model copy = model, moved = std::move(model);
  CHECK(copy.predict(batch.images) == outputs);
  CHECK(moved.predict(batch.images) == outputs);
  CHECK(slug_of([&] { model.predict(batch.images); }) == "model-moved-from");
  model = copy;
  CHECK(model.predict(batch.images) == outputs);
}

}  // namespace

TEST_CASE("every model predicts as a const one, shares threads, and is copied, moved and assigned") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 5);
  q::FloatModel<toy::Net> model{q::Seed{2}};
  auto prepared = q::prepare<q::march::NashE>(model);
  auto calibrated = q::calibrate(prepared, batches);
  auto qat = q::start_qat(calibrated);
  auto quantized = q::convert(qat);
  check_shell(model, batches[0]);
  check_shell(prepared, batches[0]);
  check_shell(calibrated, batches[0]);
  check_shell(qat, batches[0]);
  check_shell(quantized, batches[0]);
  using Batch = q::Batch<toy::Net>;
  static_assert(IsTrained<decltype(model), Batch> && IsTrained<decltype(qat), Batch>);
  static_assert(!IsTrained<decltype(prepared), Batch> && !IsTrained<decltype(calibrated), Batch> &&
                !IsTrained<decltype(quantized), Batch>);
  static_assert(HasParameters<decltype(prepared)> && !HasParameters<decltype(quantized)>);
}
