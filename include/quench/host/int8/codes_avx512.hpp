// SPDX-License-Identifier: Apache-2.0
// Int8 codes on CPUs with AVX-512 VNNI: requantized accumulators, sums of codes, rows of maps. Where the second shift of
// a record is longer than 16, 16-bit arithmetic does (NarrowRecords).
#pragma once

#include <cstring>

#include <quench/host/int8/level.hpp>
#include <quench/host/integer/epilogue.hpp>

namespace quench::host::detail {

/// A sum of two tensors of int8 codes: (a << shift) ± b * multiplier, to which the half of the first shift is added.
struct CodeSum {
  int shift = 0;
  std::int32_t multiplier = 0;  // with its sign
  bool is_negative = false;     // whether (a << shift) is taken off
  std::int32_t half = 0;
  int pre = 0;
  std::int16_t narrow_multiplier = 0, narrow_half = 0;
  int narrow_shift = 0;
  std::int32_t low = -128, high = 127;
};

/// How products of two int8 codes are requantized.
struct CodeProduct {
  std::int16_t half = 0;  // of the first shift
  int shift = 0;
  std::int16_t multiplier = 0, narrow_half = 0;
  int narrow_shift = 0;
  std::int32_t low = -128, high = 127;
};

#if defined(__x86_64__) && defined(__GNUC__)

// The tuning keeps g++ from moving addresses to vector registers and back.
#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512")

// Accumulators have a type of their own: as __m512i, which is a vector of 64-bit integers, g++ keeps each twice; and as
// vectors of unsigned integers as well, though these wrap by definition. What adds them is meant to wrap.
using Sums [[gnu::vector_size(64)]] = std::int32_t;

// Of all lanes, spelt so that g++ 12 does not warn of the undefined vectors in its headers.
inline constexpr __mmask16 all_lanes = 0xffff;

/// The second step of a pair of narrow records (NarrowRecords).
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i narrow_product(__m512i pair, const std::int16_t* record) {
  const __m512i product = _mm512_mulhi_epi16(pair, _mm512_loadu_si512(record));
  const __m512i raised = _mm512_add_epi16(product, _mm512_loadu_si512(record + 32));
  return _mm512_srav_epi16(raised, _mm512_loadu_si512(record + 64));
}

/// Rounds the first shift of any int32, which is at least 2: `before` is one less.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i shifted(__m512i x, const std::int32_t* before) {
  const __m512i doubled = _mm512_maskz_srav_epi32(all_lanes, x, _mm512_loadu_si512(before));
  return _mm512_maskz_srai_epi32(all_lanes, _mm512_add_epi32(doubled, _mm512_set1_epi32(1)), 1);
}

/// int8 codes of accumulators [pixels, channels], whole 64s of channels. `before`: the first shifts less one.
[[QUENCH_VNNI, gnu::noinline]] inline void requantize_avx512(const std::int32_t* x, std::int8_t* y, std::size_t pixels,
                                                             std::size_t channels, const std::int32_t* before,
                                                             const NarrowRecords& records, std::int32_t low,
                                                             std::int32_t high) {
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  const __m512i lowest = _mm512_set1_epi8(static_cast<char>(low)), highest = _mm512_set1_epi8(static_cast<char>(high));
  const std::int16_t* first_record = records.pair(0);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
    for (std::size_t c = 0; c < channels; c += 64, x += 64, y += 64) {
      __m512i t[4];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < 4; ++v) t[v] = shifted(_mm512_loadu_si512(x + 16 * v), before + c + 16 * v);
      const std::int16_t* record = first_record + 6 * c;
      const __m512i first = narrow_product(_mm512_packs_epi32(t[0], t[1]), record);
      const __m512i second = narrow_product(_mm512_packs_epi32(t[2], t[3]), record + 6 * 32);
      const __m512i codes = _mm512_maskz_permutexvar_epi32(all_lanes, order, _mm512_packs_epi16(first, second));
      _mm512_storeu_si512(y, _mm512_max_epi8(_mm512_min_epi8(codes, highest), lowest));
    }
}

/// Sixteen sums before the second step.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i shifted_sum(__m128i a, __m128i b, const CodeSum& sum) {
  const __m512i larger =
      _mm512_maskz_slli_epi32(all_lanes, _mm512_maskz_cvtepi8_epi32(all_lanes, a), static_cast<unsigned>(sum.shift));
  // The upper half of the multiplier is 0, so this is the product of the lower halves.
  const __m512i other =
      _mm512_madd_epi16(_mm512_maskz_cvtepi8_epi32(all_lanes, b), _mm512_set1_epi32(sum.multiplier & 0xffff));
  const __m512i half = _mm512_set1_epi32(sum.half);
  const __m512i signed_larger = sum.is_negative ? _mm512_sub_epi32(half, larger) : _mm512_add_epi32(half, larger);
  return _mm512_maskz_srai_epi32(all_lanes, _mm512_add_epi32(signed_larger, other), static_cast<unsigned>(sum.pre));
}

