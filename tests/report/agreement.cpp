// SPDX-License-Identifier: Apache-2.0
#include <quench/report/agreement.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace q = quench;

namespace {

using Values = std::vector<float>;

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("the agreement of values is the ratio of their energies and the cosine of their angle") {
  q::Agreement agreement;
  agreement.add(Values{3, 0}, Values{3, 1});
  agreement.add(Values{4}, Values{2});
  // x = (3, 0, 4), y = (3, 1, 2): |x|^2 = 25, |x - y|^2 = 5, |y|^2 = 14, x y = 17
  CHECK(agreement.sqnr() == doctest::Approx(10 * std::log10(5.0)));
  CHECK(agreement.cosine() == doctest::Approx(17 / (5 * std::sqrt(14.0))));
  CHECK(agreement.relative_error() == doctest::Approx(std::sqrt(0.2)));
}

TEST_CASE("values that are equal, and signals of zeros, have an agreement too") {
  q::Agreement equal, noisy_zero, lost, nothing;
  equal.add(Values{1, -2}, Values{1, -2});
  CHECK(equal.sqnr() == infinity);
  CHECK(equal.cosine() == doctest::Approx(1));
  CHECK(equal.relative_error() == 0);
  noisy_zero.add(Values{0, 0}, Values{0, 1});
  CHECK(noisy_zero.sqnr() == -infinity);
  CHECK(noisy_zero.cosine() == 0);
  CHECK(noisy_zero.relative_error() == infinity);
  lost.add(Values{2}, Values{0});
  CHECK(lost.sqnr() == 0);
  CHECK(lost.cosine() == 0);
  nothing.add(Values{}, Values{});
  nothing.add(Values{0}, Values{0});
  CHECK(nothing.sqnr() == infinity);
  CHECK(nothing.cosine() == 1);
}

TEST_CASE("large values do not overflow, values that are not finite are refused") {
  q::Agreement agreement;
  const float large = std::numeric_limits<float>::max(), nan = std::numeric_limits<float>::quiet_NaN();
  agreement.add(Values{large, -large}, Values{-large, large});
  CHECK(agreement.cosine() == doctest::Approx(-1));
  const auto slug_of = [&](const Values& x, const Values& y) {
    try {
      agreement.add(x, y);
    } catch (const q::Error& error) {
      return error.slug();
    }
    return q::TextView();
  };
  CHECK(slug_of({1, nan}, {1, 1}) == "value-not-finite");
  CHECK(slug_of({1, 1}, {1, static_cast<float>(infinity)}) == "value-not-finite");
  CHECK(slug_of({1, 1}, {1}) == "shape-mismatch");
  CHECK(agreement.cosine() == doctest::Approx(-1));
}
