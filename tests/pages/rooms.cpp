// SPDX-License-Identifier: Apache-2.0
// The code of the pages of small folders: ground, bits, types, kernels, host, execution, tensors.
#include <doctest/doctest.h>
#include <atomic>
#include <vector>

#include <quench/bits/multiplier.hpp>
#include <quench/execution/functions.hpp>
#include <quench/ground/reflect.hpp>
#include <quench/host/workers.hpp>
#include <quench/kernels/color.hpp>
#include <quench/kernels/linear.hpp>
#include <quench/tensors/quantize.hpp>
#include <quench/types/march.hpp>
#include <quench/types/processor.hpp>

namespace {

// region ground
struct Point {
  int x = 3, y = 4;
};
constexpr int sum_of_members(const Point& point) {
  int sum = 0;
  quench::for_each_member(point, [&](const int& member, quench::TextView name) { sum += member * name.size; });
  return sum;
}
static_assert(sum_of_members(Point{}) == 7);  // the names "x" and "y" have one letter each
// end region

// region bits
// A ratio of 1/4: 16384 * 2^-16.
constexpr quench::Requantization quarter{.multiplier = 16384, .pre_shift = 0, .post_shift = 16};
static_assert(quench::requantize<8>(10, quarter) == 3);      // 2.5 rounds half up
static_assert(quench::requantize<8>(-10, quarter) == -2);    // and so does -2.5
static_assert(quench::requantize<8>(1000, quarter) == 127);  // int8 ends here
// end region

// region types
using quench::Operator;
static_assert(quench::march::NashE::supports(Operator::GELU));
static_assert(!quench::march::NashE::takes_int16_input(Operator::MaxPool2d));
static_assert(quench::row_of(Operator::Conv2d).has_accumulator);  // so its output can be int32
static_assert(std::is_same_v<quench::processor::J6E::March, quench::march::NashE>);
// end region

// region kernels
constexpr bool computes_at_compile_time() {
  constexpr std::int8_t x[] = {1, 2, 3}, w[] = {1, 1, 1, 100, 10, 1};  // [rows, in], [out, in]
  constexpr std::int32_t bias[] = {1, 0};
  constexpr quench::Requantization records[] = {{16384, 0, 15}, {16384, 0, 16}};  // 1/2 and 1/4
  std::int8_t y[2] = {};
  quench::kernels::linear(x, w, y, {.rows = 1, .in_features = 3, .out_features = 2},
                          {.bias = bias, .requantization = records});
  return y[0] == 4 && y[1] == 31;  // (6 + 1) / 2 and 123 / 4
}
static_assert(computes_at_compile_time());
// end region

}  // namespace

TEST_CASE("page: threads share work") {
  // region host
  quench::WorkerPool pool{quench::Workers{2}};
  std::atomic<int> sum = 0;
  pool.run(10, [&](int i) { sum += i; });  // waits for all ten calls
  // end region
  CHECK(sum == 45);
}

TEST_CASE("page: a function is a struct with its value and its slope") {
  // region execution
  double value = quench::functions::HardSwish::value(1.5, nullptr);  // 1.125
  double slope = quench::functions::HardSwish::slope(1.5, nullptr);  // 1
  // end region
  CHECK(value == 1.125);
  CHECK(slope == 1);
}

TEST_CASE("page: floats become codes and codes become floats") {
  // region tensors
  const std::vector<float> x = {0.5f, -1.0f, 100.0f};
  const std::vector<std::int8_t> codes = quench::quantize<quench::QInt8>(x, 0.25f);  // 2, -4, 127
  const std::vector<float> y = quench::dequantize(codes, 0.25f);                     // 0.5, -1, 31.75
  // end region
  CHECK(codes == std::vector<std::int8_t>{2, -4, 127});
  CHECK(y == std::vector<float>{0.5f, -1.0f, 31.75f});
}

TEST_CASE("page: a mistake that only data can show is an error with a name") {
  bool is_named = false;
  // region error
  try {
    quench::quantize<quench::QInt8>(std::vector{1.0f}, -0.25f);
  } catch (const quench::Error& error) {
    is_named = error.slug() == quench::TextView("scale-out-of-range");  // what() has the whole text
  }
  // end region
  CHECK(is_named);
}

TEST_CASE("page: a camera's picture becomes the codes of a network") {
  const std::uint8_t luma[16] = {255, 0}, chroma[8] = {128, 128, 128, 255};
  std::int8_t codes[4 * 4 * 3];
  // region camera
  quench::kernels::nv12_to_centered_yuv444(luma, chroma, codes, 4, 4);  // height, width
  // end region
  CHECK(codes[0] == 127);
  CHECK(codes[3] == -128);
  CHECK(codes[8] == 127);
}
