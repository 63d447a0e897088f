// SPDX-License-Identifier: Apache-2.0
// Lookups against their definition, and tables of the usual functions against real arithmetic.
#include <quench/kernels/lookup.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"
#include <quench/tensors/tables.hpp>

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool looks_up_by_hand() {
  int16_t table[256]{};
  table[0] = -7;
  table[128] = 300;
  table[255] = 9;
  constexpr int8_t x[] = {-128, 0, 127};
  int16_t y[3]{};
  k::lookup(x, y, 3, table);
  if (y[0] != -7 || y[1] != 300 || y[2] != 9) return false;

  // Six segments of 64 codes: 63 intervals over 63 codes would be the codes themselves; the last is 4 times as wide.
  k::PiecewiseTable lines;
  for (int i = 0; i <= 5; ++i) lines.bounds[i] = static_cast<int16_t>(63 * i);
  lines.bounds[6] = 63 * 5 + 63 * 4;
  for (int i = 0; i < 6; ++i) {
    lines.position[i] = {16384, static_cast<std::uint8_t>(i < 5 ? 6 : 8)};
    for (int j = 0; j < 64; ++j) lines.values[i][j] = static_cast<int16_t>(1000 * i + 10 * j);
  }
  lines.left_value = 5;
  lines.left = {-16384, 14};
  lines.right_value = 9;
  lines.right = {16384, 15};
  return k::lookup(int16_t{-10}, lines) == 15 && k::lookup(int16_t{-32768}, lines) == 32767 &&
         k::lookup(int16_t{0}, lines) == 0 && k::lookup(int16_t{62}, lines) == 620 &&
         k::lookup(int16_t{63}, lines) == 1000 && k::lookup(int16_t{315}, lines) == 5000 &&
         k::lookup(int16_t{316}, lines) == 5003 && k::lookup(int16_t{566}, lines) == 5628 &&
         k::lookup(int16_t{567}, lines) == 9 && k::lookup(int16_t{568}, lines) == 10 &&
         k::lookup(int16_t{32767}, lines) == 16109;
}

// The position of the last code of a segment rounds to its end: no entry after the table is read.
constexpr bool ends_a_table() {
  k::PiecewiseTable wide;
  for (int16_t& bound : wide.bounds) bound = 32767;
  wide.bounds[0] = -32768;
  wide.position[0] = {32257, 17};
  wide.values[0][62] = 100;
  wide.values[0][63] = 300;
  return k::lookup(int16_t{32766}, wide) == 300 && k::lookup(int16_t{32000}, wide) > 100;
}

// nash.md section 4 in wide integers.
std::int64_t lookup_defined(int x, const k::PiecewiseTable& table) {
  const auto line = [x](int from, int value, const k::Slope& slope) {
    return saturated(value + shifted(std::int64_t{x - from} * slope.multiplier, slope.shift), 16);
  };
  if (x < table.bounds[0]) return line(table.bounds[0], table.left_value, table.left);
  if (x >= table.bounds[6]) return line(table.bounds[6], table.right_value, table.right);
  const auto above = std::upper_bound(table.bounds, table.bounds + 7, x);
  const std::int64_t segment = above - table.bounds - 1;
  const k::Slope& slope = table.position[segment];
  const std::int64_t position = std::min<std::int64_t>(
      63 * 256, shifted(std::int64_t{x - table.bounds[segment]} * slope.multiplier, slope.shift));
  const std::int64_t index = std::min<std::int64_t>(62, position / 256), fraction = position - 256 * index;
  return shifted(table.values[segment][index] * (256 - fraction) + table.values[segment][index + 1] * fraction, 8);
}

std::vector<int16_t> all_codes() {
  std::vector<int16_t> x;
  for (int code = -32768; code <= 32767; ++code) x.push_back(static_cast<int16_t>(code));
  return x;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }
double gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }
double leaky_relu(double x) { return x < 0 ? 0.1 * x : x; }
double exponential(double x) { return std::exp(x); }
double reciprocal(double x) { return 1 / x; }
double reciprocal_root(double x) { return 1 / std::sqrt(x); }
double tangent(double x) { return std::tanh(x); }

// The largest distance of a piecewise table from the function, in steps of its int16 output.
double largest_distance(double (*f)(double), double x_scale, double y_scale, int low = -32768, int high = 32767) {
  const k::PiecewiseTable table = q::piecewise_table(f, x_scale, y_scale, low, high);
  double largest = 0;
  for (int code = low; code <= high; ++code) {
    const double real = std::clamp(f(code * x_scale) / y_scale, -32768.0, 32767.0);
    largest = std::max(largest, std::abs(k::lookup(static_cast<int16_t>(code), table) - real));
  }
  return largest;
}

}  // namespace

static_assert(looks_up_by_hand());
static_assert(ends_a_table());

TEST_CASE("a few lookups give what was computed by hand") { CHECK(looks_up_by_hand()); }

TEST_CASE("the last code of a segment meets the last entry of its table") { CHECK(ends_a_table()); }

