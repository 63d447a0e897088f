// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/layer.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <cmath>

namespace q = quench;

TEST_CASE("weights, bias and records of a layer are those of nash.md") {
  const std::vector<float> weight{1, -0.5f, 0.25f, 0.126f}, bias{0.3f, -0.1f};
  const q::IntegerLayer layer({weight, bias, {1 / 127.5f, 0.002f}, q::DType::Int8}, 0.1f, q::DType::Int8, 0.05f,
                              q::DType::Int8);
  CHECK(layer.weight == std::vector<std::int8_t>{127, -64, 125, 63});
  CHECK(layer.bias[0] == 382);   // 0.3 / (0.1 / 127.5) = 382.5, half to even
  CHECK(layer.bias[1] == -500);  // -0.1 / 0.0002
  CHECK(layer.requantization[1] ==
        q::requantization(static_cast<double>(0.1f) * static_cast<double>(0.002f) / static_cast<double>(0.05f), 8,
                          q::RequantizeFrom::Accumulators));
  CHECK(layer.x_shift == 0);
}

TEST_CASE("dead and tiny channels get scales at which the bias fits and a record exists") {
  const std::vector<float> weight{0, 1e-30f}, bias{1000, 0};
  const q::IntegerLayer layer({weight, bias, {q::smallest_scale, q::smallest_scale}, q::DType::Int8}, 0.001f,
                              q::DType::Int8, 100, q::DType::Int8);
  CHECK(layer.weight_scales[0] >= 1000 / (0.001f * 0x1p30f) * 0.999f);
  CHECK(std::abs(layer.bias[0]) <= (1 << 30) + 64);
  CHECK(layer.weight_scales[1] >= 100 * 0x1p-30f / 0.001f * 0.999f);
}

TEST_CASE("the factors of a channel affine are their scales times a power of two, so they are not rounded") {
  const float smallest = q::smallest_scale;
  const std::vector<float> factors{1, -3, 0.7f, 64 * smallest, 63 * smallest, -smallest, 0, 0.6f * smallest, 1e30f};
  const q::IntegerLayer layer({factors, {}, {}, q::DType::Int8, true}, 0.1f, q::DType::Int16, 1, q::DType::Int32);
  const std::vector<float>& scales = layer.weight_scales;
  CHECK(scales[0] == 1.0f / 64);
  CHECK(scales[1] == 3.0f / 64);
  CHECK(scales[3] == smallest);
  CHECK(scales[4] == 63 * smallest / 32);
  CHECK(scales[6] == smallest);
  CHECK(layer.weight == std::vector<std::int8_t>{64, -64, 64, 64, 32, -1, 0, 1, 64});
  CHECK(layer.x_shift == 0);
  for (const std::size_t c : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 8u})
    CHECK(static_cast<float>(layer.weight[c]) * layer.weight_scales[c] == factors[c]);
}

TEST_CASE("factors beside a large bias, or a coarse output, are not rounded either, and come back from their codes") {
  for (const float y_scale : {1e-3f, 1e3f})
    for (const float factor : {-1.5f, 3e-5f, -9.5e-7f, 1e-7f, 0.0f}) {
      const std::vector<float> factors{factor}, bias{1000};
      const auto of = [&](const std::vector<float>& weight) {
        return q::IntegerLayer({weight, bias, {}, q::DType::Int8, true}, 0.01f, q::DType::Int8, y_scale,
                               q::DType::Int8);
      };
      const q::IntegerLayer layer = of(factors);
      const std::vector<float> kept{static_cast<float>(layer.weight[0]) * layer.weight_scales[0]};
      const float least = std::max(1000 / (0.01f * 0x1p30f), y_scale * 0x1p-30f / 0.01f);
      if (std::abs(factor) >= 1.001f * least) CHECK(kept[0] == factor);
      CHECK(layer.weight_scales[0] >= 0.999f * least);
      const q::IntegerLayer again = of(kept);
      CHECK(again.weight == layer.weight);
      CHECK(again.weight_scales == layer.weight_scales);
      CHECK(again.bias == layer.bias);
    }
}

TEST_CASE("an int16 input is shifted as little as the accumulator allows") {
  const std::vector<float> weight(1000, 1.0f);
  const q::IntegerLayer layer({weight, {}, {1 / 127.0f}, q::DType::Int8}, 0.1f, q::DType::Int16, 1, q::DType::Int32);
  CHECK(layer.x_shift == 1);  // 1000 * 127 * 2^15 is 4.16e9, half of it fits
  CHECK(layer.accumulator_scales[0] == doctest::Approx(0.2 / 127));
  CHECK(layer.requantization.empty());
}

TEST_CASE("int4 weights are held inside [-8, 7]") {
  const std::vector<float> weight{-1, 1, 0.5f, 0.07f};
  const q::IntegerLayer layer({weight, {}, {0.125f}, q::DType::Int4}, 0.1f, q::DType::Int8, 1, q::DType::Int8);
  CHECK(layer.weight == std::vector<std::int8_t>{-8, 7, 4, 1});
}

TEST_CASE("weights that can overflow are refused") {
  const std::vector<float> weight(140000, -1.0f);
  CHECK_THROWS_WITH_AS(
      q::IntegerLayer({weight, {}, {1 / 128.0f}, q::DType::Int8}, 0.1f, q::DType::Int8, 1, q::DType::Int8),
      doctest::Contains("channel 0"), q::Error);
}
