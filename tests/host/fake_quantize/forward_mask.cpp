// SPDX-License-Identifier: Apache-2.0
// The loop that fake-quantizes and writes the mask, from any value on, beside one value at a time; and bits one at a time.
#include <quench/host/fake_quantize/forward_mask.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "host/fake_quantize/loops.hpp"

using namespace host_cases;
namespace detail = quench::host::detail;

namespace {

constexpr unsigned mask_seed = 20261130;

struct WriteInPlace {
  template <class Scale>
  [[gnu::always_inline]] static std::uint32_t run(Scale scale, const detail::MaskTensors& tensors, std::size_t first,
                                                  std::size_t size) {
    return detail::ForwardMaskLoop::write(scale, tensors, first, size, tensors.y + first);
  }
};

void check(std::mt19937& random, ChannelLayout layout, CodeRange codes) {
  const std::size_t size = layout.size();
  const auto scales = some_scales(random, layout.channels);
  auto x = some_values(random, layout, scales, codes);
  const loops::Expected right = loops::expected(layout, scales, codes, x);
  const bool has_nan = size > 0 && random() % 4 == 0;
  if (has_nan) x[random() % size] = std::numeric_limits<float>::quiet_NaN();
  for (const Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    std::vector<float> y(size);
    std::vector<std::uint8_t> mask(size / 8 + 2);  // and bits that stay 0
    const detail::InsideLimits inside(limits_of(codes));
    const detail::MaskTensors tensors{x.data(), y.data(), mask.data(), inside, isa, false};
    const std::uint32_t seen = quench::host::for_each_channel<WriteInPlace>(layout, scales, tensors, isa);
    REQUIRE(((seen & detail::nan_bit) != 0) == has_nan);
    std::size_t faults = 0;
    for (std::size_t i = 0; i < 8 * mask.size(); ++i) {
      const bool bit = (mask[i / 8] >> (i % 8) & 1) != 0, is_number = i < size && !std::isnan(x[i]);
      faults += bit != (is_number && right.inside[i]);
      faults += is_number && !same_bits(y[i], right.y[i]);
    }
    REQUIRE(faults == 0);
  }
}

}  // namespace

TEST_CASE("the loop of the mask rounds each value, and sets the bits of those inside the codes") {
  CAPTURE(mask_seed);
  std::mt19937 random(mask_seed);
  for (const ChannelLayout layout : layouts())
    for (const CodeRange codes : code_ranges()) {
      CAPTURE(layout.outer);
      CAPTURE(layout.channels);
      CAPTURE(layout.inner);
      check(random, layout, codes);
    }
}

TEST_CASE("bits are added to a mask from any bit on") {
  CAPTURE(mask_seed);
  std::mt19937_64 random(mask_seed);
  for (std::size_t first = 0; first < 80; ++first)
    for (std::size_t count = 1; count <= 64; ++count) {
      const std::uint64_t bits = random();
      std::vector<std::uint8_t> mask(20), expected(20);
      for (std::size_t i = 0; i < 160; ++i) {
        const bool before = random() % 3 == 0,
                   added = i >= first && i < first + count && (bits >> (i - first) & 1) != 0;
        if (before) mask[i / 8] = static_cast<std::uint8_t>(mask[i / 8] | 1 << i % 8);
        if (before || added) expected[i / 8] = static_cast<std::uint8_t>(expected[i / 8] | 1 << i % 8);
      }
      detail::ForwardMaskLoop::add_bits(mask.data(), first, bits, count);
      REQUIRE(mask == expected);
    }
}
