// SPDX-License-Identifier: Apache-2.0
// Softmax against real numbers, within the bound of nash.md section 4, and against its own steps in wide integers.
#include <quench/kernels/softmax.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"
#include <quench/tensors/tables.hpp>

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

k::SoftmaxTables tables_for(double x_scale, double y_scale, int y_bits, int classes) {
  return q::softmax_tables(x_scale, q::RequantizeFrom::Codes, y_scale, y_bits, classes);
}

// Tables so coarse that a person can follow them: e^x is 1 at 0 and 1/2 at the code -1 (and below), 2^29/x is linear.
constexpr bool shares_by_hand() {
  k::PiecewiseTable exponential, reciprocal;
  for (std::int16_t& bound : exponential.bounds) bound = 0;
  exponential.left_value = 16384;
  exponential.right_value = 32767;
  for (std::int16_t& bound : reciprocal.bounds) bound = 32767;
  reciprocal.left_value = reciprocal.right_value = 16384;
  reciprocal.left = {-16384, 14};  // 2^29 / x at both ends
  const k::SoftmaxTables tables{&exponential, &reciprocal, {16384, 0, 14}, {16384, 0, 22}};
  constexpr int8_t x[] = {5, 5, 0, 4}, alone[] = {-128};
  int8_t equal[2]{}, unequal[2]{}, single[1]{};
  k::softmax(x, q::Shape(1, 2), 1, equal, tables);        // S = 2 * 32767 * 2^12
  k::softmax(x + 2, q::Shape(2, 1), 0, unequal, tables);  // 1/3 and 2/3; the line gives 2^29/24576 as 24575
  k::softmax(alone, q::Shape(1), 0, single, tables);
  return equal[0] == 64 && equal[1] == 64 && unequal[0] == 48 && unequal[1] == 96 && single[0] == 127;
}

// The scheme in wide integers, one row.
std::vector<std::int64_t> defined(const std::vector<int8_t>& x, const k::SoftmaxTables& tables, int y_bits) {
  const auto looked_up = [](std::int64_t code, const k::PiecewiseTable& table) {
    return std::int64_t{k::lookup(static_cast<int16_t>(code), table)};
  };
  const std::int64_t largest = *std::max_element(x.begin(), x.end());
  std::int64_t sum = 0;  // in units of 2^-27
  std::vector<std::int64_t> values, levels, y;
  for (const int8_t code : x) {
    const std::int64_t d = tables.levels * requantized(code - largest, tables.to_exponent, 16);
    const int level = d < -2 * 11357 && x.size() > 1024 ? 2 : d < -11357 ? 1 : 0;
    levels.push_back(level);
    values.push_back(looked_up(saturated(d + 11357 * level, 16), *tables.exponential));
    sum += values.back() * (level == 0 ? 4096 : level == 1 ? 64 : 1);
  }
  if (x.size() <= 1024) REQUIRE(sum / 64 <= INT32_MAX);
  int shift = 13;
  while (std::floor(static_cast<double>(sum) / std::exp2(shift)) > 32767) ++shift;
  const std::int64_t divisor = saturated(shifted(sum, shift), 16);
  REQUIRE(divisor >= 16384);
  const std::int64_t reciprocal = looked_up(divisor, *tables.reciprocal);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t share = shifted(values[i] * reciprocal, 15);
    const std::int64_t post_shift = tables.to_output.post_shift + shift - 13 + 6 * levels[i];
    y.push_back(saturated(shifted(share * tables.to_output.multiplier, static_cast<int>(post_shift)), y_bits));
  }
  return y;
}

std::vector<double> real(const std::vector<int8_t>& x, double x_scale) {
  const double largest = *std::max_element(x.begin(), x.end());
  std::vector<double> shares;
  double sum = 0;
  for (const int8_t code : x) sum += shares.emplace_back(std::exp((code - largest) * x_scale));
  for (double& share : shares) share /= sum;
  return shares;
}

