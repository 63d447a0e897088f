// SPDX-License-Identifier: Apache-2.0
// Element-wise steps of integer networks, int8 or int16: sums, products, rescaling, comparisons, clamps. What kernels/
// defines for operands of one shape, equal bit for bit.
//
// Plain loops that compilers vectorise. The parts of a record stand in variables of their own, and each shift is the same
// for all elements.
#pragma once

#include <algorithm>
#include <type_traits>

#include <quench/host/int8/codes_avx512.hpp>
#include <quench/host/integer/lookup_avx512.hpp>
#include <quench/kernels/add.hpp>
#include <quench/kernels/maximum.hpp>
#include <quench/kernels/scalar.hpp>

namespace quench::host {

namespace detail {

/// The least and the greatest code of a type that is held in [low, high] as well.
template <class Y>
struct HeldRange {
  static constexpr std::int32_t most = (1 << (kernels::bits_of<Y> - 1)) - 1;
  std::int32_t low, high;

  HeldRange(std::int32_t lowest, std::int32_t highest)
      : low(std::clamp(lowest, -most - 1, most)), high(std::clamp(highest, -most - 1, most)) {}
};

/// x >> shift, and the bit that is shifted out last added: half up, without overflow.
struct RoundingShift {
  int shift, bit;
  std::int32_t one;

  explicit RoundingShift(int n) : shift(n), bit(n > 0 ? n - 1 : 0), one(n > 0 ? 1 : 0) {}
  [[gnu::always_inline]] std::int32_t operator()(std::int32_t x) const { return (x >> shift) + ((x >> bit) & one); }
};

[[gnu::always_inline]] inline std::int32_t held(std::int32_t x, std::int32_t low, std::int32_t high) {
  const std::int32_t raised = x < low ? low : x;
  return raised > high ? high : raised;
}

/// requantize<bits of Y> and a clamp.
template <class Y>
struct Rescaling {
  RoundingShift pre, post;
  std::int32_t multiplier;
  HeldRange<Y> range;

