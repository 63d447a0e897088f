// SPDX-License-Identifier: Apache-2.0
// Random blocks of sums of products, and what they are, one product at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <quench/host/integer/block.hpp>

#include "host/conv_cases.hpp"

namespace block_cases {

/// Codes of a window lie together in segments.
struct Size {
  int pixels, channels, segments, length;
};

/// Channels that stand after those of another group. The second shift of a record is `least_post` at least.
template <class Code>
struct Case {
  static constexpr int codes = quench::host::codes_of_quad<Code>;

  Size size;
  int neighbours, quads, stride, y_row;
  std::vector<Code> x;
  std::vector<std::int8_t> weight;
  std::vector<std::int32_t> rows, quad_offsets;
  conv_cases::Records output;
  quench::host::AlignedVector<Code> packed;
  std::vector<std::int32_t> sums;  // 77 between the rows

  Case(conv_cases::Random& random, Size wanted, int least_post = 17)
      : size(wanted),
        neighbours((size.length + codes - 1) / codes),
        quads(size.segments * neighbours),
        stride(quench::host::padded_channels(size.channels)),
        y_row(size.channels + (random.one_in(2) ? 3 : 0)),
        x(random.codes<Code>((size.pixels + size.segments) * (3 * size.length + 40))),
        weight(random.codes<std::int8_t>(size.channels * size.segments * size.length)),
        output(random, size.channels, least_post),
        packed(at(codes * quads * stride)),
        sums(at(size.pixels * y_row), 77) {
    std::vector<std::int32_t> offsets;
    for (int i = 0; i < size.pixels; ++i) rows.push_back((i * 7 + 3) % size.pixels * 3);
    for (int s = 0; s < size.segments; ++s) offsets.push_back((size.segments - 1 - s) * size.length);
    for (const int offset : offsets)
      for (int quad = 0; quad < neighbours; ++quad) quad_offsets.push_back(offset + codes * quad);
    for (int c = 0; c < size.channels; ++c) {
      const quench::host::BlockPlace<Code> place(c, size.channels, quads);
      for (int s = 0; s < size.segments; ++s)
        for (int i = 0; i < size.length; ++i)
          packed[place.first + at(s * neighbours + i / codes) * place.step + at(i % codes)] = weight_of(c, s, i);
      for (int row = 0; row < size.pixels; ++row) {
        std::int32_t sum = output.bias[at(c)];
        for (int s = 0; s < size.segments; ++s)
          for (int i = 0; i < size.length; ++i) sum += x[at(rows[at(row)] + offsets[at(s)] + i)] * weight_of(c, s, i);
        sums[at(row * y_row + c)] = sum;
      }
    }
  }

  /// For codes that are raised by `offset`.
  quench::host::Epilogue epilogue(int offset) const {
    std::vector<int> places;
    for (int c = 0; c < size.channels; ++c) places.push_back(stride + c);
    quench::host::Epilogue epilogue;
    epilogue.set(output.channels(), weight.data(), size.segments * size.length, offset, places, stride, 2);
    return epilogue;
  }

  template <class Y>
  quench::host::Block<Code, Y> block(const Code* a, const quench::host::Epilogue& epilogue, std::vector<Y>& y) const {
    quench::host::Block<Code, Y> block;
    block.a = a;
    block.rows = rows.data();
    block.m = size.pixels;
    block.quad_offsets = quad_offsets.data();
    block.quads = quads;
    block.neighbours = neighbours;
    block.weights = packed.data();
    block.channels = size.channels;
    block.epilogue = &epilogue;
    block.first_channel = stride;
    block.y = y.data();
    block.y_row = y_row;
    return block;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  std::int8_t weight_of(int channel, int segment, int i) const {
    return weight[at((channel * size.segments + segment) * size.length + i)];
  }
};

/// Calls `check(size)` for any number of pixels, channels and codes.
template <class Check>
void for_sizes(conv_cases::Random& random, const Check& check) {
  const auto captured = [&](Size size) {
    CAPTURE(size.pixels);
    CAPTURE(size.channels);
    CAPTURE(size.segments);
    CAPTURE(size.length);
    check(size);
  };
  for (int channels = 1; channels <= 130; channels += channels < 35 ? 1 : 13)
    for (const int pixels : {1, 2, 3, 4, 5, 7, 8, 11})
      captured({pixels, channels, random.between(1, 4), random.between(1, 30)});
  for (const int length : {1, 2, 127}) captured({9, 33, 4, length});
}

/// Requires that `run(block)` computes the sums of int8 codes, raised by `offset`, and their codes.
template <class Run>
void check_int8(int offset, int least_post, const Run& run) {
  CAPTURE(conv_cases::seed);
  conv_cases::Random random;
  for_sizes(random, [&](Size size) {
    const Case<std::int8_t> of(random, size, least_post);
    std::vector<std::int8_t> raised;
    for (const std::int8_t code : of.x) raised.push_back(static_cast<std::int8_t>(code + offset));
    const quench::host::Epilogue epilogue = of.epilogue(offset);
    std::vector<std::int32_t> sums(of.sums.size(), 77);
    run(of.block(raised.data(), epilogue, sums));
    REQUIRE(sums == of.sums);
    const int low = random.between(-128, 0), high = random.between(0, 127);
    std::vector<std::int8_t> expected(of.sums.size(), 77), given = expected;
    for (int i = 0; i < size.pixels * of.y_row; ++i)
      if (i % of.y_row < size.channels)
        expected[static_cast<std::size_t>(i)] =
            of.output.code(of.sums[static_cast<std::size_t>(i)], i % of.y_row, low, high);
    quench::host::Block<std::int8_t, std::int8_t> block = of.block(raised.data(), epilogue, given);
    block.low = low;
    block.high = high;
    run(block);
    REQUIRE(given == expected);
  });
}

/// Requires that `run(block)` computes the sums of int16 codes.
template <class Run>
void check_int16(const Run& run) {
  CAPTURE(conv_cases::seed);
  conv_cases::Random random;
  for_sizes(random, [&](Size size) {
    const Case<std::int16_t> of(random, size);
    const quench::host::Epilogue epilogue = of.epilogue(0);
    std::vector<std::int32_t> y(of.sums.size(), 77);
    run(of.block(of.x.data(), epilogue, y));
    REQUIRE(y == of.sums);
  });
}

}  // namespace block_cases
