// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/requantize.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int32_t, std::int8_t;

namespace {

// region by_hand
constexpr bool requantizes_by_hand() {
  constexpr int32_t x[] = {3, -3, 1000, -1000};
  constexpr int8_t halves[] = {2, -1, 127, -128}, quarters[] = {2, -1, 7, -8}, same[] = {3, -3, 127, -128};
  constexpr q::Requantization records[] = {{16384, 0, 15}, {16384, 0, 16}};
  constexpr int8_t columns[] = {2, -1, 127, -128};
  int8_t a[4]{}, b[4]{}, c[4]{}, d[4]{};
  k::requantize_tensor<8>(x, a, 4, records[0]);
  k::requantize_tensor<4>(x, b, 4, records[0]);
  k::requantize_tensor<8>(x, c, 4, k::same_scale);
  k::requantize_channels<8>(x, d, 2, 2, records);
  for (int i = 0; i < 4; ++i)
    if (a[i] != halves[i] || b[i] != quarters[i] || c[i] != same[i] || d[i] != columns[i]) return false;
  return true;
}
// end region

template <int Bits, class X, class Y>
void compare_random_cases_of_requantize() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 500; ++draw) {
    CAPTURE(draw);
    const int pixels = uniform(random, 0, 6), channels = uniform(random, 1, 6);
    const int size = sizeof(X) == 4 ? uniform(random, 8, 32) : bits<X>;
    std::vector<q::Requantization> records;
    for (int c = 0; c < channels; ++c)
      records.push_back(uniform(random, 0, 4) == 0 ? k::same_scale
                                                   : derived(std::ldexp(uniform(random, 0.4, 2.0), Bits - size), Bits,
                                                             sizeof(X) == 4 ? From::Accumulator : From::Code));
    std::vector<X> x = codes<X>(random, pixels * channels);
    if (sizeof(X) == 4)
      for (X& value : x) value = static_cast<X>(value >> (32 - size));
    std::vector<Y> whole(x.size()), each(x.size());
    k::requantize_tensor<Bits>(x.data(), whole.data(), pixels * channels, records[0]);
    k::requantize_channels<Bits>(x.data(), each.data(), pixels, channels, records.data());
    const auto defined = [](X code, const q::Requantization& record) {
      return record == k::same_scale ? saturated(code, Bits) : requantized(code, record, Bits);
    };
    for (std::size_t i = 0; i < x.size(); ++i) {
      CAPTURE(i);
      REQUIRE(whole[i] == defined(x[i], records[0]));
      REQUIRE(each[i] == defined(x[i], records[i % static_cast<std::size_t>(channels)]));
    }
  }
}

}  // namespace

static_assert(requantizes_by_hand());

TEST_CASE("a few integers are requantized as by hand") { CHECK(requantizes_by_hand()); }

TEST_CASE("tensors are requantized with one record, and channel by channel") {
  compare_random_cases_of_requantize<8, int32_t, int8_t>();
  compare_random_cases_of_requantize<16, int32_t, int16_t>();
  compare_random_cases_of_requantize<4, int32_t, int8_t>();
  compare_random_cases_of_requantize<8, int16_t, int8_t>();
  compare_random_cases_of_requantize<16, int16_t, int16_t>();
  compare_random_cases_of_requantize<16, int8_t, int16_t>();
  compare_random_cases_of_requantize<8, int8_t, int8_t>();
  compare_random_cases_of_requantize<4, int8_t, int8_t>();
}

TEST_CASE("every code keeps its value between types at one scale, or is saturated") {
  std::vector<int16_t> x;
  for (int code = -32768; code <= 32767; ++code) x.push_back(static_cast<int16_t>(code));
  std::vector<int8_t> narrow(x.size()), nibble(x.size());
  k::requantize_tensor<8>(x.data(), narrow.data(), 65536, k::same_scale);
  k::requantize_tensor<4>(x.data(), nibble.data(), 65536, k::same_scale);
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(narrow[i] == std::clamp<int>(x[i], -128, 127));
    REQUIRE(nibble[i] == std::clamp<int>(x[i], -8, 7));
  }
}

TEST_CASE("a tensor may be requantized in place") {
  Random random(seed);
  std::vector<int8_t> x = codes<int8_t>(random, 100), y(x.size());
  const q::Requantization record = derived(0.37, 8, From::Code);
  k::requantize_tensor<8>(x.data(), y.data(), 100, record);
  k::requantize_tensor<8>(x.data(), x.data(), 100, record);
  CHECK(x == y);
}
