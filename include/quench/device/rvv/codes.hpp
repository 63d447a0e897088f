// SPDX-License-Identifier: Apache-2.0
// From sums to codes on a RISC-V with vectors, as kernels::finish: as many channels at a time as eight registers hold.
//
// vnclip shifts right, rounds half up as if of any width, and saturates to half of the bits: it is the shift and the
// saturation of `scaled`. Nothing depends on how long vectors are: an instruction computes as many elements as the last
// argument says, and loads nothing after them. There is nothing here without the intrinsics of the V extension.
// Freestanding.
#pragma once

#include <cstddef>

#include <quench/kernels/accumulator.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <riscv_vector.h>

namespace quench::device::rvv {

// What `store` takes from the bytes of a record.
static_assert(sizeof(Requantization) == 4 && alignof(Requantization) == 2 &&
              offsetof(Requantization, multiplier) == 0 && offsetof(Requantization, pre_shift) == 2 &&
              offsetof(Requantization, post_shift) == 3);

/// A count as the intrinsics take it.
constexpr std::size_t size(int count) { return static_cast<std::size_t>(count); }

// From version 0.12 on, an intrinsic takes the rounding mode. Before that it rounds as a register says, which any call
// of another function may change.
#if __riscv_v_intrinsic >= 12000
[[gnu::always_inline]] inline void set_round_half_up() {}
/// saturate<16>(round_half_up_shift(x, shift)) of each element. `shift` counts with its lowest 5 bits.
[[gnu::always_inline]] inline vint16m4_t narrowed(vint32m8_t x, vuint16m4_t shift, std::size_t count) {
  return __riscv_vnclip_wv_i16m4(x, shift, __RISCV_VXRM_RNU, count);
}
[[gnu::always_inline]] inline vint16m4_t narrowed(vint32m8_t x, std::size_t shift, std::size_t count) {
  return __riscv_vnclip_wx_i16m4(x, shift, __RISCV_VXRM_RNU, count);
}
/// round_half_up_shift(x, shift) of each element.
[[gnu::always_inline]] inline vint16m4_t shifted(vint16m4_t x, std::size_t shift, std::size_t count) {
  return __riscv_vssra_vx_i16m4(x, shift, __RISCV_VXRM_RNU, count);
}
#else
[[gnu::always_inline]] inline void set_round_half_up() { __asm__ volatile("csrwi vxrm, 0" ::: "memory"); }
/// saturate<16>(round_half_up_shift(x, shift)) of each element, after `set_round_half_up`. `shift` counts with its
/// lowest 5 bits.
[[gnu::always_inline]] inline vint16m4_t narrowed(vint32m8_t x, vuint16m4_t shift, std::size_t count) {
  return __riscv_vnclip_wv_i16m4(x, shift, count);
}
[[gnu::always_inline]] inline vint16m4_t narrowed(vint32m8_t x, std::size_t shift, std::size_t count) {
  return __riscv_vnclip_wx_i16m4(x, shift, count);
}
/// round_half_up_shift(x, shift) of each element, after `set_round_half_up`.
[[gnu::always_inline]] inline vint16m4_t shifted(vint16m4_t x, std::size_t shift, std::size_t count) {
  return __riscv_vssra_vx_i16m4(x, shift, count);
}
#endif

/// The bounds of a clamp that also saturates to the type of a code.
template <class Y>
struct Bounds {
  Y low, high;
  constexpr Bounds(std::int32_t least, std::int32_t most)
      : low(static_cast<Y>(kernels::clamp(least, lowest, highest))),
        high(static_cast<Y>(kernels::clamp(most, lowest, highest))) {}

