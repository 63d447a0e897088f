// SPDX-License-Identifier: Apache-2.0
// Blocks of int16 codes against sums one product at a time, on every instruction set.
#include <quench/host/int16/block.hpp>

#include <doctest/doctest.h>

#include <quench/host/int16/avx2.hpp>
#include <quench/host/int16/avx512.hpp>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;
using conv_cases::Random;

namespace {

struct Size {
  int pixels, channels, segments, length;
};

void check(Random& random, Size size) {
  CAPTURE(size.pixels);
  CAPTURE(size.channels);
  CAPTURE(size.segments);
  CAPTURE(size.length);
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const int pairs = (size.length + 1) / 2, all_pairs = size.segments * pairs, stride = h::int16_stride(size.channels);
  const int reach = 3 * size.length + 40;
  const auto x = random.codes<std::int16_t>((size.pixels + size.segments) * reach);
  const auto weight = random.codes<std::int8_t>(size.channels * size.segments * size.length);
  std::vector<std::int32_t> rows, offsets, first(at(stride)), sums;
  for (int i = 0; i < size.pixels; ++i) rows.push_back((i * 7 + 3) % size.pixels * 3);
  for (int s = 0; s < size.segments; ++s) offsets.push_back((size.segments - 1 - s) * size.length);
  for (int c = 0; c < size.channels; ++c) first[at(c)] = random.between(-1'000'000, 1'000'000);
  std::vector<std::int16_t> packed(at(2 * all_pairs * stride));
  for (int c = 0; c < size.channels; ++c) {
    const h::Int16Place place(c, size.channels, all_pairs);
    for (int s = 0; s < size.segments; ++s)
      for (int i = 0; i < size.length; ++i)
        packed[place.first + at(s * pairs + i / 2) * place.step + at(i % 2)] =
            weight[at((c * size.segments + s) * size.length + i)];
  }
  const int y_row = size.channels + 3;
  std::vector<std::int32_t> expected(at(size.pixels * y_row), 77);
  for (int row = 0; row < size.pixels; ++row)
    for (int c = 0; c < size.channels; ++c) {
      std::int32_t sum = first[at(c)];
      for (int s = 0; s < size.segments; ++s)
        for (int i = 0; i < size.length; ++i)
          sum += x[at(rows[at(row)] + offsets[at(s)] + i)] * weight[at((c * size.segments + s) * size.length + i)];
      expected[at(row * y_row + c)] = sum;
    }
  for (const h::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    std::vector<std::int32_t> y(expected.size(), 77);
    h::detail::int16_block({x.data(), rows.data(), size.pixels, offsets.data(), size.segments, pairs, packed.data(),
                            size.channels, first.data(), y.data(), y_row},
                           isa);
    REQUIRE(y == expected);
  }
}

}  // namespace

TEST_CASE("blocks of int16 codes are sums of products, for any number of pixels, channels and codes") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int channels = 1; channels <= 130; channels += channels < 35 ? 1 : 13)
    for (const int pixels : {1, 2, 3, 4, 5, 7, 8, 11})
      check(random, {pixels, channels, random.between(1, 4), random.between(1, 30)});
  for (const int length : {1, 2, 127}) check(random, {9, 33, 4, length});
}

TEST_CASE("each weight of a block of int16 codes has a place of its own") {
  for (const int channels : {1, 16, 17, 48, 64, 65, 100, 150})
    for (const int pairs : {1, 5}) {
      std::vector<bool> is_taken(static_cast<std::size_t>(2 * h::int16_stride(channels) * pairs));
      for (int c = 0; c < channels; ++c)
        for (int i = 0; i < 2 * pairs; ++i) {
          const h::Int16Place place(c, channels, pairs);
          const std::size_t at =
              place.first + static_cast<std::size_t>(i / 2) * place.step + static_cast<std::size_t>(i % 2);
          REQUIRE(at < is_taken.size());
          REQUIRE(!is_taken[at]);
          is_taken[at] = true;
        }
    }
}
