// SPDX-License-Identifier: Apache-2.0
// Fake-quantization and its mask, beside one value at a time.
#include <quench/host/fake_quantize/fake_quantize.hpp>

#include <doctest/doctest.h>

#include "host/fake_quantize/loops.hpp"

using namespace loops;

TEST_CASE("every loop is to_code, for all instruction sets, layouts, alignments and codes") {
  const unsigned seed = 20261123;
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::size_t offset = 0;
  for (const ChannelLayout layout : layouts())
    for (const CodeRange codes : code_ranges()) check_all(layout, codes, offset++ % 16, random);
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
