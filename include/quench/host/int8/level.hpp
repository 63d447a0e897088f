// SPDX-License-Identifier: Apache-2.0
// The kinds of vector kernels of int8 layers, and which of them this CPU runs.
#pragma once

#include <cstdint>
#include <vector>

#include <quench/host/dispatch.hpp>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace quench::host {

/// What int8 layers run on: the kernels of kernels/, or vectors of x86 or of Arm. Levels of two architectures are in no order.
enum class Int8Level { Portable, Avx2, AvxVnni, Avx512Vnni, Avx512Vbmi, Neon, NeonDotprod };

/// Whether a level has the vectors of AVX-512 VNNI. Avx512Vbmi permutes bytes as well.
constexpr bool is_avx512(Int8Level level) { return level == Int8Level::Avx512Vnni || level == Int8Level::Avx512Vbmi; }

/// The instruction set of plain loops at a level.
constexpr Isa isa_of(Int8Level level) {
  switch (level) {
    case Int8Level::Avx512Vbmi:
    case Int8Level::Avx512Vnni: return Isa::Avx512;
    case Int8Level::AvxVnni:
    case Int8Level::Avx2: return Isa::Avx2;
    case Int8Level::Neon:  // which the baseline has
    case Int8Level::NeonDotprod:
    case Int8Level::Portable: break;
  }
  return Isa::Baseline;
}

/// What each code of x is raised by before it is multiplied: vpdpbusd takes unsigned by signed bytes.
constexpr std::uint8_t raise_of(Int8Level level) {
  return level == Int8Level::Neon || level == Int8Level::NeonDotprod ? 0 : 128;
}

namespace detail {

#if defined(__x86_64__) && defined(__GNUC__)

// The vpdpbusd of AVX2's registers, which AVX-512 has by itself. Not all compilers know its name.
inline bool find_avx_vnni() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 4 & 1) != 0;
}

inline std::vector<Int8Level> find_int8_levels() {
  std::vector<Int8Level> levels{Int8Level::Portable};
  if (best_isa() == Isa::Baseline) return levels;
  levels.push_back(Int8Level::Avx2);
  if (find_avx_vnni()) levels.push_back(Int8Level::AvxVnni);
  if (best_isa() != Isa::Avx512 || !__builtin_cpu_supports("avx512vnni")) return levels;
  levels.push_back(Int8Level::Avx512Vnni);
  if (__builtin_cpu_supports("avx512vbmi")) levels.push_back(Int8Level::Avx512Vbmi);
  return levels;
}

#elif defined(__AARCH64EL__) && defined(__ARM_NEON)

// sdot is an extension of Arm v8.2. Where the system is not asked, what the compiler may use counts.
inline bool find_dotprod() {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) >> 20 & 1) != 0;  // HWCAP_ASIMDDP, whose header differs between C libraries
#else
  return false;
#endif
}

inline std::vector<Int8Level> find_int8_levels() {
  std::vector<Int8Level> levels{Int8Level::Portable, Int8Level::Neon};
  if (find_dotprod()) levels.push_back(Int8Level::NeonDotprod);
  return levels;
}

#else

inline std::vector<Int8Level> find_int8_levels() { return {Int8Level::Portable}; }

#endif

}  // namespace detail

/// All levels of this CPU, the best one last.
inline const std::vector<Int8Level>& int8_levels() {
  static const std::vector<Int8Level> levels = detail::find_int8_levels();
  return levels;
}

/// The best level of this CPU.
inline Int8Level best_int8_level() { return int8_levels().back(); }

}  // namespace quench::host
