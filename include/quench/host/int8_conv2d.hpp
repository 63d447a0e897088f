// SPDX-License-Identifier: Apache-2.0
// Convolutions of int8 maps with weights that are packed once: what kernels/conv2d.hpp defines, equal bit for bit.
//
// On CPUs with AVX-512 VNNI a map is copied once with its padding, and blocks of accumulators are summed over the rows
// of the window (int8_block.hpp); elsewhere, and for depthwise convolutions, the kernel itself runs.
#pragma once

#include <quench/host/int8_block.hpp>
#include <quench/kernels/conv2d.hpp>

namespace quench::host {

namespace detail {

/// Memory of a thread that is used again by its next call.
inline std::uint8_t* byte_scratch(std::size_t size) {
  thread_local std::vector<std::uint8_t> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

/// Each code plus 128.
struct AddOffset {
  [[gnu::always_inline]] static void run(const std::int8_t* x, std::uint8_t* y, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(x[i]) ^ 0x80u);
  }
};

}  // namespace detail

/// Weights of a convolution, packed for the host.
class PackedConv2d {
 public:
  PackedConv2d() = default;
  /// `is_fast`: whether to use what the CPU has beyond the portable kernel.
  PackedConv2d(const kernels::Convolution& conv, const std::int8_t* weight, bool is_fast = has_vnni())
      : conv_(conv), depth_(conv.x[2] / conv.groups), filters_(conv.y[2] / conv.groups), is_fast_(is_fast) {
    const Pair kernel = conv.window.kernel_size, dilation = conv.window.dilation, stride = conv.window.stride;
    is_fast_ = is_fast_ && has_vnni() && !(depth_ == 1 && conv.groups > 1);
    whole_rows_ = conv.groups == 1 && dilation.width == 1;
    height_ = (conv.y[0] - 1) * stride.height + (kernel.height - 1) * dilation.height + 1;
    width_ = (conv.y[1] - 1) * stride.width + (kernel.width - 1) * dilation.width + 1;
    const int taps = whole_rows_ ? 1 : kernel.width;
    bytes_ = whole_rows_ ? kernel.width * depth_ : depth_;
    quads_ = (bytes_ + 3) / 4;
    vectors_ = (filters_ + 15) / 16;
    for (int ky = 0; ky < kernel.height; ++ky)
      for (int kx = 0; kx < taps; ++kx)
        offsets_.push_back((static_cast<std::ptrdiff_t>(ky) * dilation.height * width_ +
                            static_cast<std::ptrdiff_t>(kx) * dilation.width) *
                           conv.x[2]);
    repack(weight);
  }

  /// Other weights of the same shape.
  void repack(const std::int8_t* weight) {
    const Pair kernel = conv_.window.kernel_size;
    const int taps = kernel.height * kernel.width, size = taps * depth_;
    if (!is_fast_) {
      packed_.assign(weight, weight + static_cast<std::ptrdiff_t>(conv_.y[2]) * size);
      return;
    }
    packed_.assign(static_cast<std::size_t>(conv_.groups) * group_size(), 0);
    offset_.assign(static_cast<std::size_t>(conv_.y[2]), 0);
    for (int k = 0; k < conv_.y[2]; ++k) {
      const std::int8_t* from = weight + static_cast<std::ptrdiff_t>(k) * size;
      std::int8_t* to = packed_.data() + static_cast<std::size_t>(k / filters_) * group_size();
      const int filter = k % filters_;
      std::int32_t sum = 0;
      for (int i = 0; i < size; ++i) {
        const int segment = i / bytes_, byte = i % bytes_;
        const std::ptrdiff_t quad = static_cast<std::ptrdiff_t>(segment) * quads_ + byte / 4;
        to[(quad * vectors_ * 16 + filter) * 4 + byte % 4] = from[i];
        sum += from[i];
      }
      offset_[static_cast<std::size_t>(k)] = -128 * sum;
    }
  }

