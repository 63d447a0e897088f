// SPDX-License-Identifier: Apache-2.0
// FakeQuantize against clamp(round_half_even(x * (1 / scale)), qmin, qmax) * scale, value by value.
#include <quench/fake_quantize/fake_quantize.hpp>

#include <bit>
#include <doctest/doctest.h>
#include <random>

#include <quench/observers/clip.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/least_error.hpp>
#include <quench/tensors/error.hpp>
#include <quench/observers/percentile.hpp>

#include "tensors/throws.hpp"

namespace q = quench;

namespace {

// Values on codes, on ties between codes, one float beside them, at the edges of the range and far outside.
std::vector<float> edge_values(float scale, const q::CodeRange& codes) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> values{0.0f, -0.0f, 1e-45f, -1e-45f, 1e-38f, 3e38f, -3e38f, infinity, -infinity};
  const std::int32_t step = std::max(1, codes.qmax / 200);
  for (std::int32_t half = 2 * codes.qmin - 4; half <= 2 * codes.qmax + 4; half += step) {
    const float x = static_cast<float>(half) / 2 * scale;
    values.insert(values.end(), {x, std::nextafter(x, infinity), std::nextafter(x, -infinity)});
  }
  return values;
}

// An observer of a user's own: only what the concept asks for.
struct FixedObserver {
  float value = 0.25f;
  void observe(std::span<const float>) {}
  float scale(q::DType) const { return value; }
};
static_assert(q::Observer<FixedObserver>);
static_assert(!q::MergeableObserver<FixedObserver>);
static_assert(q::FakeQuantizer<q::FakeQuantize<FixedObserver>>);

template <class DType>
void check_against_definition(float scale) {
  q::FakeQuantize<q::MinMaxObserver, DType> quantizer;
  const float magnitude = scale * static_cast<float>(DType::qmax - DType::qmin) / 2;
  quantizer.observe(std::vector<float>{magnitude});
  const float found = quantizer.qparams().scales[0];
  const q::CodeRange codes = q::code_range(DType::dtype);
  std::vector<float> x = edge_values(found, codes);
  std::mt19937 random(1);
  std::normal_distribution<float> value(0, magnitude / 2);
  while (x.size() < 5000) x.push_back(value(random));
  std::vector<float> gradient(x.size()), y(x.size()), grad_x(x.size()), grad_from_mask(x.size());
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = static_cast<float>(i) - 100;
  std::vector<std::uint8_t> mask((x.size() + 7) / 8);
  quantizer.forward(x, y, mask);
  quantizer.backward(x, gradient, grad_x);
  quantizer.backward(mask, gradient, grad_from_mask);
  CHECK(quantizer(x) == y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    CAPTURE(x[i]);
    const float expected = static_cast<float>(q::to_code(x[i], 1.0f / found, codes)) * found;
    REQUIRE(std::bit_cast<std::uint32_t>(y[i]) == std::bit_cast<std::uint32_t>(expected));
    const float rounded = std::nearbyint(x[i] * (1.0f / found));
    const bool inside = rounded >= static_cast<float>(codes.qmin) && rounded <= static_cast<float>(codes.qmax);
    REQUIRE(grad_x[i] == (inside ? gradient[i] : 0.0f));
    REQUIRE(((mask[i / 8] >> (i % 8)) & 1) == (inside ? 1 : 0));
  }
  CHECK(grad_from_mask == grad_x);
}

}  // namespace

TEST_CASE("values, masks and gradients are those of the definition, bit for bit") {
  for (const float scale : {1.3e-7f, 0.01f, 0.75f, 12345.0f, 1e30f}) {
    CAPTURE(scale);
    check_against_definition<q::QInt4>(scale);
    check_against_definition<q::QInt8>(scale);
    check_against_definition<q::QInt16>(scale);
  }
}

TEST_CASE("each channel has its scale, on every axis") {
  xt::xtensor<float, 3> x = xt::zeros<float>({4, 5, 6});
  std::mt19937 random(2);
  std::normal_distribution<float> value;
  for (float& element : x) element = value(random);
  const auto check = [&](auto quantizer, std::size_t axis) {
    CAPTURE(axis);
    const xt::xtensor<float, 3> y = quantizer.observe_and_quantize(x);
    CHECK(quantizer.qparams().axis == static_cast<int>(axis));
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 5; ++j)
        for (std::size_t k = 0; k < 6; ++k) {
          const std::size_t index[]{i, j, k};
          float magnitude = 0;
          for (std::size_t a = 0; a < 4; ++a)
            for (std::size_t b = 0; b < 5; ++b)
              for (std::size_t c = 0; c < 6; ++c) {
                const std::size_t other[]{a, b, c};
                if (other[axis] == index[axis]) magnitude = std::max(magnitude, std::abs(x(a, b, c)));
              }
          const float scale = magnitude / 127.5f;
          const float code = static_cast<float>(q::to_code(x(i, j, k), 1.0f / scale, q::code_range(q::DType::Int8)));
          REQUIRE(y(i, j, k) == code * scale);
        }
  };
  check(q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>(), 0);
  check(q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<1>>(), 1);
  check(q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<2>>(), 2);
}

