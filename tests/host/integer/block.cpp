// SPDX-License-Identifier: Apache-2.0
// Where weights of blocks lie; and blocks of int8 codes against sums one product at a time, at each level of the CPU. Those
// of int16 codes: int16/block.cpp.
#include <quench/host/integer/block.hpp>

#include <doctest/doctest.h>

#include <quench/host/int8/avx2.hpp>
#include <quench/host/int8/dotprod.hpp>
#include <quench/host/int8/neon.hpp>
#include <quench/host/integer/avx2.hpp>
#include <quench/host/integer/avx512.hpp>
#include <quench/kernels/requantize.hpp>

#include "host/block_cases.hpp"

namespace q = quench;
namespace h = quench::host;

namespace {

template <class Y>
void run(const h::Block<std::int8_t, Y>& block, h::Int8Level level) {
  switch (level) {
    case h::Int8Level::Avx512Vbmi:
    case h::Int8Level::Avx512Vnni: return h::detail::block_avx512(block);
    case h::Int8Level::AvxVnni: return h::detail::block_avx2<h::detail::VnniSums>(block);
    case h::Int8Level::Avx2: return h::detail::block_avx2<h::detail::PairSums>(block);
    case h::Int8Level::NeonDotprod: return h::detail::int8_block_arm<h::detail::DotprodKernel>(block);
    case h::Int8Level::Neon: return h::detail::int8_block_arm<h::detail::NeonKernel>(block);
    case h::Int8Level::Portable: return;
  }
}

template <class Code>
void check_places() {
  for (const int channels : {1, 16, 17, 48, 64, 65, 100, 150})
    for (const int quads : {1, 5}) {
      constexpr int codes = h::codes_of_quad<Code>;
      std::vector<bool> is_taken(static_cast<std::size_t>(codes * h::padded_channels(channels) * quads));
      for (int c = 0; c < channels; ++c)
        for (int i = 0; i < codes * quads; ++i) {
          const h::BlockPlace<Code> place(c, channels, quads);
          const std::size_t at =
              place.first + static_cast<std::size_t>(i / codes) * place.step + static_cast<std::size_t>(i % codes);
          REQUIRE(at < is_taken.size());
          REQUIRE(!is_taken[at]);
          is_taken[at] = true;
        }
    }
}

}  // namespace

TEST_CASE("blocks of int8 codes are sums of products, or their codes") {
  CAPTURE(conv_cases::seed);
  conv_cases::Random random;
  block_cases::for_sizes(random, [&](block_cases::Size size) {
    const block_cases::Case<std::int8_t> of(random, size);
    const int low = random.between(-128, 0), high = random.between(0, 127);
    std::vector<std::int8_t> codes(of.sums.size(), 77);
    for (std::ptrdiff_t row = 0; row < size.pixels * of.y_row; row += of.y_row) {
      q::kernels::requantize_channels<8>(of.sums.data() + row, codes.data() + row, 1, size.channels, of.records.data());
      for (std::int8_t* code = codes.data() + row; code < codes.data() + row + size.channels; ++code)
        *code = static_cast<std::int8_t>(std::clamp<int>(*code, low, high));
    }
    for (const h::Int8Level level : h::int8_levels()) {
      if (level == h::Int8Level::Portable) continue;
      CAPTURE(level);
      std::vector<std::int8_t> raised;
      for (const std::int8_t code : of.x) raised.push_back(static_cast<std::int8_t>(code + h::raise_of(level)));
      const h::Epilogue epilogue = of.epilogue(h::raise_of(level));
      REQUIRE((epilogue.fits() && epilogue.is_narrow()));
      std::vector<std::int32_t> sums(of.sums.size(), 77);
      run(of.block(raised.data(), epilogue, sums), level);
      REQUIRE(sums == of.sums);
      std::vector<std::int8_t> given(codes.size(), 77);
      h::Block<std::int8_t, std::int8_t> block = of.block(raised.data(), epilogue, given);
      block.low = low;
      block.high = high;
      run(block, level);
      REQUIRE(given == codes);
    }
  });
}

TEST_CASE("each weight of a block has a place of its own") {
  check_places<std::int8_t>();
  check_places<std::int16_t>();
}

TEST_CASE("kernels take four, two or one vectors, and channels fill them up") {
  for (int left = 1; left < 20; ++left) CHECK(h::vectors_at_once(left) == (left >= 4 ? 4 : left >= 2 ? 2 : 1));
  for (int channels = 1; channels < 70; ++channels) {
    const int padded = h::padded_channels(channels);
    CHECK((padded % 16 == 0 && padded >= channels && padded < channels + 16));
  }
}
