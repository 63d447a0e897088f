// SPDX-License-Identifier: Apache-2.0
// The instruction sets that kernels are compiled for.
#pragma once

#include <quench/ground/prerequisites.hpp>

// Rounding by an addition, and finding NaN, need IEEE 754 arithmetic.
#if defined(__FAST_MATH__)
#error \
    "quench[fast-math]: the compiler is told to rearrange float arithmetic. Values would not be rounded to codes, and NaN would pass unseen. Compile without -ffast-math and -Ofast."
#endif

namespace quench::host {

/// Instruction sets that kernels are compiled for, in ascending order.
enum class Isa { Baseline, Avx2, Avx512 };

namespace detail {

inline Isa find_best_isa() {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return Isa::Avx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Isa::Avx2 : Isa::Baseline;
#else
  return Isa::Baseline;
#endif
}

}  // namespace detail

/// The best instruction set of this CPU among those that kernels are compiled for.
inline Isa best_isa() {
  static const Isa isa = detail::find_best_isa();
  return isa;
}

}  // namespace quench::host
