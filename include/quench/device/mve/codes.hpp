// SPDX-License-Identifier: Apache-2.0
// From sums to codes on a Cortex-M with vectors (Helium, MVE): four channels at a time, as kernels::finish.
//
// vrshl with a negative count shifts right and rounds half up, as if of any width: so it is round_half_up_shift. vqmovn
// saturates to int16 into the lower half of each lane, where vmullb multiplies it. There is nothing here without the
// vector unit. Freestanding.
#pragma once

#include <cstddef>

#include <quench/kernels/accumulator.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)
#include <arm_mve.h>

namespace quench::device::mve {

// What `FourRecords` takes from the bytes of a record.
static_assert(sizeof(Requantization) == 4 && offsetof(Requantization, multiplier) == 0 &&
              offsetof(Requantization, pre_shift) == 2 && offsetof(Requantization, post_shift) == 3);

/// The records of four neighbouring channels. Only the lower half of a lane of `multiplier` counts, and of shifts, which
/// are negative because they are shifts to the left, only the lowest byte.
struct FourRecords {
  int32x4_t multiplier, left_before, left_after;

  [[gnu::always_inline]] explicit FourRecords(const Requantization* records) {
    const uint32x4_t words = vreinterpretq_u32_u8(vldrbq_u8(reinterpret_cast<const std::uint8_t*>(records)));
    multiplier = vreinterpretq_s32_u32(words);
    left_before = vnegq_s32(vreinterpretq_s32_u32(vshrq_n_u32(words, 16)));
    left_after = vnegq_s32(vreinterpretq_s32_u32(vshrq_n_u32(words, 24)));
  }
};

/// `scaled` for four accumulators.
[[gnu::always_inline]] inline int32x4_t scaled_four(int32x4_t acc, const FourRecords& records) {
  const int16x8_t narrowed = vqmovnbq_s32(vreinterpretq_s16_s32(acc), vrshlq_s32(acc, records.left_before));
  return vrshlq_s32(vmullbq_int_s16(narrowed, vreinterpretq_s16_s32(records.multiplier)), records.left_after);
}

/// One record for all lanes. Of `multiplier` only the lower halves of lanes of 32 bits count.
struct OneRecord {
  int16x8_t multiplier;
  std::int32_t left_before, left_after;

  [[gnu::always_inline]] explicit OneRecord(const Requantization& record)
      : multiplier(vdupq_n_s16(record.multiplier)), left_before(-record.pre_shift), left_after(-record.post_shift) {}
};

/// `scaled` for four accumulators.
[[gnu::always_inline]] inline int32x4_t scaled_four(int32x4_t acc, const OneRecord& record) {
  const int16x8_t narrowed = vqmovnbq_s32(record.multiplier, vrshlq_n_s32(acc, record.left_before));
  return vrshlq_n_s32(vmullbq_int_s16(narrowed, record.multiplier), record.left_after);
}

/// Stores four values that fit the type of a code.
[[gnu::always_inline]] inline void store_four(std::int8_t* y, int32x4_t values) { vstrbq_s32(y, values); }
[[gnu::always_inline]] inline void store_four(std::int16_t* y, int32x4_t values) { vstrhq_s32(y, values); }
[[gnu::always_inline]] inline void store_four(std::int32_t* y, int32x4_t values) { vstrwq_s32(y, values); }

/// The same for the values of some lanes.
[[gnu::always_inline]] inline void store_some(std::int8_t* y, int32x4_t values, mve_pred16_t lanes) {
  vstrbq_p_s32(y, values, lanes);
}
[[gnu::always_inline]] inline void store_some(std::int16_t* y, int32x4_t values, mve_pred16_t lanes) {
  vstrhq_p_s32(y, values, lanes);
}

/// The bounds of a clamp that also saturates to the type of a code.
template <class Y>
constexpr std::int32_t lowest_code(std::int32_t low) {
  constexpr std::int32_t lowest = INT32_MIN >> (32 - kernels::bits_of<Y>);
  return low < lowest ? lowest : low;
}
template <class Y>
constexpr std::int32_t highest_code(std::int32_t high) {
  constexpr std::int32_t highest = INT32_MAX >> (32 - kernels::bits_of<Y>);
  return high > highest ? highest : high;
}

/// `saturate` of four values to int8.
[[gnu::always_inline]] inline int32x4_t saturated_four(int32x4_t values) {
  return vminq_s32(vmaxq_s32(values, vdupq_n_s32(INT8_MIN)), vdupq_n_s32(INT8_MAX));
}

/// How sums of four neighbouring channels become codes. They are those of the channels from `first` on, and `move` goes
/// on to others.
template <class Y>
class FourChannels {
 public:
  [[gnu::always_inline]] FourChannels(const kernels::OutputChannels& output, int first)
      : bias_(output.bias != nullptr ? output.bias + first : nullptr),
        records_(std::is_same_v<Y, std::int32_t> ? nullptr : output.requantization + first),
        low_(vdupq_n_s32(lowest_code<Y>(output.low))),
        high_(vdupq_n_s32(highest_code<Y>(output.high))) {}

  [[gnu::always_inline]] void move(int channels) {
    if (bias_ != nullptr) bias_ += channels;
    if constexpr (!std::is_same_v<Y, std::int32_t>) records_ += channels;
  }

  /// Writes y[0..3].
  [[gnu::always_inline]] void store(Y* y, int32x4_t sums) const {
    if (bias_ != nullptr) sums = vaddq_s32(sums, vldrwq_s32(bias_));
    if constexpr (!std::is_same_v<Y, std::int32_t>) sums = scaled_four(sums, FourRecords(records_));
    store_four(y, vminq_s32(vmaxq_s32(sums, low_), high_));
  }

 private:
  const std::int32_t* bias_;
  const Requantization* records_;
  int32x4_t low_, high_;
};

}  // namespace quench::device::mve

#endif