TEST_CASE("the scale follows the observer, and a user's observer is one") {
  q::FakeQuantize<> quantizer;
  quantizer.observe(std::vector<float>{-1.0f, 1.0f});
  CHECK(quantizer.qparams().scales[0] == 1.0f / 127.5f);
  quantizer.observe(std::vector<float>{-2.0f, 2.0f});
  CHECK(quantizer.qparams().scales[0] == doctest::Approx(1.01f / 127.5f));
  q::FakeQuantize<FixedObserver> fixed;
  CHECK(fixed(std::vector<float>{0.3f, 0.4f}) == std::vector<float>{0.25f, 0.5f});
  q::FakeQuantize<FixedObserver, q::QInt8, q::PerChannel<0>> per_channel;
  per_channel.observe(xt::xtensor<float, 2>{{1, 2}, {3, 4}, {5, 6}});
  CHECK(per_channel.qparams().scales == std::vector<float>(3, 0.25f));
}

TEST_CASE("an error changes nothing") {
  q::FakeQuantize<q::MinMaxObserver> quantizer;
  CHECK(slug_of([&] { quantizer(std::vector<float>{1}); }) == "nothing-observed");
  quantizer.observe(std::vector<float>{0});
  CHECK(slug_of([&] { quantizer.qparams(); }) == "only-zeros-observed");
  quantizer.observe(std::vector<float>{4});
  for (const auto& bad : {std::vector<float>{}, std::vector<float>{100, std::nanf("")},
                          std::vector<float>{100, std::numeric_limits<float>::infinity()}})
    CHECK(slug_of([&] { quantizer.observe(bad); }) != "");
  CHECK(quantizer.qparams().scales[0] == 4 / 127.5f);
  CHECK(slug_of([&] { quantizer(std::vector<float>{std::nanf("")}); }) == "value-not-finite");

  q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>> per_channel;
  per_channel.observe(xt::xtensor<float, 2>{{1, 2}, {3, 4}});
  CHECK(slug_of([&] { per_channel.observe(xt::xtensor<float, 2>{{9, 9}, {9, 9}, {9, 9}}); }) == "shape-mismatch");
  CHECK(slug_of([&] { per_channel.observe(xt::xtensor<float, 2>{{9, 9}, {9, std::nanf("")}}); }) == "value-not-finite");
  CHECK(slug_of([&] { per_channel(std::vector<float>{1, 2, 3}); }) == "shape-mismatch");
  CHECK(per_channel.qparams().scales == std::vector<float>{2 / 127.5f, 4 / 127.5f});
}

TEST_CASE("dead channels have the least scale, but not all of them") {
  q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>> quantizer;
  const xt::xtensor<float, 2> w{{1, -2}, {0, 0}, {1e-9f, 0}};
  quantizer.observe(w);
  CHECK(quantizer.qparams().scales == std::vector<float>{2 / 127.5f, q::smallest_scale, q::smallest_scale});
  const xt::xtensor<float, 2> y = quantizer(w);
  CHECK(y(0, 0) == 64 * (2 / 127.5f));
  for (const std::size_t channel : {1u, 2u}) CHECK((y(channel, 0) == 0 && y(channel, 1) == 0));
  q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>> dead;
  dead.observe(xt::xtensor<float, 2>{{0, 0}, {0, 0}});
  CHECK(slug_of([&] { dead.qparams(); }) == "only-zeros-observed");
}

TEST_CASE("large tensors, which take another path, give the same") {
  const std::size_t size = (std::size_t{1} << 22) + 1003;
  std::vector<float> x(size + 1);
  std::mt19937 random(3);
  std::normal_distribution<float> value;
  for (float& element : x) element = value(random);
  q::FakeQuantize<q::MinMaxObserver> quantizer;
  quantizer.observe(x);
  const float scale = quantizer.qparams().scales[0];
  std::vector<float> y(size + 1);
  // Results at an address that is not aligned.
  quantizer.forward(std::span<const float>(x).subspan(1), std::span(y).subspan(1));
  for (std::size_t i = 1; i <= size; ++i)
    REQUIRE(y[i] == static_cast<float>(q::to_code(x[i], 1.0f / scale, q::code_range(q::DType::Int8))) * scale);
  x[size] = std::nanf("");
  CHECK(slug_of([&] { quantizer(x); }) == "value-not-finite");
}

