// SPDX-License-Identifier: Apache-2.0
// Loops compiled for several CPUs, chosen at run time.
//
// A kernel is a struct with a static function `run`, a plain loop that compilers vectorise, marked `always_inline`.
// `dispatch<Kernel>(arguments...)` runs the copy of it that fits the CPU. The copies differ in instructions only, never
// in results: products and sums are not fused (which clang does inside one expression only, so kernels give each
// product a statement of its own).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace quench::host {

/// Instruction sets that kernels are compiled for, in ascending order.
enum class Isa { Baseline, Avx2, Avx512 };

#if defined(__clang__)
#define QUENCH_FAST gnu::hot
#define QUENCH_AVX512 gnu::target("avx512f,avx512bw,avx512dq,avx512vl"), clang::min_vector_width(512)
#else
#define QUENCH_FAST gnu::optimize("O3", "unroll-loops", "fp-contract=off")
#define QUENCH_AVX512 gnu::target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#endif

namespace detail {

template <class Kernel, class... Arguments>
[[QUENCH_FAST]] auto run_baseline(Arguments... arguments) {
  return Kernel::run(arguments...);
}

#if defined(__x86_64__) && defined(__GNUC__)

template <class Kernel, class... Arguments>
[[gnu::target("avx2"), QUENCH_FAST]] auto run_avx2(Arguments... arguments) {
  return Kernel::run(arguments...);
}

template <class Kernel, class... Arguments>
[[QUENCH_AVX512, QUENCH_FAST]] auto run_avx512(Arguments... arguments) {
  return Kernel::run(arguments...);
}

inline Isa find_best_isa() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return Isa::Avx512;
  return __builtin_cpu_supports("avx2") ? Isa::Avx2 : Isa::Baseline;
}

#else

template <class Kernel, class... Arguments>
auto run_avx2(Arguments... arguments) {
  return run_baseline<Kernel>(arguments...);
}
template <class Kernel, class... Arguments>
auto run_avx512(Arguments... arguments) {
  return run_baseline<Kernel>(arguments...);
}
inline Isa find_best_isa() { return Isa::Baseline; }

#endif

// Copies past the caches, where the CPU can; `to` is aligned to 64 bytes.
[[gnu::always_inline]] inline void stream_copy(float* to, const float* from, std::size_t size) {
#if defined(__SSE2__)
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {  // a whole line at once
    for (std::size_t part = 0; part < 16; part += 4) _mm_stream_ps(to + i + part, _mm_loadu_ps(from + i + part));
  }
  for (; i < size; ++i) to[i] = from[i];
#else
  std::memcpy(to, from, size * sizeof(float));
#endif
}

// A bit for each of 64 flags, which are 0 or 255: the first flag is the lowest bit.
[[gnu::always_inline]] inline std::uint64_t collect_bits(const std::uint8_t* flags) {
  std::uint64_t bits = 0;
#if defined(__SSE2__)
  for (std::size_t i = 0; i < 64; i += 16) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(flags + i));
    bits |= static_cast<std::uint64_t>(_mm_movemask_epi8(sixteen)) << i;
  }
#else
  for (std::size_t i = 0; i < 64; ++i) bits |= static_cast<std::uint64_t>(flags[i] & 1) << i;
#endif
  return bits;
}

// Makes streamed values visible to other threads.
[[gnu::always_inline]] inline void stream_fence() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace detail

#undef QUENCH_FAST
#undef QUENCH_AVX512

/// The best instruction set of this CPU that kernels are compiled for.
inline Isa best_isa() {
  static const Isa isa = detail::find_best_isa();
  return isa;
}

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

/// Runs a kernel for the best instruction set of this CPU.
template <class Kernel, class... Arguments>
auto dispatch(Arguments... arguments) {
  return run_for<Kernel>(best_isa(), arguments...);
}

}  // namespace quench::host
