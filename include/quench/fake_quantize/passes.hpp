// SPDX-License-Identifier: Apache-2.0
// The forward and backward passes of all fake-quantizers. They check arguments, call the loops of
// host/fake_quantize/fake_quantize.hpp, and turn their findings into errors.
//
// Arguments may overlap: a result that overlaps an argument is written to other memory first. So an error leaves the
// arguments unchanged. Only a result without overlap may be partly written.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/host/fake_quantize/fake_quantize.hpp>
#include <quench/tensors/quantize.hpp>

namespace quench::fake_quantize {

void check_size(std::size_t needed, std::size_t given, const char* what);

/// A gradient has the shape of its tensor, or is one row with as many values.
void check_shape(const FloatInput& x, const FloatInput& gradient);

bool overlap(std::span<const float> a, std::span<const float> b);

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

void forward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits, std::span<float> y);

/// Also writes a bit for each value, 1 inside the codes.
void forward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits, std::span<float> y,
                  std::span<std::uint8_t> mask);

/// grad_x = grad_y where x is inside the codes, 0 elsewhere.
void backward_pass(const FloatInput& x, const QParams& qparams, host::CodeLimits limits, const FloatInput& grad_y,
                   std::span<float> grad_x);

/// grad_x = grad_y where the mask has a 1, 0 elsewhere.
void backward_pass(std::span<const std::uint8_t> mask, const FloatInput& grad_y, std::span<float> grad_x);

/// The result of a fake-quantizer's forward pass, in a container like x.
template <class FakeQuantizer, FloatTensor X>
ResultFor<X> apply(FakeQuantizer& quantizer, const X& x) {
  const FloatInput input(x);
  auto y = make_result<X>(input.extents());
  quantizer.forward(input, y);
  return y;
}

}  // namespace quench::fake_quantize

#if QUENCH_HEADER_ONLY
#include <quench/fake_quantize/passes_impl.hpp>
#endif
