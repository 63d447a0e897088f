// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/fake_quantizers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <quench/observers/kl.hpp>
#include <quench/tensors/error.hpp>

#include "networks/toy.hpp"

namespace q = quench;

namespace {

template <class F>
q::phases::FakeQuantizerHandle handle() {
  return q::phases::FakeQuantizerHandle(std::make_unique<q::phases::ErasedFakeQuantizer<F>>());
}

}  // namespace

TEST_CASE("every kind of fake-quantizer begins at the scale it is given, to the bit") {
  std::vector<float> scales{q::smallest_scale, 1.0f / 128, std::numeric_limits<float>::max() / 256};
  for (int i = 0; i < 3000; ++i) scales.push_back(std::pow(1.0057f, static_cast<float>(i)) * 1e-6f);
  // Some of them are scales that no magnitude leads to.
  REQUIRE(std::any_of(scales.begin(), scales.end(), [](float each) {
    return q::raw_scale(q::magnitude_of(each, q::DType::Int8), q::DType::Int8) != each;
  }));
  for (const auto& quantizer :
       {handle<q::FakeQuantize<>>(), handle<q::LearnedFakeQuantize<>>(), handle<q::PactFakeQuantize<>>(),
        handle<q::FakeQuantize<q::KLObserver>>(), handle<q::FakeQuantize<q::MinMaxObserver, q::QInt16>>()}) {
    for (const float scale : scales) {
      quantizer->start_at({scale});
      REQUIRE(quantizer->scales() == std::vector<float>{scale});
      auto loaded = quantizer;  // a state and a start make it again
      loaded->start_at({0.25f});
      loaded->load(quantizer->state());
      if (const std::vector<float> start = quantizer->started_at(); !start.empty()) loaded->start_at(start);
      REQUIRE(loaded->scales() == std::vector<float>{scale});
    }
  }
  const auto channels = handle<q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>>();
  channels->start_at({0.5f, 0.25f});
  CHECK(channels->scales() == std::vector<float>{0.5f, 0.25f});
  const auto none = handle<q::NoFakeQuantize<>>();
  none->start_at({1});
  CHECK(none->scales().empty());
}

TEST_CASE("ready qconfigs have ready fake-quantizers, of the types that they name") {
  const auto is_ready = []<class F>(std::type_identity<F>) {
    const int position = q::phases::ReadyQuantizers::position_of<F>();
    REQUIRE(position >= 0);
    const auto has_type = [](const q::phases::FakeQuantizerHandle& made) {
      return dynamic_cast<q::phases::ErasedFakeQuantizer<F>*>(made.operator->()) != nullptr;
    };
    return has_type(q::phases::make_ready_quantizer(position)) && has_type(q::phases::make_quantizer<F>());
  };
  const auto are_ready = [&]<class Q>(std::type_identity<Q>) {
    CHECK(is_ready(std::type_identity<typename Q::Calibration::Activation>{}));
    CHECK(is_ready(std::type_identity<typename Q::Calibration::Weight>{}));
    CHECK(is_ready(std::type_identity<typename Q::Qat::Activation>{}));
    CHECK(is_ready(std::type_identity<typename Q::Qat::Weight>{}));
  };
  are_ready(std::type_identity<q::qconfig::Int8>{});
  are_ready(std::type_identity<q::qconfig::Int8WeightInt16Activation>{});
  are_ready(std::type_identity<q::qconfig::Int8WeightHighPrecisionOutput>{});
  are_ready(std::type_identity<q::qconfig::Int8FixedActivation>{});
  are_ready(std::type_identity<q::qconfig::Int8WeightInt16FixedActivation>{});
  are_ready(std::type_identity<q::qconfig::LearnedInt8>{});
  are_ready(std::type_identity<q::qconfig::PactInt8>{});
  CHECK(q::phases::ReadyQuantizers::position_of<q::FakeQuantize<q::KLObserver>>() == -1);
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
