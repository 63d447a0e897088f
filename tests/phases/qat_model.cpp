// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/qat_model.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>
#include <quench/training/optimizers.hpp>
#include <quench/tensors/error.hpp>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("backward needs a forward pass of training, once for each") {
  using Setter = q::setter::DefaultQat;
  const q::Graph& graph = q::graph<toy::Net>;
  auto quantizers = q::phases::make_quantizers<toy::Net, q::march::NashE, Setter, q::phases::QatForm>();
  for (auto& quantizer : quantizers.activation)
    if (quantizer) quantizer->start_at({0.01f});
  q::QatModel<toy::Net, q::march::NashE, Setter> model(
      q::phases::QatCore(q::phases::integer_program<toy::Net, q::march::NashE, Setter>(),
                         q::training::Parameters(graph, q::Seed{1}).folded(graph), quantizers));
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 4)[0];
  const auto gradient = model.predict(batch.images);
  CHECK_THROWS_AS(model.backward(gradient), q::Error);
  model.forward(batch.images);
  model.backward(gradient);
  CHECK_THROWS_AS(model.backward(gradient), q::Error);
  bool any = false;
  for (const auto& parameter : model.parameters())
    for (const float g : parameter.gradients) any = any || g != 0;
  CHECK(any);
  model.zero_gradients();
  for (const auto& parameter : model.parameters())
    for (const float g : parameter.gradients) CHECK(g == 0);
}

namespace {

template <class Setter = q::setter::DefaultQat>
auto make_qat() {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 8);
  return q::start_qat<Setter>(q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<toy::Net>{q::Seed{2}}), batches));
}

using LearnedSetter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::LearnedInt8>>;
using PactSetter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::PactInt8>>;

}  // namespace

TEST_CASE_TEMPLATE("what predict computes with is never older than weights and scales", Setter, q::setter::DefaultQat,
                   LearnedSetter, PactSetter) {
  auto model = make_qat<Setter>();
  const auto images = q::random_batches<toy::Net>(q::Seed{3}, 1, 5)[0].images;
  auto last = model.predict(images);
  const auto network = model.core().integers();
  CHECK(model.core().integers() == network);  // nothing has changed: nothing is derived
  const auto is_new = [&] {
    const auto y = model.predict(images);
    CHECK(y == q::convert(model).predict(images));
    CHECK(y != last);
    last = y;
  };
  // Through spans that were handed out long before.
  const std::vector<q::ParameterView> parameters = model.parameters();
  for (const q::ParameterView& parameter : parameters) {
    CAPTURE(parameter.name);
    for (float& value : parameter.values) value = value * 1.5f + 0.01f;
    is_new();
  }
  // By a pass of training, whose observers move scales, or whose optimizer moves learned ones.
  model.backward(model.forward(images));
  q::Sgd sgd{.learning_rate = 0.1f, .scales = {.learning_rate = 0.01f}};
  sgd.step(model);
  is_new();
  // By another model in its place.
  model = make_qat<Setter>();
  is_new();
  // A copy is another model.
  auto copy = model;
  for (const q::ParameterView& parameter : copy.parameters())
    for (float& value : parameter.values) value *= 1.5f;
  CHECK(copy.predict(images) == q::convert(copy).predict(images));
  CHECK(model.predict(images) == last);
}

TEST_CASE("asking a model in training between forward and backward changes no gradient") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{3}, 1, 5)[0];
  const auto other = q::random_batches<toy::Net>(q::Seed{4}, 1, 3)[0];
  const auto check = [&](auto model) {
    auto asked = model;
    model.backward(model.forward(batch.images));
    const auto gradient = asked.forward(batch.images);
    asked.predict(other.images);
    asked.backward(gradient);
    const auto a = model.parameters(), b = asked.parameters();
    for (std::size_t i = 0; i < a.size(); ++i)
      CHECK(std::equal(a[i].gradients.begin(), a[i].gradients.end(), b[i].gradients.begin()));
  };
  check(q::FloatModel<toy::Net>{q::Seed{2}});
  check(make_qat());
}
