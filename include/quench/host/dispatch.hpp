// SPDX-License-Identifier: Apache-2.0
// Loops compiled for several CPUs, chosen at run time.
//
// A kernel is a struct with a static function `run`: a plain loop that compilers vectorise, marked `always_inline`.
// `dispatch<Kernel>(arguments...)` runs the copy for this CPU. The copies differ in instructions, not in results:
// products and sums are not fused. clang fuses inside one expression only, so kernels give each product its own
// statement. The few functions at the end are written by hand, because compilers cannot make them from plain loops.
// Each equals a plain loop bit for bit.
//
// Float training promises no bits across CPUs. `vector_kernel` gives copies of kernels over FloatVector, whose products
// and sums are fused if the CPU can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <quench/ground/compiled.hpp>
#include <quench/host/isa.hpp>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace quench::host {

/// The floats in one register of an instruction set. Loaded and stored by memcpy, at any address.
template <Isa isa>
struct FloatVector {
  using type [[gnu::vector_size(16)]] = float;
  static constexpr std::size_t lanes = 4;
};
template <>
struct FloatVector<Isa::Avx2> {
  using type [[gnu::vector_size(32)]] = float;
  static constexpr std::size_t lanes = 8;
};
template <>
struct FloatVector<Isa::Avx512> {
  using type [[gnu::vector_size(64)]] = float;
  static constexpr std::size_t lanes = 16;
};

#if defined(__clang__)
#define QUENCH_FAST gnu::hot
#define QUENCH_FUSED gnu::hot
#define QUENCH_AVX512 gnu::target("avx512f,avx512bw,avx512dq,avx512vl"), clang::min_vector_width(512)
#else
#if QUENCH_HEADER_ONLY && !defined(__OPTIMIZE__)  // to optimize them takes a fifth of the time of a user's file
#define QUENCH_FAST gnu::hot
#else
#define QUENCH_FAST gnu::optimize("O3", "unroll-loops", "fp-contract=off")
#endif
#define QUENCH_FUSED gnu::optimize("O3", "fp-contract=fast")
#define QUENCH_AVX512 gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#endif

namespace detail {

template <class Kernel, class... Arguments>
[[QUENCH_FAST]] auto run_baseline(Arguments... arguments) {
  return Kernel::run(arguments...);
}

template <class Kernel, class... Arguments>
[[QUENCH_FUSED]] void run_vectors_baseline(Arguments... arguments) {
  Kernel::template run<Isa::Baseline>(arguments...);
}

#if defined(__x86_64__) && defined(__GNUC__)

template <class Kernel, class... Arguments>
[[gnu::target("avx2,fma"), QUENCH_FUSED]] void run_vectors_avx2(Arguments... arguments) {
  Kernel::template run<Isa::Avx2>(arguments...);
}

template <class Kernel, class... Arguments>
[[QUENCH_AVX512, QUENCH_FUSED]] void run_vectors_avx512(Arguments... arguments) {
  Kernel::template run<Isa::Avx512>(arguments...);
}

template <class Kernel, class... Arguments>
[[gnu::target("avx2"), QUENCH_FAST]] auto run_avx2(Arguments... arguments) {
  return Kernel::run(arguments...);
}

template <class Kernel, class... Arguments>
[[QUENCH_AVX512, QUENCH_FAST]] auto run_avx512(Arguments... arguments) {
  return Kernel::run(arguments...);
}

#else

template <class Kernel, class... Arguments>
void run_vectors_avx2(Arguments... arguments) {
  run_vectors_baseline<Kernel>(arguments...);
}
template <class Kernel, class... Arguments>
void run_vectors_avx512(Arguments... arguments) {
  run_vectors_baseline<Kernel>(arguments...);
}
template <class Kernel, class... Arguments>
auto run_avx2(Arguments... arguments) {
  return run_baseline<Kernel>(arguments...);
}
template <class Kernel, class... Arguments>
auto run_avx512(Arguments... arguments) {
  return run_baseline<Kernel>(arguments...);
}

#endif

}  // namespace detail

/// Runs a kernel for one instruction set, which the CPU must have.
template <class Kernel, class... Arguments>
auto run_for(Isa isa, Arguments... arguments) {
  switch (isa) {
    case Isa::Avx512: return detail::run_avx512<Kernel>(arguments...);
    case Isa::Avx2: return detail::run_avx2<Kernel>(arguments...);
    case Isa::Baseline: break;
  }
  return detail::run_baseline<Kernel>(arguments...);
}