/// The codes of whole 64s of sums.
[[QUENCH_VNNI, gnu::noinline]] inline void add_avx512(const std::int8_t* a, const std::int8_t* b, std::int8_t* y,
                                                      std::size_t count, CodeSum sum) {
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  const __m512i multiplier = _mm512_set1_epi16(sum.narrow_multiplier), half = _mm512_set1_epi16(sum.narrow_half);
  const __m512i low = _mm512_set1_epi8(static_cast<char>(sum.low)),
                high = _mm512_set1_epi8(static_cast<char>(sum.high));
  const __m128i shift = _mm_cvtsi32_si128(sum.narrow_shift);
  for (std::size_t i = 0; i < count; i += 64) {
    __m512i t[4];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v)
      t[v] = shifted_sum(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i + 16 * v)),
                         _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i + 16 * v)), sum);
    __m512i pair[2];
#pragma GCC unroll 2
    for (std::size_t p = 0; p < 2; ++p)
      pair[p] = _mm512_sra_epi16(
          _mm512_add_epi16(_mm512_mulhi_epi16(_mm512_packs_epi32(t[2 * p], t[2 * p + 1]), multiplier), half), shift);
    const __m512i codes = _mm512_maskz_permutexvar_epi32(all_lanes, order, _mm512_packs_epi16(pair[0], pair[1]));
    _mm512_storeu_si512(y + i, _mm512_max_epi8(_mm512_min_epi8(codes, high), low));
  }
}

/// 32 products of codes. int16 holds them: they are 16384 at most.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i products(const std::int8_t* a, const std::int8_t* b) {
  return _mm512_mullo_epi16(_mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a))),
                            _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(b))));
}

/// The codes of whole 64s of products, whose first shift is 14 at most.
[[QUENCH_VNNI, gnu::noinline]] inline void mul_avx512(const std::int8_t* a, const std::int8_t* b, std::int8_t* y,
                                                      std::size_t count, CodeProduct product) {
  const __m512i order = _mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0);
  const __m512i half = _mm512_set1_epi16(product.half), multiplier = _mm512_set1_epi16(product.multiplier),
                narrow_half = _mm512_set1_epi16(product.narrow_half);
  const __m512i low = _mm512_set1_epi8(static_cast<char>(product.low)),
                high = _mm512_set1_epi8(static_cast<char>(product.high));
  const __m128i shift = _mm_cvtsi32_si128(product.shift), narrow_shift = _mm_cvtsi32_si128(product.narrow_shift);
  for (std::size_t i = 0; i < count; i += 64) {
    __m512i pair[2];
#pragma GCC unroll 2
    for (std::size_t p = 0; p < 2; ++p) {
      const __m512i before = _mm512_add_epi16(products(a + i + 32 * p, b + i + 32 * p), half);
      const __m512i after = _mm512_mulhi_epi16(_mm512_sra_epi16(before, shift), multiplier);
      pair[p] = _mm512_sra_epi16(_mm512_add_epi16(after, narrow_half), narrow_shift);
    }
    const __m512i codes = _mm512_maskz_permutexvar_epi64(0xff, order, _mm512_packs_epi16(pair[0], pair[1]));
    _mm512_storeu_si512(y + i, _mm512_max_epi8(_mm512_min_epi8(codes, high), low));
  }
}

/// Writes rows of a map of `row` bytes each: the codes plus 128, with zeros plus 128 before and after them. Up to 63 bytes
/// after the last row are overwritten.
[[QUENCH_VNNI, gnu::noinline]] inline void raise_rows_avx512(const std::int8_t* x, std::int8_t* y, int rows,
                                                             std::size_t x_step, std::size_t before, std::size_t count,
                                                             std::size_t row) {
  const __m512i bit = _mm512_set1_epi8(-128);
  const auto lowest = [](std::size_t bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; };
  for (; rows > 0; --rows, x += x_step, y += row)
    for (std::size_t at = 0; at < row; at += 64) {
      const std::size_t begin = before > at ? before - at : 0, end = before + count > at ? before + count - at : 0;
      const __mmask64 inside = lowest(end) & ~lowest(begin);
      const __m512i codes = _mm512_maskz_loadu_epi8(inside, x + static_cast<std::ptrdiff_t>(at - before));
      _mm512_storeu_si512(y + at, _mm512_xor_si512(codes, bit));
    }
}

#undef QUENCH_VNNI

#else

inline void requantize_avx512(const std::int32_t*, std::int8_t*, std::size_t, std::size_t, const std::int32_t*,
                              const NarrowRecords&, std::int32_t, std::int32_t) {}
inline void add_avx512(const std::int8_t*, const std::int8_t*, std::int8_t*, std::size_t, CodeSum) {}
inline void mul_avx512(const std::int8_t*, const std::int8_t*, std::int8_t*, std::size_t, CodeProduct) {}
inline void raise_rows_avx512(const std::int8_t*, std::int8_t*, int, std::size_t, std::size_t, std::size_t,
                              std::size_t) {}

#endif

}  // namespace quench::host::detail
