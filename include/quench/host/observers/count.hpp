// SPDX-License-Identifier: Apache-2.0
// The loop that counts floats in the bins of any rule.
//
// A plain loop that compilers vectorise computes bin numbers. They are then counted in four partial tables of 16 bits.
// The tables fit the first-level cache, and equal neighbours need not wait for each other's store.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <quench/host/dispatch.hpp>
#include <quench/network/symbol.hpp>

namespace quench::host {

inline constexpr std::uint32_t max_bins = 4096;

namespace detail {

template <class Bins>
struct CountKernel {
  static constexpr std::size_t block = 256;  // small enough that its bins are found while others are counted
  static constexpr std::size_t few = 4096;   // below this, tables do not pay
  static constexpr std::size_t tables = 4;
  static constexpr std::size_t most = 65535 / block * block;  // the limit of a table of 16 bits

  [[gnu::always_inline]] static inline void find(Bins rule, const float* __restrict x, std::int32_t* __restrict found,
                                                 std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) found[i] = rule(x[i]);
  }

  [[gnu::always_inline]] static inline void count_few(Bins rule, const float* x, std::size_t size,
                                                      std::uint64_t* counts) {
    std::int32_t found[block];
    for (std::size_t first = 0; first < size; first += block) {
      const std::size_t here = std::min(block, size - first);
      find(rule, x + first, found, here);
      for (std::size_t i = 0; i < here; ++i) ++counts[found[i]];
    }
  }

  // For a whole number of blocks.
  [[gnu::always_inline]] static inline void count_many(Bins rule, const float* x, std::size_t size,
                                                       std::uint64_t* counts) {
    const std::size_t slots = rule.bins + 1;
    std::int32_t found[block];
    std::uint16_t table[tables][max_bins + 8];
    while (size > 0) {
      const std::size_t here = std::min(size, tables * most);
      for (std::size_t t = 0; t < tables; ++t) std::fill_n(table[t], slots, std::uint16_t{0});
      for (std::size_t first = 0; first < here; first += block) {
        find(rule, x + first, found, block);
        for (std::size_t i = 0; i < block; i += tables)
          for (std::size_t t = 0; t < tables; ++t) ++table[t][found[i + t]];
      }
      for (std::size_t slot = 0; slot < slots; ++slot) {
        std::uint32_t sum = 0;
        for (std::size_t t = 0; t < tables; ++t) sum += table[t][slot];
        counts[slot] += sum;
      }
      x += here;
      size -= here;
    }
  }

  [[gnu::always_inline]] static inline int run(Bins rule, const float* x, std::size_t size, std::uint64_t* counts) {
    const std::size_t whole = size < few ? 0 : size / block * block;
    if (whole > 0) count_many(rule, x, whole, counts);
    count_few(rule, x + whole, size - whole, counts);
    return 0;
  }
};

template <class Bins>
void count(Bins rule, std::span<const float> x, std::span<std::uint64_t> counts, Isa isa) {
  run_for<CountKernel<Bins>>(isa, rule, x.data(), x.size(), counts.data());
}

}  // namespace detail

}  // namespace quench::host
