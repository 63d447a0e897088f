// SPDX-License-Identifier: Apache-2.0
// All loops of fake-quantization beside one value at a time.
#pragma once

#include <quench/host/fake_quantize/fake_quantize.hpp>

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "host/cases.hpp"

namespace loops {

using namespace host_cases;
namespace host = quench::host;

// What the loops have to give, one value at a time.
struct Expected {
  std::vector<std::int32_t> codes;
  std::vector<float> y;
  std::vector<bool> inside;
};

inline Expected expected(ChannelLayout layout, const std::vector<float>& scales, CodeRange codes,
                         const std::vector<float>& x) {
  Expected result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float scale = scales[channel_at(layout, i)], reciprocal = 1.0f / scale;
    result.codes.push_back(quench::to_code(x[i], reciprocal, codes));
    result.y.push_back(static_cast<float>(result.codes.back()) * scale);
    result.inside.push_back(is_inside(x[i], reciprocal, codes));
  }
  return result;
}

// The first position that is not right; `size`, if all are.
template <class IsRight>
std::size_t first_wrong(std::size_t size, const IsRight& is_right) {
  std::size_t i = 0;
  while (i < size && is_right(i)) ++i;
  return i;
}

inline void check_fake_quantize(ChannelLayout layout, const std::vector<float>& scales, CodeRange codes,
                                const std::vector<float>& x, const Expected& right, std::size_t offset, Isa isa) {
  const std::size_t size = x.size();
  const CodeLimits limits = limits_of(codes);
  Shifted<float> from(x, offset), grad_y(size, offset / 2), y(size, 2 * offset % 16), grad_x(size, 3 * offset % 16);
  Shifted<std::uint8_t> mask((size + 7) / 8, offset);
  for (std::size_t i = 0; i < size; ++i) grad_y[i] = static_cast<float>(i) - 7.5f;

  const auto bit = [&](std::size_t i) { return ((mask[i / 8] >> (i % 8)) & 1) != 0; };
  const auto is_right = [&](std::size_t i) { return same_bits(y[i], right.y[i]); };

  REQUIRE(host::fake_quantize(layout, scales, limits, from.data(), y.data(), isa));
  REQUIRE(first_wrong(size, is_right) == size);
  for (std::size_t i = 0; i < size; ++i) y[i] = 0;
  REQUIRE(host::fake_quantize(layout, scales, limits, from.data(), y.data(), mask.data(), isa));
  REQUIRE(first_wrong(size, is_right) == size);
  REQUIRE(first_wrong(size, [&](std::size_t i) { return bit(i) == right.inside[i]; }) == size);
  for (std::size_t i = size; i % 8 != 0; ++i) REQUIRE(!bit(i));
  REQUIRE(host::fake_quantize_backward(layout, scales, limits, from.data(), grad_y.data(), grad_x.data(), isa));
  REQUIRE(first_wrong(size, [&](std::size_t i) { return same_bits(grad_x[i], right.inside[i] ? grad_y[i] : 0.0f); }) ==
          size);
  REQUIRE((y.guards_stand() && grad_x.guards_stand() && mask.guards_stand()));
}

template <class Code>
void check_quantize(ChannelLayout layout, const std::vector<float>& scales, CodeRange range,
                    const std::vector<float>& x, const Expected& right, std::size_t offset, Isa isa) {
  Shifted<float> from(x, offset), back(x.size(), 2 * offset % 16);
  Shifted<Code> codes(x.size(), offset);
  REQUIRE(host::quantize(layout, scales, limits_of(range), from.data(), codes.data(), isa));
  host::dequantize(layout, scales, codes.data(), back.data(), isa);
  const std::size_t size = x.size();
  REQUIRE(first_wrong(size, [&](std::size_t i) { return codes[i] == right.codes[i]; }) == size);
  REQUIRE(first_wrong(size, [&](std::size_t i) { return same_bits(back[i], right.y[i]); }) == size);
  REQUIRE((codes.guards_stand() && back.guards_stand()));
}

// Runs of 65 values start at every bit of a byte.
inline void check_all(ChannelLayout layout, CodeRange codes, std::size_t offset, std::mt19937& random) {
  CAPTURE(layout.outer);
  CAPTURE(layout.channels);
  CAPTURE(layout.inner);
  CAPTURE(codes.qmax);
  const auto scales = some_scales(random, layout.channels);
  const auto x = some_values(random, layout, scales, codes);
  const Expected right = expected(layout, scales, codes, x);
  for (const Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    check_fake_quantize(layout, scales, codes, x, right, offset, isa);
    if (codes.qmax <= 127) check_quantize<std::int8_t>(layout, scales, codes, x, right, offset, isa);
    check_quantize<std::int16_t>(layout, scales, codes, x, right, offset, isa);
  }
}

}  // namespace loops
