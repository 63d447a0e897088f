// SPDX-License-Identifier: Apache-2.0
#include <quench/training/inputs.hpp>

#include <doctest/doctest.h>

TEST_CASE("inputs are copied as real values, an image from its codes") {
  const std::vector<float> values{1, 2, 3, 4};
  const std::vector<std::int8_t> codes{-128, 0, 64};
  quench::training::InputValues features, image;
  features.values = values;
  image.codes = codes;
  CHECK(features.size() == 4);
  CHECK(image.size() == 3);
  std::vector<float> to(2);
  features.copy(1, 2, to.data());
  CHECK(to == std::vector<float>{2, 3});
  image.copy(1, 2, to.data());
  CHECK(to == std::vector<float>{0, 0.5f});
  image.copy(0, 1, to.data());
  CHECK(to[0] == -1);
}
