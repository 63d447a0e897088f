// SPDX-License-Identifier: Apache-2.0
// Counting against one value after the other, on every instruction set.
#include <quench/host/observers/histogram.hpp>

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "host/isas.hpp"

namespace host = quench::host;

namespace {

template <class Bins, class Definition>
void check(Bins rule, const std::vector<float>& x, Definition&& bin_of) {
  std::vector<std::uint64_t> expected(rule.bins + 1, 5);
  for (const float value : x) ++expected[bin_of(value)];
  for (const host::Isa isa : isas()) {
    std::vector<std::uint64_t> counts(rule.bins + 1, 5);
    host::count_into_bins(rule, x, counts, isa);
    CHECK(counts == expected);
  }
}

std::size_t uniform(float left, float right, std::uint32_t bins, float x) {
  const volatile float distance = x - left;
  const volatile float product = distance * static_cast<float>(bins);
  return std::min(static_cast<std::size_t>(product / (right - left)), std::size_t{bins} - 1);
}

}  // namespace

TEST_CASE("counts are those of one value after the other") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.2f, 1.7f);
  for (const std::size_t size : {0u, 1u, 255u, 256u, 4095u, 4096u, 4097u, 10000u, 70000u})
    for (const std::uint32_t bins : {1u, 7u, 2048u, 4096u}) {
      std::vector<float> x(size);
      for (float& value : x) value = normal(random);
      if (size > 10) {
        x[3] = -2.5f;
        x[4] = 3.25f;
        x[5] = std::nextafter(-2.5f, -3.0f);
        x[6] = std::nextafter(3.25f, 4.0f);
        x[7] = 3e38f;
        x[8] = -3e38f;
      }
      check(host::UniformBins{-2.5f, 3.25f, bins}, x, [=](float value) {
        return value < -2.5f || value > 3.25f ? std::size_t{bins} : uniform(-2.5f, 3.25f, bins, value);
      });
      check(host::ClampedBins{-2.5f, 3.25f, bins}, x,
            [=](float value) { return uniform(-2.5f, 3.25f, bins, std::clamp(value, -2.5f, 3.25f)); });
    }
}

TEST_CASE("magnitudes are counted exactly for every power of two, zeros apart") {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> even(-1, 1);
  for (int exponent = -24; exponent <= 128; exponent += 8) {
    std::vector<float> x(6000);
    for (float& value : x) value = std::ldexp(even(random), exponent - static_cast<int>(random() % 14));
    const float top =
        exponent == 128 ? std::numeric_limits<float>::max() : std::nextafter(std::ldexp(1.0f, exponent), 0.0f);
    x.insert(x.end(), {0.0f, -0.0f, 1e-45f, -1e-45f, top, -top});
    check(host::MagnitudeBins::up_to_power(exponent), x, [=](float value) {
      const double place = std::abs(static_cast<double>(value)) * std::ldexp(4096.0, -exponent);
      return value == 0 ? std::size_t{4096} : static_cast<std::size_t>(place);
    });
  }
}