TEST_CASE("observers can be taken over from a saved state") {
  q::FakeQuantize<q::MinMaxObserver> saved, loaded;
  saved.observe(std::vector<float>{3});
  auto observer = loaded.observer();
  observer.load(saved.observer().states());
  loaded.set_observer(observer);
  CHECK(loaded.qparams() == saved.qparams());
}

namespace {

// Of a user: knows of no start.
struct LargestOfLast {
  void observe(std::span<const float> x) { largest = q::finite_range(x).magnitude(); }
  float scale(q::DType dtype) const {
    if (largest == 0) throw q::Error(q::diagnosis::nothing_observed, "");
    return q::raw_scale(largest, dtype);
  }
  float largest = 0;
};

template <class F>
void check_starts_and_resets(float after_one) {
  F quantizer, fresh;
  const q::QParams found{F::dtype, {0.3f}, std::nullopt};
  quantizer.observe(std::vector<float>{100});
  quantizer.start_at(found);
  CHECK(quantizer.qparams() == found);
  CHECK(quantizer.started_at() == found.scales);
  CHECK(quantizer(std::vector<float>{0.29f}) == std::vector<float>{0.3f});
  CHECK(quantizer.qparams() == found);
  quantizer.observe(std::vector<float>{1});
  CHECK(quantizer.qparams().scales[0] == doctest::Approx(after_one));
  quantizer.start_at(found);
  quantizer.reset();
  CHECK(quantizer.started_at().empty());
  CHECK(slug_of([&] { quantizer.qparams(); }) == "nothing-observed");
  fresh.observe(std::vector<float>{1, -2});
  quantizer.observe(std::vector<float>{1, -2});
  CHECK(quantizer.qparams() == fresh.qparams());
}

}  // namespace

TEST_CASE("a scale that is started at holds until the next observation, and the observer goes on from it if it can") {
  check_starts_and_resets<q::FakeQuantize<q::MinMaxObserver>>(0.3f);
  check_starts_and_resets<q::FakeQuantize<>>(0.99f * 0.3f + 0.01f / 127.5f);
  check_starts_and_resets<q::FakeQuantize<q::MovingAverageMinMaxObserver<std::ratio<0>>>>(0.3f);
  check_starts_and_resets<q::FakeQuantize<q::ClipObserver<std::ratio<-8>, std::ratio<8>>>>(8 / 127.5f);
  check_starts_and_resets<q::FakeQuantize<q::ClipStdObserver<>>>(1 / 127.5f);
  check_starts_and_resets<q::FakeQuantize<q::MSEObserver>>(1 / 127.5f);
  check_starts_and_resets<q::FakeQuantize<q::HistogramObserver<>>>(1 / 127.5f);
  check_starts_and_resets<q::FakeQuantize<q::ExactPercentileObserver<>>>(1 / 127.5f);
  check_starts_and_resets<q::FakeQuantize<LargestOfLast>>(1 / 127.5f);
}

TEST_CASE("each channel starts at its scale") {
  q::FakeQuantize<q::MinMaxObserver, q::QInt16, q::PerChannel<-1>> quantizer;
  const q::QParams found{q::DType::Int16, {0.5f, 0.25f}, -1};
  quantizer.start_at(found);
  CHECK(quantizer.qparams() == found);
  CHECK(quantizer(xt::xtensor<float, 2>{{0.6f, 0.6f}}) == xt::xtensor<float, 2>{{0.5f, 0.5f}});
  quantizer.observe(xt::xtensor<float, 2>{{1, -32767.5f}});
  CHECK(quantizer.qparams().scales == std::vector<float>{0.5f, 1});
  CHECK(slug_of([&] { quantizer.start_at({q::DType::Int16, {0.5f}, std::nullopt}); }) == "shape-mismatch");
  CHECK(slug_of([&] { quantizer.start_at({q::DType::Int16, {0.5f}, 0}); }) == "shape-mismatch");
  CHECK(slug_of([&] { quantizer.start_at({q::DType::Int16, {}, -1}); }) == "shape-mismatch");
  CHECK(slug_of([&] { quantizer.start_at({q::DType::Int16, {0.5f, -1}, -1}); }) == "scale-out-of-range");
  CHECK(quantizer.qparams().scales == std::vector<float>{0.5f, 1});
  quantizer.reset();  // also of its number of channels
  quantizer.observe(xt::xtensor<float, 2>{{1, 2, 3}});
  CHECK(quantizer.qparams().scales.size() == 3);
}

TEST_CASE("the gradient by a mask needs no state") {
  const std::uint8_t mask[] = {0b101};
  std::vector<float> grad_x(3);
  q::FakeQuantize<>::backward(mask, std::vector<float>{1, 2, 3}, grad_x);
  CHECK(grad_x == std::vector<float>{1, 0, 3});
}
