// SPDX-License-Identifier: Apache-2.0
// int8 maps enlarged or reduced: what kernels/upsample.hpp defines, equal bit for bit.
//
// Pixels of one channel or a few are copied as words. The weights of a row are computed together, with divisions of
// doubles: a vector has several of them.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/host/scratch.hpp>
#include <quench/kernels/upsample.hpp>

namespace quench::host {

namespace detail {

// row[from[i]] for each of `count` pixels. A known number of channels needs no call of memcpy.
template <int Channels>
void copy_pixels(const std::int8_t* row, const int* from, int count, int channels, std::int8_t* y) {
  const std::size_t size = Channels > 0 ? index(Channels) : index(channels);
  for (int i = 0; i < count; ++i, y += size) std::memcpy(y, row + from[i], size);
}

inline auto copier_of(int channels) {
  switch (channels) {
    case 1: return copy_pixels<1>;
    case 2: return copy_pixels<2>;
    case 3: return copy_pixels<3>;
    case 4: return copy_pixels<4>;
    case 8: return copy_pixels<8>;
    case 16: return copy_pixels<16>;
    case 32: return copy_pixels<32>;
    case 64: return copy_pixels<64>;
    default: return copy_pixels<0>;
  }
}

/// The weights of each pixel of a row, for one distance of the row.
struct RowWeights {
  std::vector<std::int32_t> of[4];
};

/// The columns of a resized row: the offsets of both pixels and the distance from the first.
struct ResizedRow {
  std::vector<int> left, right;
  std::vector<double> distance;
  RowWeights* weights = nullptr;
  const std::int8_t *first = nullptr, *second = nullptr;  // the rows of the map
  int channels = 1;

  explicit ResizedRow(const kernels::Resize& r) : channels(r.channels) {
    kernels::Place place = r.columns.first;
    for (int i = 0; i < r.columns.outputs; ++i, place = r.columns.next(place)) {
      const kernels::Between columns = r.columns.between(place);
      left.push_back(columns.first * channels);
      right.push_back(columns.second * channels);
      distance.push_back(columns.distance);
    }
  }
};

// Weights half up by doubles, where `whole`, the product of the divisors, is at most 2^33. A weight times `whole` is a whole
// number, so one that is not half way between two integers is at least 2^-34 from there; division and sum err by at most
// 2^-37 each.
struct WeighRow {
  [[gnu::always_inline]] static void run(ResizedRow* row, double above, double below, double column_divisor,
                                         double row_divisor) {
    const double whole = column_divisor * row_divisor;
    const std::size_t count = row->left.size();
    const double* const distance = row->distance.data();
    std::vector<std::int32_t>(&of)[4] = row->weights->of;
    std::int32_t *a = of[0].data(), *b = of[1].data(), *c = of[2].data(), *d = of[3].data();
    for (std::size_t i = 0; i < count; ++i) {
      const double right = distance[i], left = column_divisor - right;
      a[i] = static_cast<std::int32_t>(above * left * 65536 / whole + 0.5);
      b[i] = static_cast<std::int32_t>(above * right * 65536 / whole + 0.5);
      c[i] = static_cast<std::int32_t>(below * left * 65536 / whole + 0.5);
      d[i] = 65536 - a[i] - b[i] - c[i];
    }
  }
};

struct BlendRow {
  [[gnu::always_inline]] static void run(const ResizedRow* row, std::int8_t* __restrict y) {
    const int channels = row->channels;
    const std::size_t count = row->left.size();
    const std::vector<std::int32_t>(&weights)[4] = row->weights->of;
    for (std::size_t i = 0; i < count; ++i, y += channels) {
      const std::int8_t *a = row->first + row->left[i], *b = row->first + row->right[i];
      const std::int8_t *c = row->second + row->left[i], *d = row->second + row->right[i];
      const std::int32_t wa = weights[0][i], wb = weights[1][i], wc = weights[2][i], wd = weights[3][i];
      // Weights are 2^16 together, so a sum is a code times 2^16 at most: rounding it cannot overflow.
      for (int k = 0; k < channels; ++k)
        y[k] = static_cast<std::int8_t>((a[k] * wa + b[k] * wb + c[k] * wc + d[k] * wd + (1 << 15)) >> 16);
    }
  }
};

// Where both divisors are powers of two and their product is 2^8 at most, weights of columns in 1 / divisor times weights of
// rows in the rest of 1 / 2^8 are exact. So columns are blended first, once for each row of the map. Sums fit an int16.
static_assert(127 * (1 << 8) + (1 << 7) <= INT16_MAX && -128 * (1 << 8) >= INT16_MIN);

inline bool has_exact_weights(const kernels::Resize& r) {
  const std::uint32_t height = r.rows.divisor, width = r.columns.divisor;
  return (height & (height - 1)) == 0 && (width & (width - 1)) == 0 && std::uint64_t{height} * width <= 1 << 8;
}

struct BlendColumns {
  [[gnu::always_inline]] static void run(const ResizedRow* row, const std::int8_t* x, std::int16_t* y, int divisor) {
    const int channels = row->channels;
    const std::size_t count = row->left.size();
    for (std::size_t i = 0; i < count; ++i, y += channels) {
      const std::int8_t *a = x + row->left[i], *b = x + row->right[i];
      const auto right = static_cast<std::int16_t>(row->distance[i]), left = static_cast<std::int16_t>(divisor - right);
      std::int16_t* __restrict to = y;
      for (int k = 0; k < channels; ++k) to[k] = static_cast<std::int16_t>(a[k] * left + b[k] * right);
    }
  }
};

struct BlendTwoRows {
  [[gnu::always_inline]] static void run(const std::int16_t* a, const std::int16_t* b, std::int8_t* __restrict y,
                                         std::ptrdiff_t count, std::int16_t above, std::int16_t below) {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const auto sum = static_cast<std::int16_t>(a[i] * above + b[i] * below + (1 << 7));
      y[i] = static_cast<std::int8_t>(sum >> 8);
    }
  }
};

inline void blend_exactly(const std::int8_t* x, const kernels::Resize& r, const ResizedRow& row, std::int8_t* y,
                          Isa isa) {
  const int height = static_cast<int>(r.rows.divisor), width = static_cast<int>(r.columns.divisor);
  const int unit = (1 << 8) / (height * width);
  const std::ptrdiff_t line = static_cast<std::ptrdiff_t>(r.columns.extent) * r.channels,
                       size = static_cast<std::ptrdiff_t>(r.columns.outputs) * r.channels;
  // Row i of the map, its columns blended, is at i % 2.
  auto* const blended = scratch<Scratch::Rows, std::int16_t>(2 * static_cast<std::size_t>(size));
  int rows_at[2] = {-1, -1};
  const auto blend = [&](int i) -> const std::int16_t* {
    std::int16_t* const to = blended + i % 2 * size;
    if (std::exchange(rows_at[i % 2], i) != i) run_for<BlendColumns>(isa, &row, x + i * line, to, width);
    return to;
  };
  kernels::Place place = r.rows.first;
  for (int oy = 0; oy < r.rows.outputs; ++oy, place = r.rows.next(place), y += size) {
    const kernels::Between rows = r.rows.between(place);
    const int below = static_cast<int>(rows.distance) * unit, above = height * unit - below;
    const std::int16_t *first = blend(rows.first), *second = blend(rows.second);
    run_for<BlendTwoRows>(isa, first, second, y, size, static_cast<std::int16_t>(above),
                          static_cast<std::int16_t>(below));
  }
}

}  // namespace detail

