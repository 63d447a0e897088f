// SPDX-License-Identifier: Apache-2.0
// Losses against their formulas, gradients against differences.
#include <quench/training/losses.hpp>

#include <doctest/doctest.h>
#include <random>

#include "tensors/throws.hpp"

namespace q = quench;

namespace {

template <class LossOf>
void check_gradient(xt::xtensor<float, 2> x, const LossOf& loss_of) {
  const auto gradient = loss_of(x).gradient;
  for (std::size_t i = 0; i < x.size(); ++i) {
    constexpr float step = 1e-2f;
    const float before = x.data()[i];
    x.data()[i] = before + step;
    const double above = loss_of(x).value;
    x.data()[i] = before - step;
    const double below = loss_of(x).value;
    x.data()[i] = before;
    CHECK(gradient.data()[i] == doctest::Approx((above - below) / (2 * static_cast<double>(step))).epsilon(1e-3));
  }
}

}  // namespace

TEST_CASE("cross-entropy is the mean of -log softmax at the label") {
  const xt::xtensor<float, 2> logits{{1, 2, 3}, {0, 0, 1}};
  const double first = std::log(std::exp(1 - 3.0) + std::exp(2 - 3.0) + 1);
  const double second = std::log(2 + std::exp(1.0));
  const auto loss = q::cross_entropy(logits, std::vector<int>{2, 0});
  CHECK(loss.value == doctest::Approx((first + second) / 2));
  check_gradient(logits, [](const auto& x) { return q::cross_entropy(x, std::array<std::uint8_t, 2>{2, 0}); });
  // Large logits neither overflow nor lose the result.
  CHECK(q::cross_entropy(xt::xtensor<float, 2>{{3e38f, -3e38f}}, std::vector<int>{0}).value == 0);
  CHECK(q::cross_entropy(std::vector<float>{0, 0}, std::vector<int>{1}).value == doctest::Approx(std::log(2.0)));
}

TEST_CASE("the mean squared loss is the mean of squared differences") {
  const xt::xtensor<float, 2> x{{1, 2}, {3, 5}}, target{{1, 0}, {0, 5}};
  CHECK(q::MeanSquaredLoss{}(x, target).value == doctest::Approx(13.0 / 4));
  check_gradient(x, [&](const auto& y) { return q::MeanSquaredLoss{}(y, target); });
}

TEST_CASE("labels outside the classes, other shapes, empty and non-finite tensors are refused") {
  const xt::xtensor<float, 2> logits{{1, 2, 3}};
  CHECK(slug_of([&] { q::cross_entropy(logits, std::vector<int>{3}); }) == "label-out-of-range");
  CHECK(slug_of([&] { q::cross_entropy(logits, std::vector<int>{-1}); }) == "label-out-of-range");
  CHECK(slug_of([&] { q::cross_entropy(logits, std::vector<int>{0, 1}); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::cross_entropy(xt::xarray<float>(3.0f), std::vector<int>{0}); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::cross_entropy(std::vector<float>{}, std::vector<int>{}); }) == "empty-input");
  CHECK(slug_of([&] { q::cross_entropy(logits * std::nanf(""), std::vector<int>{0}); }) == "value-not-finite");
  CHECK(slug_of([&] { q::MeanSquaredLoss{}(logits, std::vector<float>{1, 2, 3}); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::MeanSquaredLoss{}(logits, logits / 0); }) == "value-not-finite");
}
