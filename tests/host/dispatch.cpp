// SPDX-License-Identifier: Apache-2.0
// The copies of a kernel give the same bits on every instruction set.
#include <quench/host/dispatch.hpp>

#include <doctest/doctest.h>

#include <random>

#include "host/isas.hpp"

namespace host = quench::host;

namespace {

// Products and sums that would differ if they were fused.
struct Polynomial {
  [[gnu::always_inline]] static inline int run(const float* x, float* y, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const float square = x[i] * x[i];
      const float linear = x[i] * 3.1f;
      const float sum = square + linear;
      const float product = sum * 0.7f;
      y[i] = product + x[i];
    }
    return static_cast<int>(size);
  }
};

}  // namespace

TEST_CASE("kernels give the same bits on every instruction set, and what each statement alone gives") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const std::size_t size : {0u, 1u, 7u, 1000u}) {
    std::vector<float> x(size), expected(size);
    for (std::size_t i = 0; i < size; ++i) {
      x[i] = normal(random);
      const volatile float square = x[i] * x[i], linear = x[i] * 3.1f;
      const volatile float sum = square + linear;
      const volatile float product = sum * 0.7f;
      expected[i] = product + x[i];
    }
    std::vector<float> y(size);
    CHECK(host::dispatch<Polynomial>(x.data(), y.data(), size) == static_cast<int>(size));
    CHECK(y == expected);
    for (const host::Isa isa : isas()) {
      std::fill(y.begin(), y.end(), 0.0f);
      host::run_for<Polynomial>(isa, x.data(), y.data(), size);
      CHECK(y == expected);
    }
  }
}
