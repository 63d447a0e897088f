// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/prepared_model.hpp>

#include <atomic>

#include <doctest/doctest.h>

#include <quench/phases/calibrated_model.hpp>
#include <quench/tensors/error.hpp>

#include "networks/toy.hpp"

namespace q = quench;

namespace {

// Remember how large the largest tensor was that they saw.
std::size_t largest_seen = 0;

struct Whole : q::MinMaxObserver {
  void observe(const q::FloatInput& x) {
    largest_seen = std::max(largest_seen, x.size());
    q::MinMaxObserver::observe(x);
  }
};
std::atomic<std::size_t> largest_piece = 0;
struct InPieces : q::MinMaxObserver {
  void observe(const q::FloatInput& x) {
    std::size_t largest = largest_piece;
    while (largest < x.size() && !largest_piece.compare_exchange_weak(largest, x.size())) {
    }
    q::MinMaxObserver::observe(x);
  }
  void merge(const InPieces& other) { q::MinMaxObserver::merge(other); }
};

template <class Observer>
using SetterOf =
    q::QConfigSetter<q::rule::HighPrecisionOutput<>,
                     q::rule::Everything<q::QConfig<q::FakeQuantize<Observer>,
                                                    q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>>>;

template <class Setter>
std::vector<float> scales_after(const q::Batch<toy::Net>& batch) {
  q::PreparedModel<toy::Net, q::march::NashE, Setter> prepared(
      q::training::Parameters(q::graph<toy::Net>, q::Seed{2}).folded(q::graph<toy::Net>));
  prepared.set_workers(q::Workers{2});
  prepared.observe(batch.images);
  const q::CalibratedModel<toy::Net, q::march::NashE, Setter> calibrated(std::move(prepared));
  return calibrated.activation_scales();
}

struct TiedProduct {
  using Inputs = q::Inputs<q::Features<3>, q::Features<3>>;
  using Ties = q::TiedScale<"a", "product">;
  q::QuantStub a, b;
  q::FloatFunctional product;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(product.mul(a(x), b(y))); }
};

}  // namespace

TEST_CASE("mergeable observers see a batch in blocks, others as a whole, and both find the same range") {
  constexpr int samples = 5000;
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, samples)[0];
  CHECK(scales_after<SetterOf<Whole>>(batch) == scales_after<SetterOf<InPieces>>(batch));
  CHECK(largest_seen % samples == 0);
  CHECK(largest_piece > 0);
  CHECK(largest_piece * 4 <= largest_seen);
}

TEST_CASE("a prepared model computes what the float model predicts") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  model.forward(batch.images);
  q::PreparedModel<toy::Net, q::march::NashE, q::setter::DefaultCalibration> prepared(
      model.core().parameters().folded(q::graph<toy::Net>));
  const auto expected = model.predict(batch.images), given = prepared.predict(batch.images);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(given.data()[i]) ==
          doctest::Approx(static_cast<double>(expected.data()[i])).epsilon(1e-4));
}

TEST_CASE("a batch that is refused has been observed by nobody") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 6)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  q::PreparedModel<toy::Net, q::march::NashE, q::setter::DefaultCalibration> prepared(
      model.core().parameters().folded(q::graph<toy::Net>));
  for (auto& parameter : prepared.parameters())
    if (parameter.name == "head.weight") parameter.values[0] = 3e38f;  // the head overflows after good layers
  auto large = batch.images;
  for (float& value : large) value = 1e30f;
  CHECK_THROWS_AS(prepared.observe(large), q::Error);
  const int quant = q::graph<toy::Net>.find_module("quant");
  CHECK_THROWS_AS(prepared.quantizers().activation[static_cast<std::size_t>(quant)]->scales(), q::Error);
}

TEST_CASE_TEMPLATE("a value of a tied output that is not finite is found where it arises", Observer, Whole, InPieces) {
  q::PreparedModel<TiedProduct, q::march::NashE, SetterOf<Observer>> model{
      q::training::Parameters(q::graph<TiedProduct>, q::Seed{1}).folded(q::graph<TiedProduct>)};
  const xt::xtensor<float, 2> large(std::array<std::size_t, 2>{2, 3}, 1e30f);
  CHECK_THROWS_WITH_AS(model.observe(large, large),
                       doctest::Contains(": product: a value is NaN or infinite (element 0 is inf)"), q::Error);
}
