// SPDX-License-Identifier: Apache-2.0
#include <quench/tensors/records.hpp>
#include <quench/tensors/error.hpp>
#include <quench/kernels/requantize.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("the terms of a sum stand at one scale, and the record leads from there to the output") {
  const q::kernels::Addition equal = q::addition({0.5, q::DType::Int8}, {0.5, q::DType::Int8}, {1, q::DType::Int8});
  CHECK(equal.shift == 14);  // floor(log2(32767))
  CHECK(equal.multiplier == 1 << 14);
  CHECK_FALSE(equal.second_is_larger);
  CHECK(equal.requantization == q::requantization(0.5 / (1 << 14), 8, q::RequantizeFrom::Accumulators));
  const q::kernels::Addition far = q::addition({0.001, q::DType::Int16}, {2, q::DType::Int8}, {2, q::DType::Int16});
  CHECK(far.second_is_larger);
  CHECK(far.shift == 23);
  CHECK(far.multiplier == 4194);  // 0.0005 * 2^23
}

TEST_CASE("a constant gets as many bits as fit, and one that is too large is refused") {
  const auto sum = q::scalar_addition({0.5, q::DType::Int8}, 3, {1, q::DType::Int8});
  CHECK(sum.shift == 23);
  CHECK(sum.constant == 6 << 23);
  CHECK(q::scalar_addition({0.5, q::DType::Int8}, 1000, {1, q::DType::Int8}).shift == 19);
  CHECK_THROWS_AS(q::scalar_addition({1e-6, q::DType::Int8}, 1e5, {1, q::DType::Int8}), q::Error);
}

TEST_CASE("equal scales need no record") {
  CHECK(q::rescaling({0.5, q::DType::Int8}, {0.5, q::DType::Int16}) == q::kernels::same_scale);
  CHECK(q::rescaling({0.5, q::DType::Int8}, {0.25, q::DType::Int8}) ==
        q::requantization(2, 8, q::RequantizeFrom::Codes));
}

TEST_CASE("a slope has the record of its ratio, with its sign, and none makes an error, however small or large it is") {
  const q::ScaledType x{0.5, q::DType::Int8}, y{0.25, q::DType::Int16};
  const std::vector<float> slopes{0.25f, -3, 0, 1e-30f, 1e30f, -1e30f};
  const std::vector<q::Requantization> records = q::slope_records(x, slopes, y);
  REQUIRE(records.size() == 7);
  CHECK(records[0] == q::requantization(2, 16, q::RequantizeFrom::Codes));
  CHECK(records[1] == q::requantization(0.5, 16, q::RequantizeFrom::Codes));
  CHECK(records[2] == q::Requantization{-24576, 0, 12});  // -6
  CHECK(records[3] == q::Requantization{});
  CHECK(records[4].multiplier == 0);
  CHECK(q::requantize<16>(-1, records[5]) == -32767);
  CHECK(q::requantize<16>(-1, records[6]) == 32767);
  CHECK(q::requantize<16>(-2, records[5]) == -32768);
  CHECK_THROWS_AS(q::slope_records({1e6, q::DType::Int8}, slopes, {1e-6, q::DType::Int8}), q::Error);
}
