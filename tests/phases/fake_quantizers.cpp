// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/fake_quantizers.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

namespace {

template <class F>
q::detail::FakeQuantizerHandle handle() {
  return q::detail::FakeQuantizerHandle(std::make_unique<q::detail::ErasedFakeQuantizer<F>>());
}

}  // namespace

TEST_CASE("every kind of fake-quantizer begins at the scale it is given") {
  for (const auto& quantizer :
       {handle<q::FakeQuantize<>>(), handle<q::LearnedFakeQuantize<>>(), handle<q::PactFakeQuantize<>>()}) {
    quantizer->start_at({0.03125f});
    CHECK(quantizer->scales()[0] == doctest::Approx(0.03125).epsilon(1e-6));
  }
  const auto channels = handle<q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>();
  channels->start_at({0.5f, 0.25f});
  CHECK(channels->scales() == std::vector<float>{0.5f, 0.25f});
  const auto none = handle<q::NoFakeQuantize<>>();
  none->start_at({1});
  CHECK(none->scales().empty());
}

TEST_CASE("a weight is looked at afresh, unless its scale is learned") {
  const std::vector<float> wide{-2.55f, 1}, narrow{0.255f, 0.1f};
  const auto plain = handle<q::FakeQuantize<q::MinMaxObserver>>(),
             learned = handle<q::LearnedFakeQuantize<q::MinMaxObserver>>();
  for (const auto* quantizer : {&plain, &learned}) {
    (*quantizer)->observe_weight(wide);
    CHECK((*quantizer)->scales() == std::vector<float>{2.55f / 127.5f});
    (*quantizer)->observe_weight(narrow);
  }
  CHECK(plain->scales() == std::vector<float>{0.255f / 127.5f});
  CHECK(learned->scales() == std::vector<float>{2.55f / 127.5f});
}

TEST_CASE("copies are independent, and states go round") {
  const auto first = handle<q::FakeQuantize<>>();
  first->observe(std::vector<float>{1});
  auto copy = first;
  copy->observe(std::vector<float>{100});
  CHECK(first->scales() != copy->scales());
  const auto state = first->state();
  copy->load(state);
  CHECK(first->scales() == copy->scales());
  CHECK_THROWS_AS(copy->load(std::vector<double>{1, 2, 3, 4, 5, 6, 7}), q::Error);
  CHECK(first->scales() == copy->scales());
}
