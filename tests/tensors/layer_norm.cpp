// SPDX-License-Identifier: Apache-2.0
#include <quench/tensors/layer_norm.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <quench/tensors/error.hpp>

namespace q = quench;

TEST_CASE("weights, biases and eps are in units of the scales") {
  const std::vector<float> weight{0.5f, -3, 0, 1e-38f, 1e38f}, bias{0.25f, -1, 0, 100, 0.001f};
  const q::IntegerLayerNorm norm(5, weight, bias, 0.01f, 0.5f, 0.25f);
  // n = 5 leaves 16 - 3 fractional bits, of which 12 are even: a weight over s_y is in units of 2^-14.
  CHECK(norm.constants.size == 5);
  CHECK(norm.constants.variance_shift == 12);
  CHECK(norm.constants.epsilon == 4096);                       // 25 * 0.01 / 0.25 * 2^12
  CHECK(norm.weight[0] == q::kernels::RowWeight{16384, -1});   // 2 * 2^14
  CHECK(norm.weight[1] == q::kernels::RowWeight{-24576, -3});  // -12 * 2^14
  CHECK(norm.weight[2].multiplier == 0);
  CHECK(norm.weight[3].shift == 100);
  CHECK(norm.weight[4].shift == -100);
  CHECK(norm.bias == std::vector<std::int32_t>{256, -1024, 0, 102400, 1});
  CHECK(norm.constants.weight == norm.weight.data());
  CHECK(norm.constants.bias == norm.bias.data());
}

TEST_CASE("a weight just below a power of two is that power") {
  const std::vector<float> weight{0.9999999f};
  CHECK(q::IntegerLayerNorm(1, weight, {}, 1, 1, 1).weight[0] == q::kernels::RowWeight{16384, -2});
}

TEST_CASE("weights that are not there are 1, and biases none") {
  const q::IntegerLayerNorm norm(3, {}, {}, 1e-5f, 0.1f, 2);
  CHECK(norm.weight == std::vector<q::kernels::RowWeight>(3, {16384, 0}));  // 1/2 * 2^(8 + 14/2)
  CHECK(norm.constants.bias == nullptr);
}

TEST_CASE("eps counts however small or large it is against the codes") {
  const auto constants = [](int size, float eps, float x_scale) {
    return q::IntegerLayerNorm(size, {}, {}, eps, x_scale, 1).constants;
  };
  CHECK(constants(1, 1e-30f, 1).epsilon == 1);
  CHECK(constants(1, 1, 1).variance_shift == 16);
  CHECK(constants(1 << 16, 1, 1).variance_shift == 0);
  CHECK(constants((1 << 14) - 1, 1, 1).variance_shift == 2);
  CHECK(constants((1 << 14) + 1, 1, 1).variance_shift == 0);
  CHECK(constants(1, 0x1p46f, 1).variance_shift == 16);
  CHECK(constants(1, 0x1p46f, 1).epsilon == std::int64_t{1} << 62);
  CHECK(constants(1, 0x1p47f, 1).variance_shift == 14);
  CHECK(constants(1, 0x1p47f, 1).epsilon == std::int64_t{1} << 61);
  CHECK(constants(1, 0x1p100f, 1).variance_shift == -38);
  CHECK(constants(1 << 20, 0x1p127f, 0x1p-23f).variance_shift == -62);
}

TEST_CASE("a bias of 2^20 steps is refused") {
  const std::vector<float> fits{-1048575}, too_large{1, 1048576};
  CHECK(q::IntegerLayerNorm(1, {}, fits, 1, 1, 1).bias[0] == -1048575 * 256);
  try {
    q::IntegerLayerNorm(2, {}, too_large, 1, 1, 1);
    FAIL("no error");
  } catch (const q::Error& error) {
    CHECK(error.slug() == q::TextView("scales-too-far-apart"));
    CHECK(error.evidence() == "the bias of value 1 is 1048576 steps of the output");
  }
}
