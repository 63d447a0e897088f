// SPDX-License-Identifier: Apache-2.0
// What AVX-512 stores of the sums of M pixels and V vectors of channels: the codes of the definition, or the sums.
#include <quench/host/int8/epilogue_avx512.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/conv_cases.hpp"
#include "host/int8/levels.hpp"

namespace h = quench::host;

#if defined(__x86_64__) && defined(__GNUC__)

namespace {

template <std::size_t M, std::size_t V, class Y>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512"), gnu::noinline]] void store(
    const std::int32_t* sums, const h::Epilogue& epilogue, int low, int high, int count, Y* y, std::ptrdiff_t y_row) {
  h::detail::Sums acc[M * V];
  for (std::size_t i = 0; i < M * V; ++i) acc[i] = reinterpret_cast<h::detail::Sums>(_mm512_loadu_si512(sums + 16 * i));
  // The channels of a second group
  const h::detail::EpilogueArrays<Y> arrays(epilogue, 16 * static_cast<int>(V), low, high);
  h::detail::store_pixels<M, V>(acc, arrays, count, y, y_row);
}

template <std::size_t M, std::size_t V>
void check(conv_cases::Random& random) {
  constexpr int pixels = M, lanes = 16 * V;
  CAPTURE(pixels);
  CAPTURE(lanes);
  for (int count = 1; count <= lanes + 3; ++count) {
    CAPTURE(count);
    const int channels = std::min(count, lanes), y_row = channels + (random.one_in(2) ? 3 : 0);
    const int low = random.between(-128, 0), high = random.between(0, 127);
    const conv_cases::Records output(random, channels, 17);
    std::vector<int> places;
    for (int c = 0; c < channels; ++c) places.push_back(lanes + c);
    h::Epilogue epilogue;
    epilogue.set(output.channels(), nullptr, 0, 0, places, lanes, 2);
    std::vector<std::int32_t> sums(M * lanes), with_half(M * lanes), expected_sums(M * lanes * 2, 77),
        given_sums = expected_sums;
    std::vector<std::int8_t> expected(M * lanes * 2, 77), given = expected;
    for (std::size_t pixel = 0; pixel < M; ++pixel)
      for (int c = 0; c < channels; ++c) {
        const std::size_t at = pixel * lanes + static_cast<std::size_t>(c),
                          y_at = pixel * static_cast<std::size_t>(y_row) + static_cast<std::size_t>(c);
        sums[at] = random.between(-100'000'000, 100'000'000) >> random.between(0, 20);
        with_half[at] = sums[at] + (1 << output.records[static_cast<std::size_t>(c)].pre_shift) / 2;
        expected_sums[y_at] = sums[at];
        expected[y_at] = output.code(sums[at], c, low, high);
      }
    store<M, V>(sums.data(), epilogue, low, high, count, given_sums.data(), y_row);
    REQUIRE(given_sums == expected_sums);
    store<M, V>(with_half.data(), epilogue, low, high, count, given.data(), y_row);
    REQUIRE(given == expected);
  }
}

template <std::size_t... M>
void check_pixels(conv_cases::Random& random) {
  (check<M, 1>(random), ...);
  (check<M, 2>(random), ...);
  (check<M, 4>(random), ...);
}

}  // namespace

TEST_CASE("AVX-512 stores sums of pixels, or their codes, and nothing beside them") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  CAPTURE(conv_cases::seed);
  conv_cases::Random random;
  check_pixels<1, 2, 4, 6, 8>(random);
}

#else

TEST_CASE("AVX-512 stores sums of pixels, or their codes, and nothing beside them") {
  levels::has(h::Int8Level::Avx512Vnni);  // says that it is left out
}

#endif
