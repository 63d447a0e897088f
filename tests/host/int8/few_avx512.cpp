// SPDX-License-Identifier: Apache-2.0
// Linear layers of few rows on AVX-512 against sums one product at a time.
#include <quench/host/int8/few_avx512.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/conv_cases.hpp"
#include "host/int8/levels.hpp"

namespace h = quench::host;

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

void check(conv_cases::Random& random, int rows, int depth, int channels) {
  const auto x = random.codes<std::int8_t>(rows * depth), weight = random.codes<std::int8_t>(channels * depth);
  const conv_cases::Records output(random, channels, 17);
  const int low = random.between(-128, 0), high = random.between(0, 127);
  std::vector<int> places;
  h::AlignedVector<std::int8_t> packed(h::few_place((channels + 3) / 4 * 4, 0, depth));
  for (int k = 0; k < channels; ++k) {
    places.push_back(k);
    for (int i = 0; i < depth; ++i) packed[h::few_place(k, i, depth)] = weight[at(k * depth + i)];
  }
  h::Epilogue epilogue;
  epilogue.set(output.channels(), weight.data(), depth, 128, places, 16, 1);
  std::vector<std::int32_t> sums;
  std::vector<std::int8_t> codes;
  for (int row = 0; row < rows; ++row)
    for (int k = 0; k < channels; ++k) {
      sums.push_back(output.bias[at(k)]);
      for (int i = 0; i < depth; ++i) sums.back() += x[at(row * depth + i)] * weight[at(k * depth + i)];
      codes.push_back(output.code(sums.back(), k, low, high));
    }
  sums.insert(sums.end(), 20, 77);  // after the rows nothing is written
  codes.insert(codes.end(), 20, 77);
  std::vector<std::int32_t> given_sums(sums.size(), 77);
  std::vector<std::int8_t> given_codes(codes.size(), 77);
  const h::Int8Few layer{depth, channels, packed.data(), &epilogue, low, high};
  h::detail::int8_few_avx512(layer, rows, x.data(), given_sums.data());
  REQUIRE(given_sums == sums);
  h::detail::int8_few_avx512(layer, rows, x.data(), given_codes.data());
  REQUIRE(given_codes == codes);
}

}  // namespace

TEST_CASE("linear layers of few rows on AVX-512 are sums of products, or their codes") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  CAPTURE(conv_cases::seed);
  conv_cases::Random random;
  for (int channels = 1; channels <= 16; ++channels)
    for (const int depth : {1, 63, 64, 65, 128, random.between(1, 400)}) {
      CAPTURE(channels);
      CAPTURE(depth);
      check(random, random.between(0, 4), depth, channels);
    }
}
