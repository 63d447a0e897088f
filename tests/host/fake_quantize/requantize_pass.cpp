// SPDX-License-Identifier: Apache-2.0
// A pass over accumulators gives the codes of the kernel, and real values.
#include <quench/host/fake_quantize/requantize_pass.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

TEST_CASE("a pass over accumulators gives codes and real values, for sizes above and below its parts") {
  constexpr unsigned seed = 20261128;
  CAPTURE(seed);
  d::Random random(seed);
  for (const int channels : {1, 3, 16, 32, 64, 70, 5000})
    for (const int pixels : {1, 2, 130, 1027}) {
      CAPTURE(channels);
      CAPTURE(pixels);
      std::vector<q::Requantization> records;
      std::vector<float> scales;
      for (int c = 0; c < channels; ++c) {
        records.push_back({static_cast<std::int16_t>(d::uniform(random, 16384, 32767)),
                           static_cast<std::uint8_t>(d::uniform(random, 2, 9)),
                           static_cast<std::uint8_t>(d::uniform(random, 17, 22))});
        scales.push_back(0.001f * static_cast<float>(d::uniform(random, 1, 100)));
      }
      std::vector<std::int32_t> acc;
      for (int i = 0; i < pixels * channels; ++i) acc.push_back(d::uniform(random, -2000000, 2000000));
      std::vector<std::int8_t> codes(acc.size());
      std::vector<float> reals(acc.size());
      const q::host::RequantizePass pass{acc.size(), channels, records.data(), -5, 100, scales.data()};
      q::host::requantize_pass(pass, acc.data(), codes.data(), reals.data());
      bool is_equal = true;
      for (std::size_t i = 0; i < acc.size(); ++i) {
        const std::size_t c = i % static_cast<std::size_t>(channels);
        const q::kernels::OutputChannels output{nullptr, records.data(), -5, 100};
        is_equal &= codes[i] == q::kernels::finish<std::int8_t>(acc[i], output, static_cast<int>(c));
        const float real = static_cast<float>(acc[i]) * scales[c];
        is_equal &= reals[i] == real;
      }
      CHECK(is_equal);
    }
}
