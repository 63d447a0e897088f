// SPDX-License-Identifier: Apache-2.0
// Transposed convolutions with weights that are packed once: what kernels/conv_transpose2d.hpp defines, equal bit for bit.
//
// Output pixels that are a stride apart meet the same taps. So a transposed convolution is a convolution of stride 1 for
// each phase of the stride, with those taps in reverse order. Each is packed as any convolution is.
#pragma once

#include <algorithm>
#include <numeric>

#include <quench/host/int8/conv2d.hpp>
#include <quench/host/int16/conv2d.hpp>
#include <quench/host/scratch.hpp>

namespace quench::host {

/// One axis of one phase: output pixels first, first + stride, ...
/// Tap k of the transposed kernel reaches output o from (o + padding - k * dilation) / stride, if that is whole.
struct TransposedPhase {
  int first = 0, count = 0;  // output pixels
  int taps = 0, zeros = 0;   // of the convolution; those at its beginning that are zeros
  int padding = 0, dilation = 1;
  // In the transposed kernel: the tap of the convolution's first one after the zeros, and the step down to the next.
  int last_tap = 0, tap_step = 0;

  TransposedPhase(int first_pixel, int extent, int kernel, int stride, int transposed_padding, int transposed_dilation)
      : first(first_pixel), count(first_pixel < extent ? (extent - first_pixel - 1) / stride + 1 : 0) {
    const int common = std::gcd(stride, transposed_dilation), from = first + transposed_padding;
    dilation = transposed_dilation / common;
    tap_step = stride / common;
    int found = 0;
    for (int k = 0; k < kernel; ++k)
      if ((from - k * transposed_dilation) % stride == 0) {
        ++found;
        last_tap = k;
      }
    // Where there is none, a zero stands for them.
    padding = found > 0 ? -((from - last_tap * transposed_dilation) / stride) : 0;
    zeros = found > 0 ? 0 : 1;
    for (; padding < 0; padding += dilation) ++zeros;
    taps = found + zeros;
  }

  /// The tap of the transposed kernel; a negative number stands for zero.
  int source(int tap) const { return tap < zeros ? -1 : last_tap - (tap - zeros) * tap_step; }
};

/// A transposed convolution, packed for the host. `Packed` is PackedConv2d or PackedInt16Conv2d.
template <class Packed>
class PackedConvTranspose2d {
 public:
  PackedConvTranspose2d() = default;
  /// `level`: of `Packed`, one or none.
  template <class... Level>
  PackedConvTranspose2d(const kernels::Convolution& conv, const std::int8_t* weight,
                        const kernels::OutputChannels& output, Level... level)
      : conv_(conv) {
    const kernels::Window& window = conv.window;
    for (int oy = 0; oy < std::min(window.stride.height, conv.y[0]); ++oy)
      for (int ox = 0; ox < std::min(window.stride.width, conv.y[1]); ++ox) {
        const TransposedPhase rows(oy, conv.y[0], window.kernel_size.height, window.stride.height,
                                   window.padding.height, window.dilation.height);
        const TransposedPhase columns(ox, conv.y[1], window.kernel_size.width, window.stride.width,
                                      window.padding.width, window.dilation.width);
        phases_.push_back({rows, columns, {}});
        Phase& phase = phases_.back();
        const kernels::Convolution part{
            conv.x,
            Shape(rows.count, columns.count, conv.y[2]),
            {{rows.taps, columns.taps}, 1, {rows.padding, columns.padding}, {rows.dilation, columns.dilation}},
            conv.groups,
            conv.x_shift};
        phase.packed = Packed(part, weights_of(phase, weight).data(), output, level...);
      }
  }

  /// Other weights of the same shape, other records.
  void repack(const std::int8_t* weight, const kernels::OutputChannels& output) {
    for (Phase& phase : phases_) phase.packed.repack(weights_of(phase, weight).data(), output);
  }

  /// kernels::conv_transpose2d for each of `samples` maps. Several threads may run one object.
  template <class X, class Y>
  void run(int samples, const X* x, Y* y) const {
    run_part(samples, 0, 1, x, y);
  }
  /// The same for a part of the phases, of `parts` in all.
  template <class X, class Y>
  void run_part(int samples, int part, int parts, const X* x, Y* y) const {
    for_phases(samples, part, parts, x, y, [](const Packed& packed, const X* from, Y* to) { packed.run(1, from, to); });
  }
  /// The accumulators, bias included, which nothing clamps.
  template <class X>
  void run_sums(int samples, const X* x, std::int32_t* y) const {
    for_phases(samples, 0, 1, x, y,
               [](const Packed& packed, const X* from, std::int32_t* to) { packed.run_sums(1, from, to); });
  }

  /// How many parts have enough work for a thread.
  int parts() const {
    const std::int64_t products = conv_.x.elements() * std::int64_t{conv_.y[2] / conv_.groups} *
                                  conv_.window.kernel_size.height * conv_.window.kernel_size.width;
    return static_cast<int>(std::clamp<std::int64_t>(products >> 20, 1, static_cast<int>(phases_.size())));
  }

 private:
  struct Phase {
    TransposedPhase rows, columns;
    Packed packed;
  };

  std::vector<std::int8_t> weights_of(const Phase& phase, const std::int8_t* weight) const {
    const Pair kernel = conv_.window.kernel_size;
    const auto depth = static_cast<std::size_t>(conv_.x[2] / conv_.groups);
    std::vector<std::int8_t> weights;
    for (int k = 0; k < conv_.y[2]; ++k)
      for (int ty = 0; ty < phase.rows.taps; ++ty)
        for (int tx = 0; tx < phase.columns.taps; ++tx) {
          const int ky = phase.rows.source(ty), kx = phase.columns.source(tx);
          const auto tap = static_cast<std::size_t>((k * kernel.height + ky) * kernel.width + kx);
          if (ky < 0 || kx < 0)
            weights.insert(weights.end(), depth, 0);
          else
            weights.insert(weights.end(), weight + tap * depth, weight + (tap + 1) * depth);
        }
    return weights;
  }

  template <class X, class Y, class Run>
  void for_phases(int samples, int part, int parts, const X* x, Y* y, Run run) const {
    const auto step = static_cast<std::size_t>(parts);
    for (int n = 0; n < samples; ++n, x += conv_.x.elements(), y += conv_.y.elements())
      for (auto phase = static_cast<std::size_t>(part); phase < phases_.size(); phase += step) {
        if (conv_.window.stride == 1) {
          run(phases_[phase].packed, x, y);
          continue;
        }
        Y* result = detail::scratch<detail::Scratch::Phase, Y>(static_cast<std::size_t>(conv_.y.elements()));
        run(phases_[phase].packed, x, result);
        scatter(phases_[phase], result, y);
      }
  }

  template <class Y>
  void scatter(const Phase& phase, const Y* from, Y* y) const {
    const auto channels = static_cast<std::size_t>(conv_.y[2]);
    for (int i = 0; i < phase.rows.count; ++i) {
      const int row = (phase.rows.first + i * conv_.window.stride.height) * conv_.y[1] + phase.columns.first;
      Y* to = y + static_cast<std::size_t>(row) * channels;
      for (int j = 0; j < phase.columns.count; ++j, from += channels) {
        std::memcpy(to, from, channels * sizeof(Y));
        to += static_cast<std::size_t>(conv_.window.stride.width) * channels;
      }
    }
  }

  kernels::Convolution conv_;
  std::vector<Phase> phases_;
};

}  // namespace quench::host