template <class Kernel, class... Arguments>
auto dispatch(Arguments... arguments) {
  return run_for<Kernel>(best_isa(), arguments...);
}

/// The copy of a kernel over vectors for one instruction set. The kernel is a struct with a static function
/// `run<Isa>(arguments...)`, marked `always_inline`, with vectors `FloatVector<Isa>`. Unlike other kernels, its
/// rounding differs between instruction sets.
template <class Kernel, class... Arguments>
auto vector_kernel(Isa isa) -> void (*)(Arguments...) {
  switch (isa) {
    case Isa::Avx512: return &detail::run_vectors_avx512<Kernel, Arguments...>;
    case Isa::Avx2: return &detail::run_vectors_avx2<Kernel, Arguments...>;
    case Isa::Baseline: break;
  }
  return &detail::run_vectors_baseline<Kernel, Arguments...>;
}

namespace detail {

// Prefetches the line at an address, which need not exist.
[[gnu::always_inline]] inline void prefetch(std::uintptr_t address) {
#if defined(__GNUC__)
  __builtin_prefetch(reinterpret_cast<const void*>(address));
#endif
}

// The arguments of forward_mask: scale and reciprocal are single numbers, or rows as long as x.
struct ForwardMask {
  const float* x;
  float* y;
  std::uint8_t* mask;
  const float* scale;
  const float* reciprocal;
  float low, high, rounding_constant;
};

#if defined(__x86_64__) && defined(__GNUC__)

// Streaming stores must write a whole line at once.
[[QUENCH_AVX512, gnu::noinline]] inline void stream_lines_avx512(float* to, const float* from, std::size_t lines) {
  for (; lines != 0; --lines, to += 16, from += 16) _mm512_stream_ps(to, _mm512_load_ps(from));
}

// Copies lines of 64 bytes, both sides aligned, with streaming stores if the CPU has them.
inline void stream_lines(Isa isa, float* to, const float* from, std::size_t lines) {
  if (isa == Isa::Avx512) return stream_lines_avx512(to, from, lines);
  for (std::size_t i = 0; i < 16 * lines; i += 4) _mm_stream_ps(to + i, _mm_load_ps(from + i));
}

// Makes streamed values visible to other threads.
inline void stream_fence() { _mm_sfence(); }

// A bit for each of 64 flags, which are 0 or 255: the first flag is the lowest bit.
[[gnu::always_inline]] inline std::uint64_t collect_bits(const std::uint8_t* flags) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(flags + i));
    bits |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(sixteen))) << i;
  }
  return bits;
}

inline constexpr bool has_forward_mask(Isa isa) { return isa == Isa::Avx512; }

// ForwardMaskLoop (fake_quantize/forward_mask.hpp) for groups of 64 values: a comparison gives 16 bits of the mask.
template <bool rows>
[[QUENCH_AVX512, QUENCH_FAST, gnu::noinline]] inline std::uint32_t forward_mask(ForwardMask pass, std::size_t size) {
  const __m512 low = _mm512_set1_ps(pass.low), high = _mm512_set1_ps(pass.high);
  const __m512 constant = _mm512_set1_ps(pass.rounding_constant);
  const __m512 one_scale = _mm512_set1_ps(*pass.scale), one_reciprocal = _mm512_set1_ps(*pass.reciprocal);
  __m512i seen = _mm512_setzero_si512();
  for (std::size_t first = 0; first < size; first += 64) {
    std::uint64_t bits = 0;
    for (unsigned k = 0; k < 64; k += 16) {
      const std::size_t i = first + k;
      const __m512 scale = rows ? _mm512_loadu_ps(pass.scale + i) : one_scale;
      const __m512 reciprocal = rows ? _mm512_loadu_ps(pass.reciprocal + i) : one_reciprocal;
      const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(pass.x + i), reciprocal);
      // NaN, the second operand, stays. The mask of all lanes avoids a warning of g++ 12 about its own headers.
      const __m512 held = _mm512_maskz_min_ps(0xffff, high, _mm512_maskz_max_ps(0xffff, low, scaled));
      const __m512 biased = _mm512_add_ps(held, constant);
      seen = _mm512_or_si512(seen, _mm512_castps_si512(biased));
      bits |= static_cast<std::uint64_t>(_mm512_cmp_ps_mask(held, scaled, _CMP_EQ_OQ)) << k;
      _mm512_storeu_ps(pass.y + i, _mm512_mul_ps(_mm512_sub_ps(biased, constant), scale));
    }
    std::memcpy(pass.mask + first / 8, &bits, sizeof bits);
  }
  alignas(64) std::uint32_t lanes[16];
  _mm512_store_si512(lanes, seen);
  std::uint32_t any = 0;
  for (const std::uint32_t lane : lanes) any |= lane;
  return any;
}

