// SPDX-License-Identifier: Apache-2.0
#include <quench/host/fake_quantize/rounding.hpp>

#include <doctest/doctest.h>

#include "host/cases.hpp"

using namespace host_cases;
namespace detail = quench::host::detail;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("a value is held in a range, and NaN stays NaN") {
  CHECK(detail::clamped(-5, -2, 3) == -2);
  CHECK(detail::clamped(-2, -2, 3) == -2);
  CHECK(detail::clamped(1.5f, -2, 3) == 1.5f);
  CHECK(detail::clamped(4, -2, 3) == 3);
  CHECK(detail::clamped(infinity, -2, 3) == 3);
  CHECK(detail::clamped(-infinity, -2, 3) == -2);
  CHECK(std::isnan(detail::clamped(not_a_number, -2, 3)));
  CHECK(std::isnan(detail::clamped(-not_a_number, -2, 3)));
}

TEST_CASE("adding the constant rounds half to even, leaves the code in the low bits, and shows NaN") {
  int faults = 0;
  for (const CodeRange codes : code_ranges())
    for (std::int32_t code = codes.qmin; code <= codes.qmax; ++code)
      for (const float step : {-0.5f, -0.25f, 0.0f, 0.25f, 0.5f}) {
        const float x = detail::clamped(static_cast<float>(code) + step, static_cast<float>(codes.qmin),
                                        static_cast<float>(codes.qmax));
        const float biased = x + detail::rounding_constant, rounded = std::nearbyint(x);
        const auto bits = std::bit_cast<std::uint32_t>(biased);
        const bool is_right = biased - detail::rounding_constant == rounded && (bits & detail::nan_bit) == 0 &&
                              static_cast<float>(static_cast<std::int16_t>(bits)) == rounded;
        faults += is_right ? 0 : 1;
      }
  CHECK(faults == 0);
  for (const float x : {not_a_number, -not_a_number})
    CHECK((std::bit_cast<std::uint32_t>(x + detail::rounding_constant) & detail::nan_bit) != 0);
}

TEST_CASE("values that round to the codes without saturation are a range") {
  std::vector<CodeRange> ranges = code_ranges();
  ranges.push_back({-127, 127});  // odd and even codes at both ends
  ranges.push_back({-4, 6});
  ranges.push_back({0, 255});
  for (const CodeRange codes : ranges) {
    const detail::InsideLimits inside(limits_of(codes));
    for (const std::int32_t end : {codes.qmin, codes.qmax})
      for (const float step : {-1.0f, -0.5f, 0.0f, 0.5f, 1.0f}) {
        const float x = static_cast<float>(end) + step;
        for (const float value : {std::nextafter(x, -infinity), x, std::nextafter(x, infinity)}) {
          CAPTURE(value);
          CHECK((value >= inside.low && value <= inside.high) == is_inside(value, 1, codes));
        }
      }
  }
}
