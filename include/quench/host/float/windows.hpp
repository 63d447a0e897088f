// SPDX-License-Identifier: Apache-2.0
// The positions of a convolution's windows: along one axis, and in images with the padding written out.
//
// A convolution and its input gradient are the same walk. Position i of a result reads source position `source + i *
// source_step + offset` for each tap. The input gradient of a convolution with a stride is divided into `stride` walks:
// the pixels of one remainder see the same taps of every window.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>

#include <quench/host/float/product.hpp>

namespace quench::host::detail {

/// Result positions first + i * step, and the positions that they read.
struct Walk {
  int first = 0, step = 1, count = 0;
  int source = 0, source_step = 1;
  int tap = 0, tap_step = 1, tap_count = 0;  // which taps of the kernel
  int offset = 0, offset_step = 0;           // tap t is at offset + t * offset_step

  bool empty() const { return count <= 0 || tap_count <= 0; }
  int lowest() const { return source + std::min(offset, offset + (tap_count - 1) * offset_step); }
  int highest() const {
    return source + (count - 1) * source_step + std::max(offset, offset + (tap_count - 1) * offset_step);
  }
};

struct Axis {
  int in = 0, out = 0, kernel = 1, stride = 1, padding = 0, dilation = 1;

  Walk forward(int begin, int end) const {
    Walk walk;
    walk.first = begin;
    walk.count = end - begin;
    walk.source = begin * stride - padding;
    walk.source_step = stride;
    walk.tap_count = kernel;
    walk.offset_step = dilation;
    return walk;
  }

  /// The inputs in [begin, end) for which (input + padding) % stride is the remainder. They read outputs.
  Walk gradient(int remainder, int begin, int end) const {
    Walk walk;
    while (walk.tap < kernel && walk.tap * dilation % stride != remainder) ++walk.tap;
    walk.tap_step = stride / std::gcd(stride, dilation);
    walk.tap_count = (kernel - walk.tap + walk.tap_step - 1) / walk.tap_step;
    walk.offset = -(walk.tap * dilation / stride);
    walk.offset_step = -(walk.tap_step * dilation / stride);
    int at = begin;
    while ((at + padding) % stride != remainder) ++at;
    walk.first = at;
    walk.step = stride;
    walk.count = at < end ? (end - at + stride - 1) / stride : 0;
    walk.source = (at + padding - remainder) / stride;
    return walk;
  }
};

/// The positions of a source that walks read.
struct Reach {
  int begin = 0, end = 0;

  void include(const Walk& walk) {
    if (walk.empty()) return;
    const bool fresh = begin == end;
    begin = fresh ? walk.lowest() : std::min(begin, walk.lowest());
    end = fresh ? walk.highest() + 1 : std::max(end, walk.highest() + 1);
  }
  int size() const { return end - begin; }
  bool inside(int extent) const { return begin >= 0 && end <= extent; }
};

/// An image for windows: pixel (rows.begin, columns.begin) is at data.
struct Image {
  const float* data = nullptr;
  std::ptrdiff_t pixel = 0, row = 0, sample = 0;  // steps

  std::ptrdiff_t at(int y, int x) const { return y * row + x * pixel; }
};

struct SourceShape {
  int height = 0, width = 0, channels = 0;

  std::ptrdiff_t row() const { return std::ptrdiff_t{width} * channels; }
  std::ptrdiff_t sample() const { return height * row(); }
};

/// The reached part of some samples. Copied, with zeros around it, only if necessary.
inline Image reached(const float* source, SourceShape shape, int samples, Reach rows, Reach columns, bool copy) {
  const std::ptrdiff_t pixel = shape.channels;
  if (!copy) return {source + rows.begin * shape.row() + columns.begin * pixel, pixel, shape.row(), shape.sample()};
  const std::ptrdiff_t row = columns.size() * pixel, sample = rows.size() * row;
  constexpr std::size_t over = 64;  // vectors of channels read over the last pixel
  float* const start = scratch<Scratch::Source, float>(static_cast<std::size_t>(samples * sample) + over);
  const int left = std::clamp(-columns.begin, 0, columns.size());
  const int filled = std::clamp(shape.width - (columns.begin + left), 0, columns.size() - left);
  float* to = start;
  for (int n = 0; n < samples; ++n)
    for (int y = rows.begin; y < rows.end; ++y, to += row) {
      if (y < 0 || y >= shape.height || filled == 0) {
        std::fill_n(to, row, 0.0f);
        continue;
      }
      const float* const from = source + n * shape.sample() + y * shape.row() + (columns.begin + left) * pixel;
      std::fill_n(to, left * pixel, 0.0f);
      std::copy_n(from, filled * pixel, to + left * pixel);
      std::fill(to + (left + filled) * pixel, to + row, 0.0f);
    }
  return {start, pixel, row, sample};
}

struct Grid {
  int samples = 0, down = 0, across = 0;

  std::size_t size() const {
    return static_cast<std::size_t>(samples) * static_cast<std::size_t>(down) * static_cast<std::size_t>(across);
  }
  friend bool operator==(const Grid&, const Grid&) = default;

  /// Their positions in a tensor with these distances between samples, rows and pixels.
  void places(std::ptrdiff_t sample, std::ptrdiff_t row, std::ptrdiff_t pixel, std::ptrdiff_t* to) const {
    for (int n = 0; n < samples; ++n)
      for (int y = 0; y < down; ++y) {
        const std::ptrdiff_t first = n * sample + y * row;
        for (int x = 0; x < across; ++x) *to++ = first + x * pixel;
      }
  }
};

/// The part of a batch that is computed at once, so that its source stays in the second-level cache: some samples, or
/// some rows of one sample, a multiple of `multiple`.
struct Piece {
  int samples = 1, rows = 1;
};

inline Piece piece_of(int samples, int height, int width, int multiple, std::ptrdiff_t source_sample) {
  constexpr std::ptrdiff_t floats = 1 << 16, pixels = 1024;
  const std::ptrdiff_t sample_pixels = std::max<std::ptrdiff_t>(std::ptrdiff_t{height} * width, 1);
  source_sample = std::max<std::ptrdiff_t>(source_sample, 1);
  if (source_sample <= floats)
    return {static_cast<int>(std::clamp<std::ptrdiff_t>(std::min(floats / source_sample, pixels / sample_pixels), 1,
                                                        std::max(samples, 1))),
            height};
  const std::ptrdiff_t rows = std::max<std::ptrdiff_t>(height * floats / source_sample, 1);
  return {1, static_cast<int>(std::min<std::ptrdiff_t>((rows + multiple - 1) / multiple * multiple, height))};
}

}  // namespace quench::host::detail