inline constexpr bool has_sums_of_fours(Isa isa) { return isa == Isa::Avx512; }

// sum + a[0] * b[0] + ... + a[3] * b[3]. Loads limit products with single vectors; permutations need no loads.
template <bool permuted>
[[QUENCH_AVX512, gnu::always_inline]] inline __m512 add_four(__m512 sum, const float* a, const __m512* b) {
  if constexpr (permuted) {
    const __m512 four = _mm512_maskz_broadcast_f32x4(0xffff, _mm_loadu_ps(a));
    sum = _mm512_fmadd_ps(_mm512_maskz_permute_ps(0xffff, four, 0x00), b[0], sum);
    sum = _mm512_fmadd_ps(_mm512_maskz_permute_ps(0xffff, four, 0x55), b[1], sum);
    sum = _mm512_fmadd_ps(_mm512_maskz_permute_ps(0xffff, four, 0xaa), b[2], sum);
    return _mm512_fmadd_ps(_mm512_maskz_permute_ps(0xffff, four, 0xff), b[3], sum);
  }
  sum = _mm512_fmadd_ps(_mm512_set1_ps(a[0]), b[0], sum);
  sum = _mm512_fmadd_ps(_mm512_set1_ps(a[1]), b[1], sum);
  sum = _mm512_fmadd_ps(_mm512_set1_ps(a[2]), b[2], sum);
  return _mm512_fmadd_ps(_mm512_set1_ps(a[3]), b[3], sum);
}

// sums[i][0..16) = sum over k of a[i][offsets[k]] * b[16 * k..), of 8 rows. Offsets are consecutive in groups of four.
[[QUENCH_AVX512, QUENCH_FUSED, gnu::noinline]] inline void sums_of_fours(const float* const* a,
                                                                         const std::ptrdiff_t* offsets,
                                                                         std::size_t depth, const float* b,
                                                                         float* sums) {
  __m512 row[8] = {};
  for (std::size_t k = 0; k < depth; k += 4, b += 64) {
    const std::ptrdiff_t offset = offsets[k];
    const __m512 four[4] = {_mm512_loadu_ps(b), _mm512_loadu_ps(b + 16), _mm512_loadu_ps(b + 32),
                            _mm512_loadu_ps(b + 48)};
    row[0] = add_four<true>(row[0], a[0] + offset, four);
    row[1] = add_four<false>(row[1], a[1] + offset, four);
    row[2] = add_four<false>(row[2], a[2] + offset, four);
    row[3] = add_four<false>(row[3], a[3] + offset, four);
    row[4] = add_four<true>(row[4], a[4] + offset, four);
    row[5] = add_four<false>(row[5], a[5] + offset, four);
    row[6] = add_four<false>(row[6], a[6] + offset, four);
    row[7] = add_four<false>(row[7], a[7] + offset, four);
  }
  for (int i = 0; i < 8; ++i) _mm512_storeu_ps(sums + 16 * i, row[i]);
}

#else

inline constexpr bool has_sums_of_fours(Isa) { return false; }
inline void sums_of_fours(const float* const*, const std::ptrdiff_t*, std::size_t, const float*, float*) {}
inline void stream_lines(Isa, float* to, const float* from, std::size_t lines) { std::memcpy(to, from, 64 * lines); }
inline void stream_fence() {}
inline std::uint64_t collect_bits(const std::uint8_t* flags) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; ++i) bits |= static_cast<std::uint64_t>(flags[i] & 1) << i;
  return bits;
}
inline constexpr bool has_forward_mask(Isa) { return false; }
template <bool rows>
std::uint32_t forward_mask(ForwardMask, std::size_t) {
  return 0;
}

#endif

}  // namespace detail

#undef QUENCH_FAST
#undef QUENCH_FUSED
#undef QUENCH_AVX512

}  // namespace quench::host
