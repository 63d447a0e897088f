// SPDX-License-Identifier: Apache-2.0
// The k-th smallest against sorting, on every instruction set.
#include <quench/host/observers/select.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "host/isas.hpp"

namespace host = quench::host;

namespace {

std::int32_t order(float x) { return host::detail::ordered(std::bit_cast<std::int32_t>(x)); }

void check(const std::vector<float>& x, std::mt19937& random) {
  std::vector<float> sorted = x;
  std::sort(sorted.begin(), sorted.end(), [](float a, float b) { return order(a) < order(b); });
  const std::vector<float> before = x;
  for (const std::size_t k : {std::size_t{0}, x.size() / 2, x.size() - 1, random() % x.size(), random() % x.size()})
    for (const host::Isa isa : isas()) CHECK(order(host::kth_smallest(x, k, isa)) == order(sorted[k]));
}

}  // namespace

TEST_CASE("the k-th smallest is at k after sorting") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const std::size_t size : {1u, 2u, 100u, 4096u, 4097u, 5000u, 70000u})
    for (int kind = 0; kind < 8; ++kind) {
      std::vector<float> x(size);
      for (float& value : x) {
        value = normal(random);
        if (kind == 1) value = std::max(value, 0.0f);
        if (kind == 2) value = 1.5f;
        if (kind == 3) value = std::floor(value);
        if (kind == 4) value = std::ldexp(value, static_cast<int>(random() % 250) - 125);
        if (kind == 5) value = 1 + static_cast<float>(random() % 1000) * 0x1p-23f;
        if (kind == 6) value = random() % 2 == 0 ? 0.0f : -0.0f;
        if (kind == 7) value = std::copysign(1.0f, value) * (1 + std::ldexp(static_cast<float>(random() % 64), -23));
      }
      CAPTURE(kind);
      check(x, random);
    }
}

TEST_CASE("infinities, denormals and the largest floats are in order") {
  std::mt19937 random(2);
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> x{infinity, -infinity, 3e38f, -3e38f, 1e-45f, -1e-45f, 0.0f, -0.0f};
  check(x, random);
  for (int doublings = 0; doublings < 11; ++doublings) {
    const std::vector<float> copy = x;
    x.insert(x.end(), copy.begin(), copy.end());
  }
  check(x, random);
}
