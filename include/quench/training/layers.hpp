// SPDX-License-Identifier: Apache-2.0
// Convolutions, transposed ones and Linear in float, forward and backward, with the kernels of host/.
//
// A transposed convolution is the gradient of a convolution with respect to its input. It is computed that way, with
// the weight's first and last axes exchanged inside each group.
#pragma once

#include <vector>

#include <quench/host/float/channels.hpp>
#include <quench/host/float/conv2d.hpp>
#include <quench/host/float/gemm.hpp>
#include <quench/training/operand.hpp>

namespace quench::training {

namespace detail {

inline std::ptrdiff_t weight_elements(const Settings& s) {
  return static_cast<std::ptrdiff_t>(s.out_channels) * s.kernel_size.height * s.kernel_size.width *
         (s.in_channels / s.groups);
}

/// `from` and `to` are the shapes of the operand and the output, or the other way round.
inline host::FloatConv2d convolution(const Call& call, const Shape& from, const Shape& to) {
  const Settings& s = call.settings();
  const Shape x = as_map(from), y = as_map(to);
  return {call.samples,       x[0],       x[1],    x[2], y[0], y[1], y[2], s.kernel_size, s.stride,
          s.padding.before(), s.dilation, s.groups};
}

/// Maps [K, kh, kw, C/groups] to [C, kh, kw, K/groups]: visit(index in the first, index in the second).
template <class Visit>
void for_each_exchanged(const Settings& s, Visit visit) {
  const int taps = s.kernel_size.height * s.kernel_size.width;
  const int depth = s.in_channels / s.groups, filters = s.out_channels / s.groups;
  for (int k = 0; k < s.out_channels; ++k)
    for (int tap = 0; tap < taps; ++tap)
      for (int d = 0; d < depth; ++d) {
        const std::ptrdiff_t c = k / filters * depth + d;
        visit((static_cast<std::ptrdiff_t>(k) * taps + tap) * depth + d, (c * taps + tap) * filters + k % filters);
      }
}

inline std::vector<float> exchanged(const Settings& s, const float* weight) {
  std::vector<float> result(static_cast<std::size_t>(weight_elements(s)));
  for_each_exchanged(
      s, [&](std::ptrdiff_t from, std::ptrdiff_t to) { result[static_cast<std::size_t>(to)] = weight[from]; });
  return result;
}

inline void add_row_sums(const float* rows, std::ptrdiff_t count, int channels, float* sums) {
  std::vector<double> found(static_cast<std::size_t>(channels));
  host::float_channel_sums(rows, static_cast<std::size_t>(count), found.size(), found.data());
  for (std::size_t k = 0; k < found.size(); ++k) sums[k] += static_cast<float>(found[k]);
}

inline int rows_of(const Call& call) {
  return static_cast<int>(call.x[0].sample_size() / call.settings().in_channels) * call.samples;
}

}  // namespace detail

inline void conv2d_forward(const Call& call, const LayerParameters& p) {
  host::float_conv2d(detail::convolution(call, call.x[0].shape, call.y.shape), call.x[0].values, p.weight, p.bias,
                     call.y.values);
}

inline void conv2d_backward(const Call& call, const LayerParameters& p) {
  const host::FloatConv2d conv = detail::convolution(call, call.x[0].shape, call.y.shape);
  if (call.x[0].gradient != nullptr)
    host::float_conv2d_input_gradient(conv, call.y.gradient, p.weight, call.x[0].gradient);
  if (p.weight_gradient != nullptr)
    host::float_conv2d_weight_gradient(conv, call.x[0].values, call.y.gradient, p.weight_gradient, p.bias_gradient);
}

inline void conv_transpose2d_forward(const Call& call, const LayerParameters& p) {
  const int channels = call.settings().out_channels;
  for (std::ptrdiff_t i = 0; i < call.size(); ++i) call.y.values[i] = p.bias != nullptr ? p.bias[i % channels] : 0.0f;
  const std::vector<float> weight = detail::exchanged(call.settings(), p.weight);
  host::float_conv2d_input_gradient(detail::convolution(call, call.y.shape, call.x[0].shape), call.x[0].values,
                                    weight.data(), call.y.values);
}

inline void conv_transpose2d_backward(const Call& call, const LayerParameters& p) {
  const host::FloatConv2d conv = detail::convolution(call, call.y.shape, call.x[0].shape);
  const std::ptrdiff_t x_size = call.x[0].sample_size() * call.samples;
  if (call.x[0].gradient != nullptr) {
    const std::vector<float> weight = detail::exchanged(call.settings(), p.weight);
    std::vector<float> gradient(static_cast<std::size_t>(x_size));
    host::float_conv2d(conv, call.y.gradient, weight.data(), nullptr, gradient.data());
    for (std::ptrdiff_t i = 0; i < x_size; ++i) call.x[0].gradient[i] += gradient[static_cast<std::size_t>(i)];
  }
  if (p.weight_gradient == nullptr) return;
  std::vector<float> gradient(static_cast<std::size_t>(detail::weight_elements(call.settings())));
  host::float_conv2d_weight_gradient(conv, call.y.gradient, call.x[0].values, gradient.data(), nullptr);
  detail::for_each_exchanged(call.settings(), [&](std::ptrdiff_t to, std::ptrdiff_t from) {
    p.weight_gradient[to] += gradient[static_cast<std::size_t>(from)];
  });
  if (p.bias_gradient != nullptr)
    detail::add_row_sums(call.y.gradient, call.size() / conv.in_channels, conv.in_channels, p.bias_gradient);
}

inline void linear_forward(const Call& call, const LayerParameters& p) {
  const int rows = detail::rows_of(call), in = call.settings().in_channels, out = call.settings().out_channels;
  if (p.bias != nullptr)
    for (int row = 0; row < rows; ++row)
      for (int k = 0; k < out; ++k) call.y.values[static_cast<std::ptrdiff_t>(row) * out + k] = p.bias[k];
  host::float_gemm({false, true, rows, out, in, in, in, out, p.bias != nullptr}, call.x[0].values, p.weight,
                   call.y.values);
}

inline void linear_backward(const Call& call, const LayerParameters& p) {
  const int rows = detail::rows_of(call), in = call.settings().in_channels, out = call.settings().out_channels;
  if (call.x[0].gradient != nullptr)
    host::float_gemm({false, false, rows, in, out, out, in, in, true}, call.y.gradient, p.weight, call.x[0].gradient);
  if (p.weight_gradient == nullptr) return;
  host::float_gemm({true, false, out, in, rows, out, in, in, true}, call.y.gradient, call.x[0].values,
                   p.weight_gradient);
  if (p.bias_gradient != nullptr) detail::add_row_sums(call.y.gradient, rows, out, p.bias_gradient);
}

}  // namespace quench::training