/// kernels::upsample_nearest.
inline void upsample_nearest(const std::int8_t* x, const kernels::Resize& r, std::int8_t* y) {
  std::vector<int> from;
  kernels::Place place = r.columns.first;
  for (int i = 0; i < r.columns.outputs; ++i, place = r.columns.next(place))
    from.push_back(r.columns.nearest(place, r.nearest_mode) * r.channels);
  const auto copy = detail::copier_of(r.channels);
  const std::ptrdiff_t line = static_cast<std::ptrdiff_t>(r.columns.extent) * r.channels,
                       size = static_cast<std::ptrdiff_t>(r.columns.outputs) * r.channels;
  place = r.rows.first;
  for (int i = 0, before = -1; i < r.rows.outputs; ++i, place = r.rows.next(place), y += size) {
    const int row = r.rows.nearest(place, r.nearest_mode);
    if (row == before)
      std::copy_n(y - size, size, y);
    else
      copy(x + row * line, from.data(), r.columns.outputs, r.channels, y);
    before = row;
  }
}

/// kernels::upsample_bilinear.
inline void upsample_bilinear(const std::int8_t* x, const kernels::Resize& r, std::int8_t* y, Isa isa = best_isa()) {
  detail::ResizedRow row(r);
  if (detail::has_exact_weights(r)) return detail::blend_exactly(x, r, row, y, isa);
  const std::uint32_t height = r.rows.divisor, width = r.columns.divisor;
  const bool fits_double = std::uint64_t{height} * width <= std::uint64_t{1} << 33;
  const std::ptrdiff_t line = static_cast<std::ptrdiff_t>(r.columns.extent) * r.channels;
  // Where the rows have few distances, as at factors such as 2 and 3 / 2, each has its weights computed once.
  const bool keeps_all = height <= 16;
  std::vector<detail::RowWeights> all_weights(keeps_all ? height : 1);
  std::uint32_t weighed = height;  // the distance of the row before; none has this one
  kernels::Place place = r.rows.first;
  for (int oy = 0; oy < r.rows.outputs; ++oy, place = r.rows.next(place)) {
    const kernels::Between rows = r.rows.between(place);
    detail::RowWeights& weights = all_weights[keeps_all ? rows.distance : 0];
    row.weights = &weights;
    const bool is_known = keeps_all ? !weights.of[0].empty() : rows.distance == weighed;
    for (auto& each : weights.of) each.resize(row.left.size());
    if (!is_known && fits_double) {
      run_for<detail::WeighRow>(isa, &row, static_cast<double>(height - rows.distance),
                                static_cast<double>(rows.distance), static_cast<double>(width),
                                static_cast<double>(height));
    } else if (!is_known) {
      kernels::Place column = r.columns.first;
      for (std::size_t i = 0; i < row.left.size(); ++i, column = r.columns.next(column)) {
        const auto w = kernels::pixel_weights(rows, height, r.columns.between(column), width);
        for (int corner = 0; corner < 4; ++corner) weights.of[corner][i] = w.of[corner];
      }
    }
    weighed = rows.distance;
    row.first = x + rows.first * line;
    row.second = x + rows.second * line;
    run_for<detail::BlendRow>(isa, &row, y);
    y += static_cast<std::ptrdiff_t>(r.columns.outputs) * r.channels;
  }
}

}  // namespace quench::host
