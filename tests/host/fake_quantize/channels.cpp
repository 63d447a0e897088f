// SPDX-License-Identifier: Apache-2.0
#include <quench/host/fake_quantize/channels.hpp>
#include <quench/host/fake_quantize/layout.hpp>

#include <doctest/doctest.h>

#include "host/cases.hpp"

using namespace host_cases;
namespace host = quench::host;

namespace {

struct Seen {
  float* scale;
  float* reciprocal;
  int* visits;
  std::size_t* longest;
};

// Writes down which scale each value is given.
struct RecordLoop {
  template <class Scale>
  [[gnu::always_inline]] static inline std::uint32_t run(Scale scale, const Seen& seen, std::size_t first,
                                                         std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      seen.scale[first + i] = scale.from(i).scale_at(0);
      seen.reciprocal[first + i] = scale.reciprocal_at(i);
      ++seen.visits[first + i];
    }
    *seen.longest = std::max(*seen.longest, size);
    return size == 0 ? 0 : std::uint32_t{1} << (first % 32);
  }
};

}  // namespace

TEST_CASE("every value is visited once, with the scale of its channel") {
  for (const ChannelLayout layout : layouts()) {
    CAPTURE(layout.outer);
    CAPTURE(layout.channels);
    CAPTURE(layout.inner);
    std::vector<float> scales;
    for (std::size_t c = 0; c < layout.channels; ++c) scales.push_back(0.1f + static_cast<float>(c));
    for (const Isa isa : isas()) {
      std::vector<float> scale(layout.size()), reciprocal(layout.size());
      std::vector<int> visits(layout.size());
      std::size_t longest = 0;
      const Seen seen{scale.data(), reciprocal.data(), visits.data(), &longest};
      const std::uint32_t bits = host::for_each_channel<RecordLoop>(layout, scales, seen, isa);
      CHECK((bits & 1) == (layout.size() != 0 ? 1u : 0u));
      for (std::size_t i = 0; i < layout.size(); ++i) {
        REQUIRE(visits[i] == 1);
        REQUIRE(scale[i] == scales[channel_at(layout, i)]);
        REQUIRE(reciprocal[i] == 1.0f / scales[channel_at(layout, i)]);
      }
      CHECK((longest >= 64 || longest == layout.size()));
    }
  }
}

TEST_CASE("what the runs return is joined") {
  struct OneOfThree {
    [[gnu::always_inline]] static inline std::uint32_t run(host::detail::UniformScale scale, int, std::size_t,
                                                           std::size_t) {
      return std::uint32_t{1} << scale.channel;
    }
    [[gnu::always_inline]] static inline std::uint32_t run(host::detail::RowOfScales, int, std::size_t first,
                                                           std::size_t) {
      return first == 0 ? 1 : 2;
    }
  };
  const std::vector<float> three{1, 2, 3};
  CHECK(host::for_each_channel<OneOfThree>({1, 3, 100}, three, 0) == 7);
  CHECK(host::for_each_channel<OneOfThree>({1000, 3, 5}, three, 0) == 3);
}

TEST_CASE("a row of scales is a whole number of blocks, and long") {
  using host::detail::row_size;
  CHECK(row_size({100, 1, 1}) == 0);
  CHECK(row_size({100, 64, 64}) == 0);
  CHECK(row_size({0, 64, 1}) == 0);
  CHECK(row_size({100, 64, 0}) == 0);
  CHECK(row_size({4, 64, 1}) == 256);
  CHECK(row_size({1000, 64, 1}) == 1024);
  CHECK(row_size({1000, 65, 1}) == 16 * 65);
  CHECK(row_size({1000, 1000, 9}) == 9000);
}