  /// kernels::conv2d for each of `samples` maps. Several threads may run one object.
  template <class Y>
  void run(int samples, const std::int8_t* x, Y* y, const kernels::OutputChannels& output) const {
    const std::ptrdiff_t x_size = conv_.x.elements(), y_size = conv_.y.elements();
    if (is_fast_) return run_fast(samples, x, y, output);
    for (int n = 0; n < samples; ++n) kernels::conv2d(x + n * x_size, packed_.data(), y + n * y_size, conv_, output);
  }

 private:
  std::size_t group_size() const { return offsets_.size() * static_cast<std::size_t>(quads_ * vectors_ * 64); }

  template <class Y>
  void run_fast(int samples, const std::int8_t* x, Y* y, const kernels::OutputChannels& output) const {
    constexpr std::int32_t most = sizeof(Y) == 1 ? INT8_MAX : sizeof(Y) == 2 ? INT16_MAX : INT32_MAX;
    const Pair stride = conv_.window.stride;
    const std::ptrdiff_t x_size = conv_.x.elements(), y_row = static_cast<std::ptrdiff_t>(conv_.y[1]) * conv_.y[2];
    const std::size_t size = static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_ * conv_.x[2]) + 4;
    std::uint8_t* map = detail::byte_scratch(size);
    thread_local Int8Epilogue epilogue;
    Int8Block<Y> block;
    block.segments = static_cast<int>(offsets_.size());
    block.a_offsets = offsets_.data();
    block.quads = quads_;
    block.a_row = static_cast<std::ptrdiff_t>(stride.width) * conv_.x[2];
    block.vectors = vectors_;
    block.m = conv_.y[1];
    block.n = filters_;
    block.y_row = conv_.y[2];
    block.epilogue = &epilogue;
    block.low = std::max(output.low, -most - 1);
    block.high = std::min(output.high, most);
    for (int group = 0; group < conv_.groups; ++group) {
      const int first = group * filters_;
      const kernels::OutputChannels part{output.bias != nullptr ? output.bias + first : nullptr,
                                         output.requantization != nullptr ? output.requantization + first : nullptr,
                                         output.low, output.high};
      epilogue.set(part, offset_.data() + first, filters_, !std::is_same_v<Y, std::int32_t>);
      block.weights = packed_.data() + static_cast<std::size_t>(group) * group_size();
      for (int n = 0; n < samples; ++n) {
        copy_map(x + n * x_size, map, size);
        for (int oy = 0; oy < conv_.y[0]; ++oy) {
          block.a = map + (static_cast<std::ptrdiff_t>(oy) * stride.height * width_) * conv_.x[2] + group * depth_;
          block.y = y + (static_cast<std::ptrdiff_t>(n) * conv_.y[0] + oy) * y_row + first;
          int8_block(block);
        }
      }
    }
  }

  // The part of the map that windows meet, each code plus 128, with zeros around it.
  void copy_map(const std::int8_t* x, std::uint8_t* map, std::size_t size) const {
    const int channels = conv_.x[2], top = conv_.window.padding.height, left = conv_.window.padding.width;
    std::memset(map, 0x80, size);
    const int last = std::min(conv_.x[1], width_ - left), first = std::max(0, -left);
    if (last <= first) return;
    for (int row = 0; row < std::min(conv_.x[0], height_ - top); ++row)
      dispatch<detail::AddOffset>(x + (static_cast<std::ptrdiff_t>(row) * conv_.x[1] + first) * channels,
                                  map + (static_cast<std::ptrdiff_t>(row + top) * width_ + left + first) * channels,
                                  static_cast<std::size_t>((last - first) * channels));
  }

  kernels::Convolution conv_;
  int depth_ = 1, filters_ = 1;
  bool is_fast_ = false, whole_rows_ = false;
  int height_ = 0, width_ = 0;  // of the copied map
  int bytes_ = 0, quads_ = 0, vectors_ = 0;
  std::vector<std::ptrdiff_t> offsets_;  // of the segments
  std::vector<std::int8_t> packed_;
  std::vector<std::int32_t> offset_;  // -128 * Σw of each channel
};

}  // namespace quench::host