// Rows of every kind: random, nearly constant, one class above many equal ones, two levels.
std::vector<int8_t> random_row(Random& random, int classes) {
  std::vector<int8_t> x = codes<int8_t>(random, classes);
  const int kind = uniform(random, 0, 3), middle = uniform(random, -100, 100);
  for (int8_t& code : x) {
    if (kind == 1) code = static_cast<int8_t>(middle + code % 4);
    if (kind == 2) code = static_cast<int8_t>(middle);
    if (kind == 3) code = static_cast<int8_t>(code > 0 ? middle : -128);
  }
  if (kind == 2) x[0] = static_cast<int8_t>(uniform(random, middle, 127));
  return x;
}

// The largest distance over rows of a random scale; output scales as an observer finds them, and others.
double largest_distance(Random& random, int draws, int most_classes) {
  double largest = 0;
  for (int draw = 0; draw < draws; ++draw) {
    const int classes = uniform(random, 0, 1) == 0 ? most_classes : uniform(random, 1, most_classes);
    const std::vector<int8_t> x = random_row(random, classes);
    const double x_scale = std::exp2(uniform(random, -20.0, 7.0));
    const std::vector<double> shares = real(x, x_scale);
    const double most = *std::max_element(shares.begin(), shares.end());
    const int kind = uniform(random, 0, 3);
    const double y_scale = kind == 0   ? 1.0 / 128
                           : kind == 1 ? 1 / 127.5
                           : kind == 2 ? most / 127.5
                                       : most * uniform(random, 0.2, 2.0) / 127.5;
    std::vector<int8_t> y(x.size());
    k::softmax(x.data(), q::Shape(classes), 0, y.data(), tables_for(x_scale, y_scale, 8, classes));
    for (std::size_t i = 0; i < y.size(); ++i) largest = std::max(largest, distance(y[i], shares[i] / y_scale));
  }
  return largest;
}

}  // namespace

static_assert(shares_by_hand());

TEST_CASE("rows of two classes and of one give what was computed by hand") { CHECK(shares_by_hand()); }

TEST_CASE("softmax is within 2 steps of the real one for any scale and up to 1024 classes") {
  CAPTURE(seed);
  Random random(seed);
  CHECK(largest_distance(random, 20000, 12) <= 2);
  CHECK(largest_distance(random, 3000, 1024) <= 2);
}

TEST_CASE("softmax is within 2 steps of the real one for any scale and up to 2^20 classes") {
  CAPTURE(seed);
  Random random(seed);
  CHECK(largest_distance(random, 200, 6625) <= 2);
  CHECK(largest_distance(random, 4, 1 << 20) <= 2);
}

TEST_CASE("one class above many others is within 2 steps, however far above") {
  double largest = 0;
  for (const int classes : {1025, 2048, 6625, 65536}) {
    CAPTURE(classes);
    std::vector<int8_t> x(static_cast<std::size_t>(classes), 4), y(x.size());
    x[500] = 5;
    for (int step = 0; step <= (classes > 7000 ? 50 : 500); ++step) {
      const double x_scale = std::max(26.0 * step / (classes > 7000 ? 50 : 500), 1e-7);
      const std::vector<double> shares = real(x, x_scale);
      for (const double y_scale : {1.0 / 128, 1 / 127.5, shares[500] / 127.5}) {
        k::softmax(x.data(), q::Shape(classes), 0, y.data(), tables_for(x_scale, y_scale, 8, classes));
        largest = std::max({largest, distance(y[500], shares[500] / y_scale), distance(y[0], shares[0] / y_scale)});
      }
    }
  }
  CHECK(largest <= 2);
}

