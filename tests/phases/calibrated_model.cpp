// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/calibrated_model.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <quench/flow/prepare.hpp>

#include "networks/toy.hpp"
#include "tensors/throws.hpp"

namespace q = quench;

namespace {

struct TiedSum {
  using Inputs = q::Inputs<q::Features<3>, q::Features<3>>;
  using Ties = q::TiedScale<"a", "b">;
  q::QuantStub a, b;
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(sum.add(a(x), b(y))); }
};

}  // namespace

TEST_CASE("a calibrated model has the scales that its observers found") {
  using Setter =
      q::QConfigSetter<q::rule::HighPrecisionOutput<>,
                       q::rule::Everything<q::QConfig<q::FakeQuantize<q::MinMaxObserver>,
                                                      q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>>>;
  auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  batch.images.data()[5] = -2.55f;
  q::FloatModel<toy::Net> model{q::Seed{2}};
  q::PreparedModel<toy::Net, q::march::NashE, Setter> prepared(model.core().parameters().folded(q::graph<toy::Net>));
  prepared.observe(batch.images);
  const q::CalibratedModel<toy::Net, q::march::NashE, Setter> calibrated(prepared);
  const q::Graph& graph = q::graph<toy::Net>;
  const auto scale = [&](q::TextView name) {
    return calibrated.activation_scales()[static_cast<std::size_t>(graph.find_module(name))];
  };
  CHECK(scale("quant") == 2.55f / 127.5f);
  CHECK(scale("conv") > 0);
  CHECK(scale("head") == 0);  // a high-precision output has none
  CHECK(scale("relu") == 0);  // part of conv
}

TEST_CASE("a prepared model that was moved from gives no calibrated one") {
  using Prepared = q::PreparedModel<toy::Net, q::march::NashE, q::setter::DefaultCalibration>;
  Prepared prepared(q::training::Parameters(q::graph<toy::Net>, q::Seed{2}).folded(q::graph<toy::Net>));
  const Prepared moved = std::move(prepared);
  CHECK(slug_of([&] { q::CalibratedModel<toy::Net, q::march::NashE, q::setter::DefaultCalibration>{prepared}; }) ==
        "model-moved-from");
}

TEST_CASE("known scales are one for each module, and one for modules that are tied") {
  using Calibrated = q::CalibratedModel<TiedSum, q::march::NashE, q::setter::DefaultCalibration>;
  const auto prepared = q::prepare<q::march::NashE>(q::FloatModel<TiedSum>{q::Seed{1}});
  const Calibrated calibrated(prepared, {0.5f, 0.25f, 0.125f, 0});
  CHECK(calibrated.activation_scales() == std::vector<float>{0.5f, 0.5f, 0.125f, 0});
  CHECK(slug_of([&] { Calibrated(prepared, {0.5f, 0.25f}); }) == "state-not-valid");
}
