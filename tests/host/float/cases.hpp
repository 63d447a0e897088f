// SPDX-License-Identifier: Apache-2.0
// What the tests of float kernels share: values, and sums in double with the bound that a sum of floats stays in.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

namespace float_cases {

inline std::vector<float> normal_values(std::mt19937& random, std::size_t size) {
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float& value : values) value = normal(random);
  return values;
}

inline std::vector<float> normal_values(std::mt19937& random, int size) {
  return normal_values(random, static_cast<std::size_t>(size));
}

// Whole numbers of a few bits: their products and the sums of those are exact in any order.
inline std::vector<float> whole_values(std::mt19937& random, std::size_t size) {
  std::vector<float> values(size);
  for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 17) - 8);
  return values;
}

// A sum of products, of their magnitudes, and how many there are.
struct Sum {
  double value = 0, magnitude = 0;
  int terms = 0;

  void add(float a, float b = 1) {
    const double product = static_cast<double>(a) * static_cast<double>(b);
    value += product;
    magnitude += std::abs(product);
    ++terms;
  }
  // Each of the products is rounded once, and each addition: in any order, no term passes more than terms + 1 of them.
  bool is(float found) const {
    const double bound = (terms + 1) * magnitude * static_cast<double>(std::numeric_limits<float>::epsilon()) / 2;
    return std::abs(static_cast<double>(found) - value) <= bound * (1 + 1e-3);
  }
};

// How many values differ from their sums.
inline int faults(const std::vector<Sum>& expected, const float* found) {
  int count = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) count += expected[i].is(found[i]) ? 0 : 1;
  return count;
}

}  // namespace float_cases
