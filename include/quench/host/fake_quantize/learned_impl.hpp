// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/fake_quantize/learned.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/host/fake_quantize/channels.hpp>
#include <quench/host/fake_quantize/rounding.hpp>

namespace quench::host {

namespace detail {

struct LearnedTensors {
  const float* x;
  const float* grad_y;
  float* grad_x;
  InsideLimits inside;
  double* grad_scales;  // one a channel
  double* row_sums;     // one for each value of a row of scales
};

struct LearnedLoop {
  // Writes the gradient of one value and returns grad_y * term. Bit masks make the choices, as in BackwardLoop.
  [[gnu::always_inline]] static inline float one(float x, float grad_y, float& grad_x, float scale, float reciprocal,
                                                 InsideLimits inside) {
    const float scaled = x * reciprocal;
    const float held = clamped(scaled, inside.low, inside.high);
    const float biased = held + rounding_constant;
    const std::uint32_t keep = held == scaled ? ~0u : 0u;
    grad_x = std::bit_cast<float>(std::bit_cast<std::uint32_t>(grad_y) & keep);
    const float code = biased - rounding_constant;  // outside, qmin or qmax: the term itself
    const float value = code * scale;
    const float error = value - x;
    const auto within = std::bit_cast<std::uint32_t>(error * reciprocal);
    const float term = std::bit_cast<float>((within & keep) | (std::bit_cast<std::uint32_t>(code) & ~keep));
    return grad_y * term;
  }

  [[gnu::always_inline]] static inline std::uint32_t run(UniformScale scale, const LearnedTensors& tensors,
                                                         std::size_t first, std::size_t size) {
    constexpr std::size_t lanes = 64, block = 16 * lanes;
    alignas(64) double totals[lanes] = {};
    const InsideLimits inside = tensors.inside;
    for (std::size_t done = 0; done < size; done += block) {
      const float* __restrict x = tensors.x + first + done;
      const float* __restrict grad_y = tensors.grad_y + first + done;
      float* __restrict grad_x = tensors.grad_x + first + done;
      const std::size_t count = std::min(block, size - done);
      alignas(64) float sums[lanes] = {};
      const auto add = [&](std::size_t i, std::size_t lane) __attribute__((always_inline)) {
        sums[lane] += one(x[i], grad_y[i], grad_x[i], scale.scale, scale.reciprocal, inside);
      };
      std::size_t i = 0;
      for (; i + lanes <= count; i += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane) add(i + lane, lane);
      for (std::size_t lane = 0; i + lane < count; ++lane) add(i + lane, lane);
      for (std::size_t lane = 0; lane < lanes; ++lane) totals[lane] += static_cast<double>(sums[lane]);
    }
    double sum = 0;
    for (const double total : totals) sum += total;
    tensors.grad_scales[scale.channel] += sum;
    return 0;
  }

  [[gnu::always_inline]] static inline std::uint32_t run(RowOfScales scale, const LearnedTensors& tensors,
                                                         std::size_t first, std::size_t size) {
    const float* __restrict x = tensors.x + first;
    const float* __restrict grad_y = tensors.grad_y + first;
    float* __restrict grad_x = tensors.grad_x + first;
    double* __restrict sums = tensors.row_sums;
    const InsideLimits inside = tensors.inside;
    for (std::size_t i = 0; i < size; ++i) {
      const float product = one(x[i], grad_y[i], grad_x[i], scale.scale[i], scale.reciprocal[i], inside);
      sums[i] += static_cast<double>(product);
    }
    return 0;
  }
};

}  // namespace detail

QUENCH_INLINE bool learned_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits,
                                    const float* x, const float* grad_y, float* grad_x, double* grad_scales, Isa isa) {
  std::vector<double> row_sums(detail::row_size(layout));
  std::fill_n(grad_scales, layout.channels, 0.0);
  const detail::LearnedTensors tensors{x, grad_y, grad_x, detail::InsideLimits(limits), grad_scales, row_sums.data()};
  for_each_channel<detail::LearnedLoop>(layout, scales, tensors, isa);
  for (std::size_t i = 0; i < row_sums.size(); ++i) grad_scales[i / layout.inner % layout.channels] += row_sums[i];
  // NaN in x makes a sum NaN, but infinite gradients may too. Only then is x searched for NaN.
  const auto is_nan = [](auto value) { return std::isnan(value); };
  return std::none_of(grad_scales, grad_scales + layout.channels, is_nan) || std::none_of(x, x + layout.size(), is_nan);
}

}  // namespace quench::host