TEST_CASE("one class above 1023 equal ones is within 2 steps, wherever they are") {
  double largest = 0;
  for (int step = 0; step <= 4000; ++step) {
    const double x_scale = 14.0 * step / 4000;
    std::vector<int8_t> x(1024, 4), y(1024);
    x[500] = 5;
    const double most = real(x, std::max(x_scale, 1e-7))[500], rest = real(x, std::max(x_scale, 1e-7))[0];
    for (const double y_scale : {1.0 / 128, 1 / 127.5, most / 127.5}) {
      k::softmax(x.data(), q::Shape(1024), 0, y.data(), tables_for(std::max(x_scale, 1e-7), y_scale, 8, 1024));
      largest = std::max({largest, distance(y[500], most / y_scale), distance(y[0], rest / y_scale)});
    }
  }
  CHECK(largest <= 2);
}

TEST_CASE("softmax is its own steps in wide integers, along any axis, for int8 and int16") {
  CAPTURE(seed);
  Random random(seed);
  const auto compare = [&](auto zero) {
    using Y = decltype(zero);
    for (int draw = 0; draw < 1000; ++draw) {
      CAPTURE(draw);
      q::Shape x_shape = shape(random, uniform(random, 1, 3), 5);
      const int axis = uniform(random, 0, x_shape.rank - 1);
      if (draw % 10 == 0) x_shape[axis] = uniform(random, 100, 1024);
      if (draw % 100 == 1) x_shape[axis] = uniform(random, 1025, 7000);
      q::Shape rows = x_shape;
      rows[axis] = 1;
      const auto x = random_row(random, x_shape.elements());
      const double x_scale = std::exp2(uniform(random, -20.0, 7.0)), y_scale = std::exp2(uniform(random, -20.0, 10.0));
      const k::SoftmaxTables tables = tables_for(x_scale, y_scale, bits<Y>, x_shape[axis]);
      std::vector<Y> y(x.size());
      k::softmax(x.data(), x_shape, axis, y.data(), tables);
      for (int row = 0; row < rows.elements(); ++row) {
        std::vector<int> at = index_of(row, rows);
        std::vector<int8_t> classes;
        std::vector<Y> shares;
        for (int i = 0; i < x_shape[axis]; ++i) {
          at[static_cast<std::size_t>(axis)] = i;
          classes.push_back(x[place_of(at, x_shape)]);
          shares.push_back(y[place_of(at, x_shape)]);
        }
        const std::vector<std::int64_t> expected = defined(classes, tables, bits<Y>);
        REQUIRE(std::equal(shares.begin(), shares.end(), expected.begin()));
      }
    }
  };
  compare(int8_t{});
  compare(int16_t{});
}

TEST_CASE("an exponential below 1 / 64 begins the next level, and the last level has none after it") {
  k::SoftmaxTables tables = tables_for(1.0 / 16, 1.0 / 128, 8, 2000);  // two levels
  tables.to_exponent = {16384, 0, 14};                                 // by 1
  const auto level_of = [&](std::int32_t difference) { return k::exponential(difference, tables).level; };
  const std::int32_t ln_64 = 11357;  // nash.md section 4, in units of 12 / 2^15
  CHECK(level_of(0) == 0);
  CHECK(level_of(-ln_64 / 2) == 0);  // differences count twice with two levels
  CHECK(level_of(-ln_64 / 2 - 1) == 1);
  CHECK(level_of(-ln_64) == 1);
  CHECK(level_of(-ln_64 - 1) == 2);
  CHECK(level_of(-32768) == 2);
  tables.levels = 1;
  CHECK(level_of(-ln_64) == 0);
  CHECK(level_of(-ln_64 - 1) == 1);
  CHECK(level_of(-32768) == 1);
}

TEST_CASE("1024 equal classes share equally") {
  const std::vector<int8_t> x(1024, 7);
  std::vector<int8_t> y(1024);
  k::softmax(x.data(), q::Shape(1024), 0, y.data(), tables_for(0.1, 1.0 / 1024 / 100, 8, 1024));
  for (const int8_t share : y) CHECK(std::abs(share - 100) <= 1);
}
