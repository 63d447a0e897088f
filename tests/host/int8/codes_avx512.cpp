// SPDX-License-Identifier: Apache-2.0
// What int8 codes become by the vectors of AVX-512, where the CPU has them, as the kernels define it.
#include <quench/host/int8/codes_avx512.hpp>

#include <doctest/doctest.h>

#include <quench/host/integer/elementwise.hpp>
#include <quench/host/integer/requantize_channels.hpp>
#include <quench/kernels/requantize.hpp>

#include "host/cases.hpp"
#include "host/conv_cases.hpp"
#include "host/int8/levels.hpp"

namespace q = quench;
namespace h = quench::host;

TEST_CASE("all pairs of int8 codes have the sums and differences of the kernels") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  std::vector<std::int8_t> a, b;
  for (int x = -128; x < 128; ++x)
    for (int y = -128; y < 128; ++y) {
      a.push_back(static_cast<std::int8_t>(x));
      b.push_back(static_cast<std::int8_t>(y));
    }
  const q::Shape shape(static_cast<int>(a.size()));
  std::vector<std::int8_t> expected(a.size()), given(a.size());
  for (const q::Requantization record : {q::Requantization{32767, 0, 17}, {16384, 1, 31}, {20000, 12, 20}})
    for (const auto& [shift, multiplier] : {std::pair{0, 1}, {12, 30000}, {23, 32767}})
      for (const bool is_second : {false, true}) {
        const q::kernels::Addition addition{
            static_cast<std::uint8_t>(shift), static_cast<std::int16_t>(multiplier), is_second, record, -100, 120};
        for (const h::Int8Level level : h::int8_levels()) {
          if (!h::is_avx512(level)) continue;
          q::kernels::add(a.data(), shape, b.data(), shape, expected.data(), addition);
          h::add(a.data(), b.data(), given.data(), a.size(), addition, 1, level);
          CHECK(given == expected);
          q::kernels::sub(a.data(), shape, b.data(), shape, expected.data(), addition);
          h::add(a.data(), b.data(), given.data(), a.size(), addition, -1, level);
          CHECK(given == expected);
        }
      }
}

TEST_CASE("accumulators at the ends of int32 and about all halves have the codes of the kernel") {
  conv_cases::Random random;
  constexpr int channels = 128;
  for (int pre = 2; pre <= 31; ++pre) {
    CAPTURE(pre);
    std::vector<q::Requantization> records;
    for (int c = 0; c < channels; ++c)
      records.push_back({static_cast<std::int16_t>(random.between(16384, 32767)), static_cast<std::uint8_t>(pre),
                         static_cast<std::uint8_t>(17 + c % 15)});
    std::vector<std::int32_t> x;
    for (const std::int64_t code : {INT32_MIN >> 1, -32769, -32768, -129, -1, 0, 1, 127, 32767, INT32_MAX >> 1})
      for (const std::int64_t step : {-1, 0, 1})
        for (int c = 0; c < channels; ++c) {
          const std::int64_t value = ((code * 2 + 1) << (pre - 1)) + step;  // half-way between two codes, or beside it
          x.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(value, INT32_MIN, INT32_MAX)));
        }
    std::vector<std::int8_t> expected(x.size()), given(x.size());
    const int pixels = static_cast<int>(x.size()) / channels;
    q::kernels::requantize_channels<8>(x.data(), expected.data(), pixels, channels, records.data());
    const h::RecordArrays arrays(records.data(), channels);
    REQUIRE(arrays.is_narrow);
    for (const h::Int8Level level : h::int8_levels()) {
      h::requantize_channels(x.data(), given.data(), static_cast<std::size_t>(pixels), arrays, INT32_MIN, INT32_MAX,
                             level);
      CHECK(given == expected);
    }
  }
}

TEST_CASE("rows of codes are raised with raised zeros around, and no more than 63 bytes are written after them") {
  if (!levels::has(h::Int8Level::Avx512Vnni)) return;
  conv_cases::Random random;
  for (const std::size_t before : {0u, 1u, 63u, 64u, 70u})
    for (const std::size_t count : {0u, 1u, 63u, 64u, 65u, 200u})
      for (const std::size_t behind : {0u, 1u, 64u, 65u})
        for (const int rows : {0, 1, 3}) {
          const std::size_t row = before + count + behind, step = count + 2,
                            size = row * static_cast<std::size_t>(rows);
          const auto x = random.codes<std::int8_t>(static_cast<int>(3 * step));
          std::vector<std::int8_t> y(size + 80, 77);
          h::detail::raise_rows_avx512(x.data(), y.data(), rows, step, before, count, row);
          int faults = 0;
          for (std::size_t i = 0; i < size; ++i) {
            const std::size_t column = i % row;
            const bool is_code = column >= before && column < before + count;
            const int code = is_code ? x[i / row * step + column - before] : 0;
            faults += static_cast<std::uint8_t>(y[i]) == code + 128 ? 0 : 1;
          }
          CHECK(faults == 0);
          CHECK(std::count(y.begin() + static_cast<std::ptrdiff_t>(size + 63), y.end(), 77) == 17);
        }
}
