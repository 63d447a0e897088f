// SPDX-License-Identifier: Apache-2.0
#include <quench/host/fake_quantize/straight_through.hpp>

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include <quench/host/fake_quantize/fake_quantize.hpp>

#include "host/isas.hpp"

namespace q = quench;

TEST_CASE("the gradient passes where a value is inside the codes and where a ReLU lets it pass") {
  constexpr unsigned seed = 20261123;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const q::host::CodeLimits int8{-128, 127};
  constexpr float scale = 0.1f;
  std::vector<float> x, g;
  for (const float edge : {-128.5f, -128.0f, 127.5f, 127.0f, 0.0f, 60.0f})
    for (const float step : {-0.001f, 0.0f, 0.001f}) x.push_back((edge + step) * scale);
  while (x.size() < 1003) x.push_back(std::uniform_real_distribution<float>(-20, 20)(random));
  for (std::size_t i = 0; i < x.size(); ++i) g.push_back(static_cast<float>(i) + 1);
  std::vector<float> expected(x.size());
  REQUIRE(q::host::fake_quantize_backward({1, 1, x.size()}, std::vector<float>{scale}, int8, x.data(), g.data(),
                                          expected.data()));
  for (const q::host::Isa isa : isas()) {
    std::vector<float> plain = g, held = g;
    q::host::straight_through(x.data(), plain.data(), x.size(), scale, int8, -std::numeric_limits<float>::infinity(),
                              std::numeric_limits<float>::infinity(), isa);
    CHECK(plain == expected);
    q::host::straight_through(x.data(), held.data(), x.size(), scale, int8, 0, 6, isa);
    bool is_equal = true;
    for (std::size_t i = 0; i < x.size(); ++i) is_equal &= held[i] == (x[i] > 0 && x[i] < 6 ? expected[i] : 0);
    CHECK(is_equal);
  }
}
