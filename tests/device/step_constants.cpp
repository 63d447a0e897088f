// SPDX-License-Identifier: Apache-2.0
#include <quench/device/step_constants.hpp>

#include <doctest/doctest.h>

namespace q = quench;

namespace {

struct WithoutSteps {
  using Network = int;
  static constexpr q::DType of(int) { return q::DType::Int8; }
};
struct WithSteps : WithoutSteps {
  static constexpr q::device::StepConstants steps[2] = {};
};
struct WithoutNetwork {
  static constexpr q::DType of(int) { return q::DType::Int8; }
  [[maybe_unused]] static constexpr q::device::StepConstants steps[2] = {};
};

}  // namespace

static_assert(q::device::ExportedWeights<WithSteps>);
static_assert(!q::device::ExportedWeights<WithoutSteps> && !q::device::ExportedWeights<WithoutNetwork>);

TEST_CASE("a step without constants holds no code back") {
  const q::device::StepConstants& step = WithSteps::steps[1];
  CHECK((step.low == INT32_MIN && step.high == INT32_MAX));
  CHECK(
      (step.weight == nullptr && step.int8_table == nullptr && step.int16_table == nullptr && step.scales == nullptr));
  CHECK(step.scale_count == 1);
}

TEST_CASE("each type of codes has a table") {
  static constexpr std::int8_t of_int8[] = {1};
  static constexpr std::int16_t of_int16[] = {2};
  const q::device::StepConstants step{.int8_table = of_int8, .int16_table = of_int16};
  CHECK(step.table<std::int8_t>() == of_int8);
  CHECK(step.table<std::int16_t>() == of_int16);
}
