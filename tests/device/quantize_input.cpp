// SPDX-License-Identifier: Apache-2.0
// The code of a real number on a device against the host's.
#include <quench/device/quantize_input.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <vector>

#include <quench/tensors/quantize.hpp>

namespace q = quench;

namespace {

template <class Code, class Type>
void check_against_host(float scale) {
  std::vector<float> values;
  for (int i = -70000; i <= 70000; ++i) values.push_back(static_cast<float>(i) * 0.5f * scale);
  const std::size_t halves = values.size();
  for (std::size_t i = 0; i < halves; ++i)
    for (const float to : {-1e30f, 1e30f}) values.push_back(std::nextafter(values[i], to));
  for (const float v : {0.0f, -0.0f, 1e-40f, 1e30f, -1e30f, std::numeric_limits<float>::infinity(),
                        -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()})
    values.push_back(v);
  const auto expected = q::quantize<Type>(values, scale);
  int different = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    different += q::device::quantize<Code>(values[i], scale) != expected[i] ? 1 : 0;
  CHECK(different == 0);
}

}  // namespace

static_assert(q::device::quantize<std::int8_t>(0.5f, 1.0f) == 0);
static_assert(q::device::quantize<std::int8_t>(1.5f, 1.0f) == 2);
static_assert(q::device::quantize<std::int8_t>(-2.5f, 1.0f) == -2);
static_assert(q::device::quantize<std::int16_t>(32767.5f, 1.0f) == 32767);

TEST_CASE("a device gives a real number the code that the host gives it") {
  for (const float scale : {1.0f, 1.0f / 128, 0.1f, 0.0478213f, 3.7f, 1e-3f}) {
    CAPTURE(scale);
    check_against_host<std::int8_t, q::QInt8>(scale);
    check_against_host<std::int16_t, q::QInt16>(scale);
  }
}

TEST_CASE("NaN, which the host refuses, becomes code 0") {
  CHECK(q::device::quantize<std::int8_t>(std::numeric_limits<float>::quiet_NaN(), 0.1f) == 0);
  CHECK(q::device::quantize<std::int16_t>(-std::numeric_limits<float>::quiet_NaN(), 0.1f) == 0);
}