  explicit Rescaling(const Requantization& record, std::int32_t low = INT32_MIN, std::int32_t high = INT32_MAX)
      : pre(record.pre_shift), post(record.post_shift), multiplier(record.multiplier), range(low, high) {}
  [[gnu::always_inline]] Y operator()(std::int32_t acc) const {
    return static_cast<Y>(held(post(held(pre(acc), -32768, 32767) * multiplier), range.low, range.high));
  }
};

struct SumLoop {
  template <class A, class B, class Y>
  [[gnu::always_inline]] static void run(const A* a, const B* b, Y* y, std::size_t count, std::int32_t first,
                                         std::int32_t second, Rescaling<Y> rescaling) {
    for (std::size_t i = 0; i < count; ++i) y[i] = rescaling(a[i] * first + b[i] * second);
  }
};

struct ProductLoop {
  template <class A, class B, class Y>
  [[gnu::always_inline]] static void run(const A* a, const B* b, Y* y, std::size_t count, Rescaling<Y> rescaling) {
    for (std::size_t i = 0; i < count; ++i) y[i] = rescaling(std::int32_t{a[i]} * b[i]);
  }
};

struct RescaleLoop {
  template <class X, class Y>
  [[gnu::always_inline]] static void run(const X* x, Y* y, std::size_t count, std::int32_t factor,
                                         std::int32_t constant, Rescaling<Y> rescaling) {
    for (std::size_t i = 0; i < count; ++i) y[i] = rescaling(x[i] * factor + constant);
  }
};

struct HoldLoop {
  template <class X, class Y>
  [[gnu::always_inline]] static void run(const X* x, Y* y, std::size_t count, HeldRange<Y> range) {
    if constexpr (std::is_same_v<X, Y>) {  // without int32 between
      const auto low = static_cast<Y>(range.low), high = static_cast<Y>(range.high);
      for (std::size_t i = 0; i < count; ++i) {
        const Y raised = x[i] < low ? low : x[i];
        y[i] = raised > high ? high : raised;
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<Y>(held(x[i], range.low, range.high));
    }
  }
};

struct NegateLoop {
  template <class T>
  [[gnu::always_inline]] static void run(const T* x, T* y, std::size_t count, HeldRange<T> range) {
    for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<T>(held(-x[i], range.low, range.high));
  }
};

struct CompareLoop {
  template <class T>
  [[gnu::always_inline]] static void run(const T* a, const T* b, T* y, std::size_t count, bool larger) {
    if (larger)
      for (std::size_t i = 0; i < count; ++i) y[i] = a[i] > b[i] ? a[i] : b[i];
    else
      for (std::size_t i = 0; i < count; ++i) y[i] = a[i] < b[i] ? a[i] : b[i];
  }
};

}  // namespace detail

namespace detail {

// The sum of two int8 codes, shifted by 23 at most, and the half of its first shift fit an int32.
static_assert(128 * (std::int64_t{1} << 23) + 128 * 32767 + (1 << 28) <= INT32_MAX);

/// Sums of int8 codes whose second shift is longer than 16. Returns how many it computed.
inline std::size_t add_int8(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, std::size_t count,
                            const kernels::Addition& addition, int sign) {
  const Requantization& record = addition.requantization;
  if (record.post_shift <= 16 || record.pre_shift > 29) return 0;
  const HeldRange<std::int8_t> range(addition.low, addition.high);
  CodeSum sum;
  sum.shift = addition.shift;
  sum.is_negative = addition.second_is_larger && sign < 0;
  sum.multiplier = addition.second_is_larger ? addition.multiplier : sign * addition.multiplier;
  sum.half = record.pre_shift > 0 ? std::int32_t{1} << (record.pre_shift - 1) : 0;
  sum.pre = record.pre_shift;
  sum.narrow_multiplier = record.multiplier;
  sum.narrow_half = static_cast<std::int16_t>(1 << (record.post_shift - 17));
  sum.narrow_shift = record.post_shift - 16;
  sum.low = range.low;
  sum.high = range.high;
  const std::size_t whole = count / 64 * 64;
  if (addition.second_is_larger) std::swap(a, b);
  add_avx512(a, b, y, whole, sum);
  return whole;
}

/// Products of int8 codes whose second shift is longer than 16. Returns how many it computed.
inline std::size_t mul_int8(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, std::size_t count,
                            const Requantization& record, const HeldRange<std::int8_t>& range) {
  if (record.post_shift <= 16 || record.pre_shift > 14) return 0;  // 16384 + 2^13 fits an int16
  CodeProduct product;
  product.half = static_cast<std::int16_t>(record.pre_shift > 0 ? 1 << (record.pre_shift - 1) : 0);
  product.shift = record.pre_shift;
  product.multiplier = record.multiplier;
  product.narrow_half = static_cast<std::int16_t>(1 << (record.post_shift - 17));
  product.narrow_shift = record.post_shift - 16;
  product.low = range.low;
  product.high = range.high;
  const std::size_t whole = count / 64 * 64;
  mul_avx512(a, b, y, whole, product);
  return whole;
}

}  // namespace detail

/// kernels::add of operands of one shape; with `sign` -1 kernels::sub.
template <class A, class B, class Y>
void add(const A* a, const B* b, Y* y, std::size_t count, const kernels::Addition& addition, int sign = 1,
         Int8Level level = best_int8_level()) {
  const kernels::WeightedSum<Y> sum(addition, sign);
  std::size_t done = 0;
  if constexpr (std::is_same_v<A, std::int8_t> && std::is_same_v<B, std::int8_t> && std::is_same_v<Y, std::int8_t>)
    if (is_avx512(level)) done = detail::add_int8(a, b, y, count, addition, sign);
  run_for<detail::SumLoop>(isa_of(level), a + done, b + done, y + done, count - done, sum.first, sum.second,
                           detail::Rescaling<Y>(sum.requantization, sum.low, sum.high));
}

/// kernels::mul of operands of one shape, then held in [low, high].
template <class A, class B, class Y>
void mul(const A* a, const B* b, Y* y, std::size_t count, const Requantization& record, std::int32_t low,
         std::int32_t high, Int8Level level = best_int8_level()) {
  std::size_t done = 0;
  if constexpr (std::is_same_v<A, std::int8_t> && std::is_same_v<B, std::int8_t> && std::is_same_v<Y, std::int8_t>)
    if (is_avx512(level)) done = detail::mul_int8(a, b, y, count, record, detail::HeldRange<Y>(low, high));
  run_for<detail::ProductLoop>(isa_of(level), a + done, b + done, y + done, count - done,
                               detail::Rescaling<Y>(record, low, high));
}

/// kernels::clamp, or a change of type that saturates.
template <class X, class Y>
void clamp(const X* x, Y* y, std::size_t count, std::int32_t low, std::int32_t high, Isa isa = best_isa()) {
  run_for<detail::HoldLoop>(isa, x, y, count, detail::HeldRange<Y>(low, high));
}

namespace detail {

/// compute(x, y, count), where each result depends on one code only. Many int8 codes take the results of all 256 codes
/// from a table, if the CPU has it in registers.
template <class X, class Y, class Compute>
void of_each_code(const X* x, Y* y, std::size_t count, Int8Level level, const Compute& compute) {
  if constexpr (std::is_same_v<X, std::int8_t> && std::is_same_v<Y, std::int8_t>)
    if (level == Int8Level::Avx512Vbmi && count >= 1024) {
      std::int8_t codes[256], results[256];
      for (int i = 0; i < 256; ++i) codes[i] = static_cast<std::int8_t>(i - 128);
      compute(codes, results, std::size_t{256});
      return lookup(x, y, count, results, level);
    }
  compute(x, y, count);
}

}  // namespace detail

/// kernels::requantize_tensor to all bits of Y.
template <class X, class Y>
void requantize(const X* x, Y* y, std::size_t count, const Requantization& record,
                Int8Level level = best_int8_level()) {
  if (record == kernels::same_scale) return clamp(x, y, count, INT32_MIN, INT32_MAX, isa_of(level));
  detail::of_each_code(x, y, count, level, [&](const X* from, Y* to, std::size_t size) {
    run_for<detail::RescaleLoop>(isa_of(level), from, to, size, 1, 0, detail::Rescaling<Y>(record));
  });
}

/// kernels::add_scalar, then held in [low, high].
template <class X, class Y>
void add_scalar(const X* x, Y* y, std::size_t count, const kernels::ScalarAddition& addition, std::int32_t low,
                std::int32_t high, Int8Level level = best_int8_level()) {
  detail::of_each_code(x, y, count, level, [&](const X* from, Y* to, std::size_t size) {
    run_for<detail::RescaleLoop>(isa_of(level), from, to, size, std::int32_t{1} << addition.shift, addition.constant,
                                 detail::Rescaling<Y>(addition.requantization, low, high));
  });
}

/// kernels::mul_scalar by a negative number, then held in [low, high].
template <class T>
void negate(const T* x, T* y, std::size_t count, std::int32_t low, std::int32_t high, Isa isa = best_isa()) {
  run_for<detail::NegateLoop>(isa, x, y, count, detail::HeldRange<T>(low, high));
}

/// kernels::maximum, or minimum, of operands of one shape at one scale.
template <class T>
void compare(const T* a, const T* b, T* y, std::size_t count, bool larger, Isa isa = best_isa()) {
  run_for<detail::CompareLoop>(isa, a, b, y, count, larger);
}

}  // namespace quench::host
