// SPDX-License-Identifier: Apache-2.0
// Sums of products of codes on a RISC-V with vectors: filters that see the same codes.
//
// vwmul makes products of twice the bits from four registers of codes, and vwredsum or vredsum adds them to one sum of 32
// bits. The codes are loaded once for four filters. int16 codes are shifted right as they are loaded. Freestanding.
#pragma once

#include <quench/device/patches.hpp>
#include <quench/device/rvv/codes.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// How many of `left` codes four registers take.
template <class X>
[[gnu::always_inline]] inline std::size_t next_codes(std::size_t left) {
  if constexpr (std::is_same_v<X, std::int8_t>)
    return __riscv_vsetvl_e8m4(left);
  else
    return __riscv_vsetvl_e16m4(left);
}

/// Operands of products.
[[gnu::always_inline]] inline vint8m4_t load_codes(const std::int8_t* x, int, std::size_t count) {
  return __riscv_vle8_v_i8m4(x, count);
}
[[gnu::always_inline]] inline vint16m4_t load_codes(const std::int16_t* x, int shift, std::size_t count) {
  return shifted(__riscv_vle16_v_i16m4(x, count), size(shift), count);
}

/// Adds Σ x * w over `count` neighbours to the first element of `sum`.
[[gnu::always_inline]] inline vint32m1_t add_products(vint32m1_t sum, vint8m4_t x, const std::int8_t* w,
                                                      std::size_t count) {
  const vint16m8_t products = __riscv_vwmul_vv_i16m8(x, __riscv_vle8_v_i8m4(w, count), count);
  return __riscv_vwredsum_vs_i16m8_i32m1(products, sum, count);
}
[[gnu::always_inline]] inline vint32m1_t add_products(vint32m1_t sum, vint16m4_t x, const std::int8_t* w,
                                                      std::size_t count) {
  const vint16m4_t weights = __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(w, count), count);
  return __riscv_vredsum_vs_i32m8_i32m1(__riscv_vwmul_vv_i32m8(x, weights, count), sum, count);
}

/// Σ x * w over a patch, for four filters that lie `filter_step` codes apart.
template <class X>
[[gnu::always_inline]] inline void dot_four(std::int32_t* sums, const X* x, const std::int8_t* w, int filter_step,
                                            const Patch& patch, int x_shift) {
  vint32m1_t a = __riscv_vmv_s_x_i32m1(0, 1), b = a, c = a, d = a;
  for (int row = 0, x_row = patch.x, w_row = patch.w; row < patch.rows;
       ++row, x_row += patch.x_row, w_row += patch.w_row)
    for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run) {
      const X* const codes = x + at_x;
      const std::int8_t *w0 = w + at_w, *w1 = w0 + filter_step, *w2 = w1 + filter_step, *w3 = w2 + filter_step;
      for (std::size_t at = 0, left = size(patch.length); left > 0;) {
        const std::size_t count = next_codes<X>(left);
        const auto seen = load_codes(codes + at, x_shift, count);
        a = add_products(a, seen, w0 + at, count);
        b = add_products(b, seen, w1 + at, count);
        c = add_products(c, seen, w2 + at, count);
        d = add_products(d, seen, w3 + at, count);
        at += count, left -= count;
      }
    }
  sums[0] = __riscv_vmv_x_s_i32m1_i32(a);
  sums[1] = __riscv_vmv_x_s_i32m1_i32(b);
  sums[2] = __riscv_vmv_x_s_i32m1_i32(c);
  sums[3] = __riscv_vmv_x_s_i32m1_i32(d);
}

/// The same for one filter.
template <class X>
[[gnu::always_inline]] inline std::int32_t dot_one(const X* x, const std::int8_t* w, const Patch& patch, int x_shift) {
  vint32m1_t sum = __riscv_vmv_s_x_i32m1(0, 1);
  for (int row = 0, x_row = patch.x, w_row = patch.w; row < patch.rows;
       ++row, x_row += patch.x_row, w_row += patch.w_row)
    for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run) {
      const X* const codes = x + at_x;
      const std::int8_t* const filter = w + at_w;
      for (std::size_t at = 0, left = size(patch.length); left > 0;) {
        const std::size_t count = next_codes<X>(left);
        sum = add_products(sum, load_codes(codes + at, x_shift, count), filter + at, count);
        at += count, left -= count;
      }
    }
  return __riscv_vmv_x_s_i32m1_i32(sum);
}

/// The least codes of a filter for which vectors take fewer instructions than the definition.
inline constexpr int least_codes = 4;

/// How many sums lie on the stack before they become codes.
inline constexpr int most_sums = 32;

/// The codes of neighbouring filters at one pixel: y[k] of Σ x * w[k] over a patch, for filters `filter_size` codes apart.
/// Errors   none; undefined if a sum leaves int32
template <class X, class Y>
[[gnu::noinline]] void dot(const X* x, const std::int8_t* w, Y* y, int filters, int filter_size, const Patch& patch,
                           int x_shift, const kernels::OutputChannels& output, int first) {
  std::int32_t sums[most_sums];
  while (filters > 0) {
    const int block = filters < most_sums ? filters : most_sums;
    set_round_half_up();
    int k = 0;
    for (; k <= block - 4; k += 4, w += 4 * filter_size) dot_four(sums + k, x, w, filter_size, patch, x_shift);
    for (; k < block; ++k, w += filter_size) sums[k] = dot_one(x, w, patch, x_shift);
    store_all(y, sums, block, output, first);
    y += block, first += block, filters -= block;
  }
}

/// The patch of `length` neighbours.
constexpr Patch run_of(int x, int length) {
  Patch patch;
  patch.x = x, patch.rows = 1, patch.runs = 1, patch.length = length;
  return patch;
}

/// The largest window that is copied to the stack before it is multiplied: 3x3 of 64 channels.
inline constexpr int most_copied_codes = 576;

/// Copies a patch to where the codes of its filter lie, with zeros in the padding.
template <class X>
[[gnu::noinline]] void copy_patch(const X* x, const Patch& patch, X* to, int filter_size) {
  auto* const bytes = reinterpret_cast<std::int8_t*>(to);
  if (patch.rows * patch.runs * patch.length < filter_size)
    for (std::size_t at = 0, left = size(filter_size) * sizeof(X); left > 0;) {
      const std::size_t count = __riscv_vsetvl_e8m8(left);
      __riscv_vse8_v_i8m8(bytes + at, __riscv_vmv_v_x_i8m8(0, count), count);
      at += count, left -= count;
    }
  for (int row = 0, x_row = patch.x, w_row = patch.w; row < patch.rows;
       ++row, x_row += patch.x_row, w_row += patch.w_row)
    for (int run = 0, at_x = x_row, at_w = w_row; run < patch.runs; ++run, at_x += patch.x_run, at_w += patch.w_run) {
      const auto* from = reinterpret_cast<const std::int8_t*>(x + at_x);
      auto* codes = reinterpret_cast<std::int8_t*>(to + at_w);
      for (std::size_t left = size(patch.length) * sizeof(X); left > 0;) {
        const std::size_t count = __riscv_vsetvl_e8m8(left);
        __riscv_vse8_v_i8m8(codes, __riscv_vle8_v_i8m8(from, count), count);
        from += count, codes += count, left -= count;
      }
    }
}

}  // namespace quench::device::rvv

#endif
