// SPDX-License-Identifier: Apache-2.0
// What a device sees of a network: outputs, their scales, the largest of them.
#include <quench/device/model.hpp>

#include <doctest/doctest.h>

#include "device/two_kinds.hpp"
#include "device/weights.hpp"

namespace q = quench;
using many_operators::Weights;
using Model = q::embedded::Model<Weights>;

static_assert(Model::input_count == 2 && Model::output_count == 4);
static_assert(Model::arena_bytes == q::device::memory_plan<many_operators::Net, Weights>.arena_bytes);
static_assert(sizeof(Model) == Model::arena_bytes);

// Outputs lie in the arena, so they are not asked of a model that is gone after the call.
constexpr auto run_of = [](auto&& model) -> decltype(static_cast<decltype(model)>(model).run(
                                             many_operators::pixels.values, many_operators::features.values)) {
  return model.run(many_operators::pixels.values, many_operators::features.values);
};
constexpr auto output_of = [](auto&& model) -> decltype(static_cast<decltype(model)>(model).template output<0>()) {
  return model.template output<0>();
};
static_assert(std::is_invocable_v<decltype(run_of), Model&> && !std::is_invocable_v<decltype(run_of), Model>);
static_assert(std::is_invocable_v<decltype(output_of), const Model&>);
static_assert(!std::is_invocable_v<decltype(output_of), Model>);

TEST_CASE("the scale of an element is that of the channel it came from") {
  static Model model;
  const auto logits = model.run(many_operators::pixels.values, many_operators::features.values);
  REQUIRE(logits.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(logits.scale(i) == Weights::scales[i]);
  const auto up = model.output<1>();  // [2, 4, 8], permuted from [4, 8, 2]
  REQUIRE(up.size() == 64);
  for (int i = 0; i < 64; ++i) {
    CHECK(up.channel(i) == i / 32);
    CHECK(up.scale(i) == Weights::scales[i / 32]);
  }
  const auto sums = model.output<3>();
  for (int i = 0; i < 4; ++i) CHECK(sums.scale(i) == Weights::scales[0]);  // one scale for all
}

TEST_CASE("page: what a program reads from the outputs of a model") {
  static Model model;
  const auto& pixels = many_operators::pixels.values;
  const auto& features = many_operators::features.values;
  // region outputs
  const auto logits = model.run(pixels, features);    // int32, with a scale for each channel
  const int best = quench::embedded::argmax(logits);  // compares real values
  const float value = static_cast<float>(logits[best]) * logits.scale(best);
  const auto map = model.output<1>();  // the integers before the second DeQuantStub
  // end region
  CHECK(value >= static_cast<float>(logits[0]) * logits.scale(0));
  CHECK(map.size() == 64);
}

TEST_CASE("a model gives the codes of real numbers, as the host's QuantStubs do") {
  static_assert(Model::quantize_input<1>(0.5f) == 1 && Model::quantize_input<1>(-1.5f) == -3);  // at scale 0.5
  static_assert(Model::quantize_input(100.0f) == 127);
  static_assert(std::is_same_v<decltype(Model::quantize_input(0.0f)), std::int8_t>);
  for (int i = -40; i <= 40; ++i) {
    const float x = static_cast<float>(i) * 0.3f;
    CHECK(Model::quantize_input<1>(x) == q::device::quantize<std::int8_t>(x, 0.5f));
  }
}

TEST_CASE("indices go in as int32 before the codes, and those outside the table name the nearest row") {
  static q::embedded::Model<two_kinds::Weights> model;
  static_assert(model.input_count == 2 && model.output_count == 2);
  const std::int32_t words[] = {1, 7, -2};
  const std::int8_t codes[] = {9, 8};
  const auto rows = model.run(words, codes);
  const std::int8_t expected[] = {3, 4, 5, 6, 1, 2};
  for (int i = 0; i < 6; ++i) CHECK(rows[i] == expected[i]);
  CHECK(rows.scale(3) == 0.5f);
  CHECK(model.output<1>()[1] == 8);
}
