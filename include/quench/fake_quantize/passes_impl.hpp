// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/fake_quantize/passes.hpp>

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace quench::fake_quantize {

QUENCH_INLINE void check_size(std::size_t needed, std::size_t given, const char* what) {
  if (needed != given)
    throw Error(diagnosis::shape_mismatch,
                std::string(what) + ": needed " + std::to_string(needed) + ", given " + std::to_string(given));
}

QUENCH_INLINE void check_shape(const FloatInput& x, const FloatInput& gradient) {
  check_size(x.size(), gradient.size(), "values of the gradient");
  if (gradient.extents().rank > 1 && x.extents().rank > 1 && !(gradient.extents() == x.extents()))
    throw Error(diagnosis::shape_mismatch,
                "gradient: needed " + x.extents().text() + ", given " + gradient.extents().text());
}

QUENCH_INLINE bool overlap(std::span<const float> a, std::span<const float> b) {
  const std::less<const float*> before;
  return !a.empty() && !b.empty() && before(a.data(), b.data() + b.size()) && before(b.data(), a.data() + a.size());
}

QUENCH_INLINE void forward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits,
                                std::span<float> y) {
  tensors::check_not_empty(x);
  check_size(x.size(), y.size(), "values of the result");
  const ChannelLayout layout = qparams.layout(x.extents());
  write_apart(y, {x.values()}, [&](float* result) {
    if (!host::fake_quantize(layout, qparams.scales, limits, x.data(), result)) tensors::throw_nan(x);
  });
}

QUENCH_INLINE void forward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits,
                                std::span<float> y, std::span<std::uint8_t> mask) {
  tensors::check_not_empty(x);
  check_size(x.size(), y.size(), "values of the result");
  check_size((x.size() + 7) / 8, mask.size(), "bytes of the mask");
  const ChannelLayout layout = qparams.layout(x.extents());
  write_apart(y, {x.values()}, [&](float* result) {
    if (!host::fake_quantize(layout, qparams.scales, limits, x.data(), result, mask.data())) tensors::throw_nan(x);
  });
}

QUENCH_INLINE void backward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits,
                                 const FloatInput& grad_y, std::span<float> grad_x) {
  tensors::check_not_empty(x);
  check_shape(x, grad_y);
  check_size(x.size(), grad_x.size(), "values of the result");
  const ChannelLayout layout = qparams.layout(x.extents());
  write_apart(grad_x, {x.values(), grad_y.values()}, [&](float* result) {
    if (!host::fake_quantize_backward(layout, qparams.scales, limits, x.data(), grad_y.data(), result))
      tensors::throw_nan(x);
  });
}

QUENCH_INLINE void backward_pass(std::span<const std::uint8_t> mask, const FloatInput& grad_y,
                                 std::span<float> grad_x) {
  check_size((grad_y.size() + 7) / 8, mask.size(), "bytes of the mask");
  check_size(grad_y.size(), grad_x.size(), "values of the result");
  write_apart(grad_x, {grad_y.values()}, [&](float* result) {
    for (std::size_t i = 0; i < grad_y.size(); ++i) result[i] = (mask[i / 8] >> (i % 8)) & 1 ? grad_y.data()[i] : 0.0f;
  });
}

}  // namespace quench::fake_quantize
