// SPDX-License-Identifier: Apache-2.0
// Int32 accumulators, channels last, brought to codes by a record for each channel: what kernels::requantize_channels
// defines, equal bit for bit. No record is that of equal scales.
#pragma once

#include <algorithm>
#include <vector>

#include <quench/host/int8/codes_avx512.hpp>

namespace quench::host {

/// Records, their parts in arrays of their own as vector registers take them.
struct RecordArrays {
  AlignedVector<std::int32_t> pre, pre_bit, pre_one, multiplier, half, post;

  NarrowRecords narrow;
  bool is_narrow = false;  // whether these serve: for all channels a first shift, and a second one above 16

  RecordArrays() = default;
  RecordArrays(const Requantization* records, int channels) {
    is_narrow = channels % 64 == 0;
    narrow.clear(static_cast<std::size_t>(channels));
    for (const Requantization* record = records; record < records + channels; ++record) {
      const int before = record->pre_shift, after = record->post_shift;
      is_narrow = is_narrow && before >= 2 && after > 16;
      if (is_narrow) narrow.set(static_cast<int>(record - records), channels, *record);
      pre.push_back(before);
      pre_bit.push_back(std::max(before - 1, 0));
      pre_one.push_back(before > 0 ? 1 : 0);
      multiplier.push_back(record->multiplier);
      half.push_back(after > 0 ? std::int32_t{1} << (after - 1) : 0);
      post.push_back(after);
    }
  }

  std::size_t channels() const { return pre.size(); }
};

namespace detail {

/// The arrays of all channels, as loops take them.
struct RecordPointers {
  const std::int32_t *pre, *pre_bit, *pre_one, *multiplier, *half, *post;

  explicit RecordPointers(const RecordArrays& records)
      : pre(records.pre.data()),
        pre_bit(records.pre_bit.data()),
        pre_one(records.pre_one.data()),
        multiplier(records.multiplier.data()),
        half(records.half.data()),
        post(records.post.data()) {}
};

struct RequantizeChannelsLoop {
  template <class Y>
  [[gnu::always_inline]] static void run(const std::int32_t* x, Y* y, std::size_t pixels, std::size_t channels,
                                         RecordPointers records, std::int32_t low, std::int32_t high) {
    const std::int32_t* __restrict pre = records.pre;
    const std::int32_t* __restrict pre_bit = records.pre_bit;
    const std::int32_t* __restrict pre_one = records.pre_one;
    const std::int32_t* __restrict multiplier = records.multiplier;
    const std::int32_t* __restrict half = records.half;
    const std::int32_t* __restrict post = records.post;
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      const std::int32_t* __restrict acc = x + pixel * channels;
      Y* __restrict codes = y + pixel * channels;
      for (std::size_t c = 0; c < channels; ++c) {
        // The bit that is shifted out last is added, which cannot overflow, whatever x is.
        const std::int32_t t = (acc[c] >> pre[c]) + ((acc[c] >> pre_bit[c]) & pre_one[c]);
        const std::int32_t raised = t < -32768 ? -32768 : t;
        const std::int32_t narrowed = raised > 32767 ? 32767 : raised;
        const std::int32_t scaled = (narrowed * multiplier[c] + half[c]) >> post[c];
        const std::int32_t held = scaled < low ? low : scaled;
        codes[c] = static_cast<Y>(held > high ? high : held);
      }
    }
  }
};

}  // namespace detail

/// codes = clamp(requantize(acc)), held in [low, high] as well.
template <class Y>
void requantize_channels(const std::int32_t* x, Y* y, std::size_t pixels, const RecordArrays& records,
                         std::int32_t low = INT32_MIN, std::int32_t high = INT32_MAX,
                         Int8Level level = best_int8_level()) {
  constexpr std::int32_t most = sizeof(Y) == 1 ? INT8_MAX : INT16_MAX;
  low = std::max(low, -most - 1);
  high = std::min(high, most);
  if constexpr (sizeof(Y) == 1)
    if (records.is_narrow && is_avx512(level))
      return detail::requantize_avx512(x, y, pixels, records.channels(), records.pre_bit.data(), records.narrow, low,
                                       high);
  run_for<detail::RequantizeChannelsLoop>(isa_of(level), x, y, pixels, records.channels(),
                                          detail::RecordPointers(records), low, high);
}

}  // namespace quench::host