 private:
  static constexpr std::int32_t lowest = INT32_MIN >> (32 - kernels::bits_of<Y>), highest = -(lowest + 1);
};

/// Codes as int32.
[[gnu::always_inline]] inline vint32m8_t load_wide(const std::int8_t* x, std::size_t count) {
  return __riscv_vsext_vf4_i32m8(__riscv_vle8_v_i8m2(x, count), count);
}
[[gnu::always_inline]] inline vint32m8_t load_wide(const std::int16_t* x, std::size_t count) {
  return __riscv_vsext_vf2_i32m8(__riscv_vle16_v_i16m4(x, count), count);
}

/// Writes codes between bounds.
[[gnu::always_inline]] inline void store_clamped(std::int8_t* y, vint16m4_t codes, Bounds<std::int8_t> bounds,
                                                 std::size_t count) {
  codes = __riscv_vmin_vx_i16m4(__riscv_vmax_vx_i16m4(codes, bounds.low, count), bounds.high, count);
  __riscv_vse8_v_i8m2(y, __riscv_vncvt_x_x_w_i8m2(codes, count), count);
}
[[gnu::always_inline]] inline void store_clamped(std::int16_t* y, vint16m4_t codes, Bounds<std::int16_t> bounds,
                                                 std::size_t count) {
  codes = __riscv_vmin_vx_i16m4(__riscv_vmax_vx_i16m4(codes, bounds.low, count), bounds.high, count);
  __riscv_vse16_v_i16m4(y, codes, count);
}

/// `scaled` of each element by one record, saturated to int16.
[[gnu::always_inline]] inline vint16m4_t scaled(vint32m8_t x, Requantization record, std::size_t count) {
  const vint16m4_t narrow = narrowed(x, std::size_t{record.pre_shift}, count);
  return narrowed(__riscv_vwmul_vx_i32m8(narrow, record.multiplier, count), std::size_t{record.post_shift}, count);
}

/// Writes the codes of `count` neighbouring channels, which have these sums and records.
template <class Y>
[[gnu::always_inline]] inline void store(Y* y, vint32m8_t sums, const Requantization* records, Bounds<Y> bounds,
                                         std::size_t count) {
  if constexpr (std::is_same_v<Y, std::int32_t>) {
    sums = __riscv_vmin_vx_i32m8(__riscv_vmax_vx_i32m8(sums, bounds.low, count), bounds.high, count);
    __riscv_vse32_v_i32m8(y, sums, count);
  } else {
    // As halves of words, because a record may lie at any even address.
    const vuint32m8_t words = __riscv_vreinterpret_v_u16m8_u32m8(
        __riscv_vle16_v_u16m8(reinterpret_cast<const std::uint16_t*>(records), 2 * count));
    const vint16m4_t multipliers = __riscv_vreinterpret_v_u16m4_i16m4(__riscv_vncvt_x_x_w_u16m4(words, count));
    const vuint16m4_t shifts = __riscv_vnsrl_wx_u16m4(words, 16, count);
    set_round_half_up();
    const vint32m8_t products = __riscv_vwmul_vv_i32m8(narrowed(sums, shifts, count), multipliers, count);
    store_clamped(y, narrowed(products, __riscv_vsrl_vx_u16m4(shifts, 8, count), count), bounds, count);
  }
}

/// Writes the codes of sums without bias, of neighbouring channels from `first` on.
template <class Y>
[[gnu::always_inline]] inline void store_all(Y* y, const std::int32_t* sums, int channels,
                                             const kernels::OutputChannels& output, int first) {
  const std::int32_t* const bias = output.bias != nullptr ? output.bias + first : nullptr;
  const Requantization* const records = std::is_same_v<Y, std::int32_t> ? nullptr : output.requantization + first;
  const Bounds<Y> bounds(output.low, output.high);
  for (std::size_t at = 0, left = size(channels); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e32m8(left);
    vint32m8_t acc = __riscv_vle32_v_i32m8(sums + at, count);
    if (bias != nullptr) acc = __riscv_vadd_vv_i32m8(acc, __riscv_vle32_v_i32m8(bias + at, count), count);
    store(y + at, acc, std::is_same_v<Y, std::int32_t> ? nullptr : records + at, bounds, count);
    at += count, left -= count;
  }
}

}  // namespace quench::device::rvv

#endif
