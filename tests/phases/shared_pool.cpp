// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/shared_pool.hpp>

#include <doctest/doctest.h>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/evaluate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/tensors/error.hpp>

#include "networks/toy.hpp"

namespace q = quench;

namespace {

template <class F>
std::string slug_after_move(F&& f) {
  try {
    f();
  } catch (const q::Error& error) {
    return q::tensors::text(error.slug());
  }
  return "";
}

}  // namespace

TEST_CASE("copies share a pool, and what was moved away has none") {
  q::phases::SharedPool pool{q::Workers{2}}, copy = pool;
  CHECK(&*pool == &*copy);
  CHECK(pool->count() == 2);
  const q::phases::SharedPool moved = std::move(pool);
  CHECK(moved->count() == 2);
  CHECK(slug_after_move([&] { pool.require(); }) == "model-moved-from");
  CHECK_NOTHROW(copy.require());
}

TEST_CASE("a model that was moved away refuses to be used") {
  const auto batches = q::random_labelled_batches<toy::Net>(q::Seed{1}, 2, 3);
  const auto& images = batches[0].images;
  const auto is_refused = [](auto f) { CHECK(slug_after_move(f) == "model-moved-from"); };
  q::FloatModel<toy::Net> model{q::Seed{1}};
  auto prepared = q::prepare<q::march::NashE>(model);
  auto calibrated = q::calibrate(std::move(prepared), batches);
  is_refused([&] { q::calibrate(prepared, batches); });
  auto qat = q::start_qat(calibrated);
  const auto other_calibrated = std::move(calibrated);
  is_refused([&] { q::start_qat(calibrated); });
  is_refused([&] { q::convert(calibrated); });
  is_refused([&] { calibrated.predict(images); });
  auto quantized = q::convert(qat);
  const auto other_qat = std::move(qat);
  is_refused([&] { qat.forward(images); });
  is_refused([&] { q::convert(qat); });
  const auto other_quantized = std::move(quantized);
  is_refused([&] { quantized.predict(images); });
  is_refused([&] { q::evaluate(quantized, batches); });
  const auto other = std::move(model);
  is_refused([&] { model.forward(images); });
  is_refused([&] { q::prepare<q::march::NashE>(model); });
}
