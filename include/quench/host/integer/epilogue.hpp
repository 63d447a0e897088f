// SPDX-License-Identifier: Apache-2.0
// The initial values of integer layers' sums, and the records that requantize them, in the layout of vector kernels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <quench/host/aligned.hpp>
#include <quench/kernels/accumulator.hpp>

namespace quench::host {

/// Records whose second shift is longer than 16, as all are unless codes grow. Then int8 results need 16-bit arithmetic
/// only: the upper half of a product decides, (t * m + 2^(n-1)) >> n == ((t * m >> 16) + 2^(n-17)) >> (n - 16).
/// Two vectors of 16 channels are packed into one in parts of four channels; a last, single vector with itself. Such a pair
/// has 32 multipliers, then 32 halves, then 32 shifts.
struct NarrowRecords {
  AlignedVector<std::int16_t> values;

  void clear(std::size_t size) { values.assign(6 * size, 0); }

  /// The record of the pair that begins with a channel.
  const std::int16_t* pair(int channel) const { return values.data() + 6 * channel; }

  /// `place` of a channel among groups of `stride`, which is whole vectors.
  void set(int place, int stride, const Requantization& record) {
    const int group = place / stride * stride, vector = place % stride / 16, lane = place % 16;
    const bool is_single = vector % 2 == 0 && vector + 1 == stride / 16;
    std::int16_t* at = values.data() + 6 * (group + vector / 2 * 32) + lane / 4 * 8 + vector % 2 * 4 + lane % 4;
    for (int i = 0; i <= (is_single ? 4 : 0); i += 4) {
      at[i] = record.multiplier;
      at[i + 32] = static_cast<std::int16_t>(1 << (record.post_shift - 17));
      at[i + 64] = static_cast<std::int16_t>(record.post_shift - 16);
    }
  }
};

/// The initial values of accumulators and their requantization, in arrays of whole vectors.
///
/// The initial value includes the half that rounds the first shift. It may overflow in a few layers: `fits` is false for
/// them. Kernels that compute only sums read only `sum_first`.
class Epilogue {
 public:
  AlignedVector<std::int32_t> sum_first;  // of accumulators that are the result
  AlignedVector<std::int32_t> first, pre, multiplier, half, post;
  NarrowRecords narrow;

  /// `places[k]` is the place of channel k in the arrays, which have `stride` channels for each of `groups`. `weight` has
  /// `depth` codes for each channel. Each code of x was raised by `offset`.
  void set(const kernels::OutputChannels& output, const std::int8_t* weight, int depth, int offset,
           const std::vector<int>& places, int stride, int groups) {
    const auto size = static_cast<std::size_t>(stride * groups);
    for (auto* values : {&sum_first, &first, &pre, &multiplier, &half, &post}) values->assign(size, 0);
    narrow.clear(size);
    is_narrow_ = true;
    fits_ = true;
    for (std::size_t k = 0; k < places.size(); ++k, weight += depth) {
      const auto at = static_cast<std::size_t>(places[k]);
      std::int64_t sum = 0, most = 0;
      for (int i = 0; i < depth; ++i) {
        sum += weight[i];
        most += std::abs(weight[i]);
      }
      const std::int64_t bias = output.bias != nullptr ? output.bias[k] : 0;
      sum_first[at] = first[at] = static_cast<std::int32_t>(static_cast<std::uint32_t>(bias - offset * sum));
      if (output.requantization == nullptr) continue;
      const Requantization& record = output.requantization[k];
      const std::int32_t first_half = half_of(record.pre_shift);
      fits_ &= most * 128 + std::abs(bias) + first_half <= INT32_MAX;
      first[at] =
          static_cast<std::int32_t>(static_cast<std::uint32_t>(first[at]) + static_cast<std::uint32_t>(first_half));
      pre[at] = record.pre_shift;
      multiplier[at] = record.multiplier;
      half[at] = half_of(record.post_shift);
      post[at] = record.post_shift;
      is_narrow_ &= record.post_shift > 16;
      if (is_narrow_) narrow.set(places[k], stride, record);
    }
  }

  bool is_narrow() const { return is_narrow_; }
  bool fits() const { return fits_; }

 private:
  static constexpr std::int32_t half_of(int shift) { return shift > 0 ? std::int32_t{1} << (shift - 1) : 0; }

  bool fits_ = true, is_narrow_ = true;
};

}  // namespace quench::host
