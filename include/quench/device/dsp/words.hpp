// SPDX-License-Identifier: Apache-2.0
// Single instructions of a Cortex-M with DSP instructions (M4, M7, M33), and requantization with them.
//
// A word of four codes becomes two words of two 16-bit codes, the even ones and the odd ones, in one instruction each.
// The statements are volatile, also the empty ones: GCC 12 otherwise moves the loads of many products to the front, and
// spills what they load. There is nothing here without the instructions, or where there are vectors. Freestanding.
#pragma once

#include <cstdint>

#include <quench/kernels/accumulator.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// Four codes at the address codes + step. The first one is the lowest byte.
[[gnu::always_inline]] inline std::uint32_t load_word(const std::int8_t* codes, int step) {
  std::uint32_t word;
#if defined(__ARM_FEATURE_UNALIGNED)  // GCC 12 does not add inside a load from an address without alignment
  __asm__ volatile("ldr %0, [%1, %2]" : "=r"(word) : "r"(codes), "r"(step) : "memory");
#else
  __builtin_memcpy(&word, codes + step, 4);
  __asm__ volatile("" : "+r"(word));
#endif
  return word;
}
/// Four codes, and moves on to the next ones.
[[gnu::always_inline]] inline std::uint32_t load_next_word(const std::int8_t*& codes) {
  std::uint32_t word;
#if defined(__ARM_FEATURE_UNALIGNED)
  __asm__ volatile("ldr %0, [%1], #4" : "=r"(word), "+r"(codes) : : "memory");
#else
  __builtin_memcpy(&word, codes, 4);
  codes += 4;
  __asm__ volatile("" : "+r"(word), "+r"(codes));
#endif
  return word;
}
/// The same for 1 to 3 codes, then zeros.
[[gnu::noinline]] inline std::uint32_t load_few(const std::int8_t* codes, int count) {
  std::uint32_t word = 0;
  for (int i = count - 1; i >= 0; --i) word = word << 8 | static_cast<std::uint8_t>(codes[i]);
  return word;
}

/// Stores four codes at any address.
[[gnu::always_inline]] inline void store_word(std::int8_t* codes, std::uint32_t word) {
#if defined(__ARM_FEATURE_UNALIGNED)
  __asm__ volatile("str %0, [%1]" : : "r"(word), "r"(codes) : "memory");
#else
  __builtin_memcpy(codes, &word, 4);
#endif
}

/// The larger of each two codes of words.
[[gnu::always_inline]] inline std::uint32_t larger(std::uint32_t a, std::uint32_t b) {
  // The difference sets a flag for each code, by which the selection decides.
  __asm__ volatile("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(a) : "r"(a), "r"(b));
  return a;
}
/// The smaller ones.
[[gnu::always_inline]] inline std::uint32_t smaller(std::uint32_t a, std::uint32_t b) {
  __asm__ volatile("ssub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(a) : "r"(a), "r"(b));
  return a;
}

/// Adds codes 0 and 2 of a word to the halves of a sum.
[[gnu::always_inline]] inline void add_even(std::uint32_t& sums, std::uint32_t word) {
  __asm__ volatile("sxtab16 %0, %0, %1" : "+r"(sums) : "r"(word));
}
/// Adds codes 1 and 3.
[[gnu::always_inline]] inline void add_odd(std::uint32_t& sums, std::uint32_t word) {
  __asm__ volatile("sxtab16 %0, %0, %1, ror #8" : "+r"(sums) : "r"(word));
}

/// Codes 0 and 2 of a word as 16-bit halves.
[[gnu::always_inline]] inline std::uint32_t even(std::uint32_t word) {
  __asm__ volatile("sxtb16 %0, %1" : "=r"(word) : "r"(word));
  return word;
}
/// Codes 1 and 3.
[[gnu::always_inline]] inline std::uint32_t odd(std::uint32_t word) {
  __asm__ volatile("sxtb16 %0, %1, ror #8" : "=r"(word) : "r"(word));
  return word;
}

/// Two words of 16-bit codes: the even and the odd ones of a word.
struct FourCodes {
  std::uint32_t even, odd;
};

/// Loads the codes of a word, and moves on to the next ones. Separate variables, because GCC 12 keeps structs in memory.
[[gnu::always_inline]] inline void load_next(const FourCodes*& codes, std::uint32_t& even, std::uint32_t& odd) {
  __asm__ volatile("ldrd %0, %1, [%2], #8" : "=r"(even), "=r"(odd), "+r"(codes) : : "memory");
}

/// Adds the products of the lower and of the upper halves.
[[gnu::always_inline]] inline void add_products(std::int32_t& acc, std::uint32_t a, std::uint32_t b) {
  __asm__ volatile("smlad %0, %1, %2, %0" : "+r"(acc) : "r"(a), "r"(b));
}

/// `round_half_up_shift`. The last bit shifted out is the carry. A shift by 0 keeps the carry, so it is cleared first.
[[gnu::always_inline]] inline std::int32_t rounded_shift(std::int32_t x, std::int32_t n) {
  __asm__("cmn %1, #0\n\tasrs %0, %1, %2\n\tadc %0, %0, #0" : "=&r"(x) : "r"(x), "r"(n) : "cc");
  return x;
}

/// `saturate` for 8 and 16 bits.
template <int Bits>
[[gnu::always_inline]] inline std::int32_t saturated(std::int32_t x) {
  __asm__("ssat %0, %2, %1" : "=r"(x) : "r"(x), "i"(Bits));
  return x;
}

/// `quench::scaled`.
[[gnu::always_inline]] inline std::int32_t scaled_value(std::int32_t acc, const Requantization& record) {
  return rounded_shift(saturated<16>(rounded_shift(acc, record.pre_shift)) * record.multiplier, record.post_shift);
}

/// The code of an accumulator, without the clamp.
template <class Y>
[[gnu::always_inline]] inline Y code_of(std::int32_t acc, const Requantization& record) {
  return static_cast<Y>(saturated<kernels::bits_of<Y>>(scaled_value(acc, record)));
}

/// The same for an accumulator of a channel; an int32 is the accumulator itself.
template <class Y>
[[gnu::always_inline]] inline Y finished(std::int32_t acc, const kernels::OutputChannels& output, int channel) {
  if constexpr (std::is_same_v<Y, std::int32_t>)
    return acc;
  else
    return code_of<Y>(acc, output.requantization[channel]);
}

/// The accumulator that a channel begins with.
[[gnu::always_inline]] inline std::int32_t bias_of(const kernels::OutputChannels& output, int channel) {
  return output.bias != nullptr ? output.bias[channel] : 0;
}

/// The clamp to [low, high] of codes that are already saturated, if it can change one.
template <class Y>
[[gnu::noinline]] void clamp_codes(Y* y, int count, std::int32_t low, std::int32_t high) {
  constexpr std::int32_t lowest = INT32_MIN >> (32 - kernels::bits_of<Y>), highest = ~lowest;
  if (low <= lowest && high >= highest) return;
  for (int i = 0; i < count; ++i) y[i] = static_cast<Y>(kernels::clamp(y[i], low, high));
}

}  // namespace quench::device::dsp

#endif
