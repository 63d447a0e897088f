// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/convert.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/flow/calibrate.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/flow/qat.hpp>

TEST_CASE("converting a calibrated model and one that only began to train gives nearly the same integers") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 6);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(q::FloatModel<toy::Net>{q::Seed{2}}), batches);
  const auto qat = q::start_qat(calibrated);
  auto one = q::convert(calibrated), other = q::convert(qat);
  const auto a = one.predict(batches[0].images), b = other.predict(batches[0].images);
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(std::abs(static_cast<double>(a.data()[i] - b.data()[i])) < 0.02);  // the scales differ by their last bit
  auto copy = one;
  CHECK(copy.predict(batches[1].images) == one.predict(batches[1].images));
}

namespace {

struct Product {
  using Inputs = q::Inputs<q::Features<3, 32>, q::Features<32, 4>>;
  q::QuantStub a, b;
  q::FloatFunctional mm;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(mm.matmul(a(x), b(y))); }
};

// The largest error of the integers against float, in multiples of the largest output.
template <class March, class Setter>
double worst_error(float magnitude) {
  q::FloatModel<Product> model{q::Seed{1}};
  auto batches = q::random_batches<Product>(q::Seed{2}, 2, 3);
  for (auto& batch : batches) {
    std::get<0>(batch.inputs) *= magnitude;
    std::get<1>(batch.inputs) *= magnitude;
  }
  auto quantized = q::convert(q::calibrate(q::prepare<March, Setter>(model), batches));
  const auto& [x, y] = batches[0].inputs;
  const auto real = model.predict(x, y), integers = quantized.predict(x, y);
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < real.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(real.data()[i] - integers.data()[i])));
    largest = std::max(largest, std::abs(static_cast<double>(real.data()[i])));
  }
  return error / largest;
}

}  // namespace

TEST_CASE("products of int16 keep their accumulator, whatever the size of the values") {
  for (const float magnitude : {0.01f, 1.0f, 1000.0f}) {
    CAPTURE(magnitude);
    CHECK(worst_error<q::march::NashP, q::setter::Int16WhereSupported>(magnitude) < 0.001);
    CHECK(worst_error<q::march::NashE, q::setter::Int16WhereSupported>(magnitude) < 0.01);
    CHECK(worst_error<q::march::NashE, q::setter::DefaultCalibration>(magnitude) < 0.02);
  }
}