TEST_CASE("every int8 code finds its entry") {
  std::vector<int8_t> x, narrow(256);
  for (int code = -128; code < 128; ++code) x.push_back(static_cast<int8_t>(code));
  std::vector<int16_t> wide(256);
  for (double (*f)(double) : {sigmoid, tangent, silu, gelu, leaky_relu, exponential}) {
    const auto small = q::lookup_table<int8_t>(f, 0.05, 0.06);
    const auto large = q::lookup_table<int16_t>(f, 0.05, 0.0003);
    k::lookup(x.data(), narrow.data(), 256, small.data());
    k::lookup(x.data(), wide.data(), 256, large.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double real = f(x[i] * 0.05);
      REQUIRE(narrow[i] == std::clamp(std::nearbyint(real / 0.06), -128.0, 127.0));
      REQUIRE(wide[i] == std::clamp(std::nearbyint(real / 0.0003), -32768.0, 32767.0));
    }
  }
}

TEST_CASE("a piecewise function is its definition for every code and any table") {
  CAPTURE(seed);
  Random random(seed);
  const std::vector<int16_t> x = all_codes();
  std::vector<int16_t> y(x.size());
  std::vector<int8_t> narrow(x.size());
  const auto code = [&](int low) { return static_cast<int16_t>(uniform(random, low, 32767)); };
  for (int draw = 0; draw < 60; ++draw) {
    CAPTURE(draw);
    k::PiecewiseTable table;
    for (int16_t& bound : table.bounds) bound = code(-32768);
    if (draw % 3 == 0) table.bounds[1] = table.bounds[2];
    if (draw % 4 == 0) table.bounds[5] = -32768;
    std::sort(table.bounds, table.bounds + 7);
    for (int segment = 0; segment < 6; ++segment) {
      const double span = table.bounds[segment + 1] - table.bounds[segment];
      table.position[segment] = draw % 5 == 0 ? k::Slope{code(0), static_cast<std::uint8_t>(uniform(random, 0, 31))}
                                              : q::detail::slope_of(span > 0 ? 63 * 256 / span : 0);
      for (int16_t& value : table.values[segment])
        value = static_cast<int16_t>(draw % 2 == 0 ? code(-32768) : uniform(random, -140, 140));
    }
    for (k::Slope* slope : {&table.left, &table.right})
      *slope = {code(-32768), static_cast<std::uint8_t>(uniform(random, 0, 31))};
    table.left_value = code(-32768);
    table.right_value = code(-32768);
    k::lookup(x.data(), y.data(), 65536, table);
    k::lookup(x.data(), narrow.data(), 65536, table);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::int64_t expected = lookup_defined(x[i], table);
      if (y[i] == expected && narrow[i] == saturated(expected, 8)) continue;
      CAPTURE(x[i]);
      REQUIRE(y[i] == expected);
      REQUIRE(narrow[i] == saturated(expected, 8));
    }
  }
}

TEST_CASE("the lines of no table pass int32") {
  for (const int16_t value : {int16_t{-32768}, int16_t{32767}})
    for (const int16_t multiplier : {int16_t{-32768}, int16_t{32767}}) {
      k::PiecewiseTable table;
      table.right_value = table.left_value = value;
      table.right = table.left = {multiplier, 0};
      for (int16_t& bound : table.bounds) bound = -32768;
      CHECK(k::lookup(int16_t{32767}, table) == lookup_defined(32767, table));
      for (int16_t& bound : table.bounds) bound = 32767;
      CHECK(k::lookup(int16_t{-32768}, table) == lookup_defined(-32768, table));
    }
}

TEST_CASE("piecewise tables follow the usual functions within a few steps of int16") {
  CHECK(largest_distance(sigmoid, 8.0 / 32768, 1.0 / 32768) <= 4);
  CHECK(largest_distance(sigmoid, 64.0 / 32768, 1.0 / 32768) <= 6);
  CHECK(largest_distance(tangent, 4.0 / 32768, 1.0 / 32768) <= 6);
  CHECK(largest_distance(silu, 8.0 / 32768, 8.0 / 32768) <= 3);
  CHECK(largest_distance(gelu, 6.0 / 32768, 6.0 / 32768) <= 2);
  CHECK(largest_distance(leaky_relu, 5.0 / 32768, 5.0 / 32768) <= 0.5);
  CHECK(largest_distance(exponential, 12.0 / 32768, 1.0 / 32768, -32768, 0) <= 12);
  CHECK(largest_distance(exponential, 2.0 / 32768, std::exp(2.0) / 32768) <= 2);
  CHECK(largest_distance(reciprocal, 1.0 / 32768, 8.0 / 32768, 4096) <= 6);
  CHECK(largest_distance(reciprocal, 1.0, 1.0 / (1 << 29), 1 << 14) <= 2);
  CHECK(largest_distance(reciprocal_root, 1.0 / 32768, 4.0 / 32768, 2048) <= 10);
}
