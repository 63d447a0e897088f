// SPDX-License-Identifier: Apache-2.0
// Fake-quantization, its mask, and results that are streamed, beside one value at a time.
#include <quench/host/fake_quantize/fake_quantize.hpp>

#include <doctest/doctest.h>

#include <quench/host/fake_quantize/forward_mask.hpp>
#include <quench/host/fake_quantize/streamed.hpp>

#include "host/cases.hpp"

using namespace host_cases;
namespace host = quench::host;

namespace {

// What the loops have to give, one value at a time.
struct Expected {
  std::vector<std::int32_t> codes;
  std::vector<float> y;
  std::vector<bool> inside;
};

Expected expected(ChannelLayout layout, const std::vector<float>& scales, CodeRange codes,
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

void check_fake_quantize(ChannelLayout layout, const std::vector<float>& scales, CodeRange codes,
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
void check_all(ChannelLayout layout, CodeRange codes, std::size_t offset, std::mt19937& random) {
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

}  // namespace

TEST_CASE("every loop is to_code, for all instruction sets, layouts, alignments and codes") {
  const unsigned seed = 20261123;
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::size_t offset = 0;
  for (const ChannelLayout layout : layouts())
    for (const CodeRange codes : code_ranges()) check_all(layout, codes, offset++ % 16, random);
}

TEST_CASE("large results, which are written past the caches, are the same") {
  const unsigned seed = 20261124;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const CodeRange int8 = quench::code_range(quench::DType::Int8);
  constexpr std::size_t least = host::detail::streaming_size;
  for (const ChannelLayout layout :
       {ChannelLayout{1, 1, least + 5}, {least / 61 / 3 + 1, 61, 3}, {least / 650, 10, 65}})
    check_all(layout, int8, 3, random);
}

TEST_CASE("every code comes back, half-way values round to even codes") {
  for (const CodeRange codes : code_ranges()) {
    std::vector<float> x;
    const float scale = 0x1p-5f;  // all products are exact
    for (std::int32_t code = codes.qmin; code <= codes.qmax; ++code) {
      x.push_back(static_cast<float>(code) * scale);
      x.push_back((static_cast<float>(code) + 0.5f) * scale);
      x.push_back((static_cast<float>(code) - 0.5f) * scale);
    }
    for (const Isa isa : isas()) {
      CAPTURE(static_cast<int>(isa));
      std::vector<std::int16_t> result(x.size());
      std::vector<float> y(x.size());
      std::vector<std::uint8_t> mask((x.size() + 7) / 8);
      const ChannelLayout layout{1, 1, x.size()};
      REQUIRE(host::quantize(layout, {&scale, 1}, limits_of(codes), x.data(), result.data(), isa));
      REQUIRE(host::fake_quantize(layout, {&scale, 1}, limits_of(codes), x.data(), y.data(), mask.data(), isa));
      for (std::size_t i = 0; i < x.size(); ++i) {
        const auto code = codes.qmin + static_cast<std::int32_t>(i / 3);
        const std::int32_t odd = code % 2 != 0 ? 1 : 0;
        const std::int32_t rounded = i % 3 == 0 ? code : i % 3 == 1 ? code + odd : code - odd;
        CAPTURE(x[i]);
        REQUIRE(result[i] == std::clamp(rounded, codes.qmin, codes.qmax));
        REQUIRE(same_bits(y[i], static_cast<float>(result[i]) * scale));
        REQUIRE(((mask[i / 8] >> (i % 8)) & 1) == (rounded >= codes.qmin && rounded <= codes.qmax));
      }
    }
  }
}

TEST_CASE("codes of 32 bits become real values") {
  const std::vector<float> scales{0.3f, 7.0f};
  const std::vector<std::int32_t> codes{0, -1, 1 << 30, std::numeric_limits<std::int32_t>::min(), 16777217, 5};
  for (const Isa isa : isas()) {
    std::vector<float> y(codes.size());
    host::dequantize({3, 2, 1}, scales, codes.data(), y.data(), isa);
    for (std::size_t i = 0; i < codes.size(); ++i) CHECK(same_bits(y[i], static_cast<float>(codes[i]) * scales[i % 2]));
  }
}

TEST_CASE("NaN is found at every position") {
  const CodeLimits limits{-128, 127};
  for (const ChannelLayout layout : {ChannelLayout{1, 1, 300}, {3, 2, 50}, {2, 2, 75}, {1, 1, 1}}) {
    const std::vector<float> scales(layout.channels, 0.5f);
    std::vector<float> x(layout.size(), std::numeric_limits<float>::infinity()), y(layout.size());
    std::vector<std::int8_t> codes(layout.size());
    std::vector<std::uint8_t> mask((layout.size() + 7) / 8);
    for (std::size_t position = 0; position <= layout.size(); ++position) {
      const bool clean = position == layout.size();  // the last time without
      const float infinity = std::numeric_limits<float>::infinity();
      if (!clean) x[position] = (position % 2 != 0 ? -1.0f : 1.0f) * std::numeric_limits<float>::quiet_NaN();
      for (const Isa isa : isas()) {
        CAPTURE(position);
        CAPTURE(static_cast<int>(isa));
        REQUIRE(host::fake_quantize(layout, scales, limits, x.data(), y.data(), isa) == clean);
        REQUIRE(host::fake_quantize(layout, scales, limits, x.data(), y.data(), mask.data(), isa) == clean);
        REQUIRE(host::fake_quantize_backward(layout, scales, limits, x.data(), x.data(), y.data(), isa) == clean);
        REQUIRE(host::quantize(layout, scales, limits, x.data(), codes.data(), isa) == clean);
      }
      if (!clean) x[position] = position % 3 != 0 ? infinity : -infinity;
    }
  }
}
