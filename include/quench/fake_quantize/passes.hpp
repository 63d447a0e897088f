// SPDX-License-Identifier: Apache-2.0
// The forward and backward passes of all fake-quantizers. They check arguments, call the loops of
// host/fake_quantize/fake_quantize.hpp, and turn their findings into errors.
//
// Arguments may overlap: a result that overlaps an argument is written to other memory first. So an error leaves the
// arguments unchanged. Only a result without overlap may be partly written.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <quench/host/fake_quantize/fake_quantize.hpp>
#include <quench/tensors/quantize.hpp>

namespace quench::fake_quantize {

inline void check_size(std::size_t needed, std::size_t given, const char* what) {
  if (needed != given)
    throw Error(diagnosis::shape_mismatch,
                std::string(what) + ": needed " + std::to_string(needed) + ", given " + std::to_string(given));
}

/// A gradient has the shape of its tensor, or is one row with as many values.
inline void check_shape(const FloatInput& x, const FloatInput& gradient) {
  check_size(x.size(), gradient.size(), "values of the gradient");
  if (gradient.extents().rank > 1 && x.extents().rank > 1 && !(gradient.extents() == x.extents()))
    throw Error(diagnosis::shape_mismatch,
                "gradient: needed " + x.extents().text() + ", given " + gradient.extents().text());
}

inline bool overlap(std::span<const float> a, std::span<const float> b) {
  const std::less<const float*> before;
  return !a.empty() && !b.empty() && before(a.data(), b.data() + b.size()) && before(b.data(), a.data() + a.size());
}

/// Calls write(float*) with memory for a result that overlaps no argument.
template <class Write>
void write_apart(std::span<float> result, std::initializer_list<std::span<const float>> arguments, const Write& write) {
  if (std::none_of(arguments.begin(), arguments.end(), [&](auto x) { return overlap(x, result); })) {
    write(result.data());
    return;
  }
  std::vector<float> elsewhere(result.size());
  write(elsewhere.data());
  std::copy(elsewhere.begin(), elsewhere.end(), result.begin());
}

inline void forward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits, std::span<float> y) {
  tensors::check_not_empty(x);
  check_size(x.size(), y.size(), "values of the result");
  const ChannelLayout layout = qparams.layout(x.extents());
  write_apart(y, {x.values()}, [&](float* result) {
    if (!host::fake_quantize(layout, qparams.scales, limits, x.data(), result)) tensors::throw_nan(x);
  });
}

/// Also writes a bit for each value, 1 inside the codes.
inline void forward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits, std::span<float> y,
                         std::span<std::uint8_t> mask) {
  tensors::check_not_empty(x);
  check_size(x.size(), y.size(), "values of the result");
  check_size((x.size() + 7) / 8, mask.size(), "bytes of the mask");
  const ChannelLayout layout = qparams.layout(x.extents());
  write_apart(y, {x.values()}, [&](float* result) {
    if (!host::fake_quantize(layout, qparams.scales, limits, x.data(), result, mask.data())) tensors::throw_nan(x);
  });
}

/// grad_x = grad_y where x is inside the codes, 0 elsewhere.
inline void backward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits,
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

/// grad_x = grad_y where the mask has a 1, 0 elsewhere.
inline void backward_pass(std::span<const std::uint8_t> mask, const FloatInput& grad_y, std::span<float> grad_x) {
  check_size((grad_y.size() + 7) / 8, mask.size(), "bytes of the mask");
  check_size(grad_y.size(), grad_x.size(), "values of the result");
  write_apart(grad_x, {grad_y.values()}, [&](float* result) {
    for (std::size_t i = 0; i < grad_y.size(); ++i) result[i] = (mask[i / 8] >> (i % 8)) & 1 ? grad_y.data()[i] : 0.0f;
  });
}

/// The result of a fake-quantizer's forward pass, in a container like x.
template <class FakeQuantizer, FloatTensor X>
ResultFor<X> apply(FakeQuantizer& quantizer, const X& x) {
  const FloatInput input(x);
  auto y = make_result<X>(input.extents());
  quantizer.forward(input, y);
  return y;
}

}  // namespace quench::fake_quantize
