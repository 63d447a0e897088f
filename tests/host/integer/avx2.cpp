// SPDX-License-Identifier: Apache-2.0
// Blocks on AVX2, of tiles of several sizes whose sums are plain loops. The sums that layers have: int8/avx2.cpp, int16/avx2.cpp.
#include <quench/host/integer/avx2.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

#include "host/block_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;

#if defined(__x86_64__) && defined(__GNUC__)

namespace {

/// The sums of eight channels in tiles of P pixels and E eights; a single pixel has C chains of them.
template <class Code, int P, int E, int C>
struct PlainSums {
  static constexpr int pixels = P, eights = E, chains = C;
  h::detail::EightSums of = {};

  using Weights = const Code*;
  static Weights load(const Code* w) { return w; }
  void add_same(std::int32_t four, Weights w) {
    constexpr int codes = h::codes_of_quad<Code>;
    Code x[sizeof(four) / sizeof(Code)];
    std::memcpy(x, &four, 4);
    for (int channel = 0; channel < 8; ++channel)
      for (int i = 0; i < codes; ++i) of[channel] += x[i] * w[codes * channel + i];
  }
  [[gnu::target("avx2")]] __m256i sums() const { return reinterpret_cast<__m256i>(of); }
};

template <int P, int E, int C>
void check() {
  CAPTURE(P);
  CAPTURE(E);
  CAPTURE(C);
  using OfInt8 = PlainSums<std::int8_t, P, E, C>;
  using OfInt16 = PlainSums<std::int16_t, P, E, C>;
  block_cases::check_int8(0, 0, [](const auto& block) { h::detail::block_avx2<OfInt8>(block); });
  block_cases::check_int16([](const auto& block) { h::detail::block_avx2<OfInt16>(block); });
}

}  // namespace

TEST_CASE("tiles of any size on AVX2 give blocks the sums of products, or their codes") {
  if (!has(h::Isa::Avx2)) return;
  check<1, 1, 1>();
  check<3, 1, 2>();
  check<4, 2, 1>();
  check<6, 2, 4>();
}

#else

TEST_CASE("tiles of any size on AVX2 give blocks the sums of products, or their codes") {
  has(h::Isa::Avx2);  // says that it is left out
}

#endif
