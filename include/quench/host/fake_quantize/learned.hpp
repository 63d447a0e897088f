// SPDX-License-Identifier: Apache-2.0
// The backward pass of a learned scale (LSQ): the gradients of x and of the scale in one pass over x.
//
// The gradient of a scale is a sum of many terms of both signs. It is summed in 64 lanes of floats over at most 16
// terms each, then in doubles. That is as fast as floats, and within 16 * 2^-24 < 1e-6 of the sum of magnitudes. Lanes
// and blocks depend only on the layout, so the bits of the sum are the same on every CPU and for every alignment.
#pragma once

#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/host/fake_quantize/fake_quantize.hpp>

namespace quench::host {

/// The gradients of fake-quantization at a learned scale. The gradient of x is grad_y inside the codes, 0 elsewhere.
/// The gradient of a channel's scale is the sum of grad_y * term: qmin where the code of x is below, qmax where it is
/// above, else (code * scale - x) * (1 / scale) in float. `grad_scales` has a value for each channel, without the
/// factor of LSQ. No overlap. False if x contains NaN.
/// Source   torch 1.13, _fake_quantize_learnable_per_tensor_affine_backward
bool learned_backward(ChannelLayout layout, std::span<const float> scales, CodeLimits limits, const float* x,
                      const float* grad_y, float* grad_x, double* grad_scales, Isa isa = best_isa());

}  // namespace quench::host

#if QUENCH_HEADER_ONLY
#include <quench/host/fake_quantize/learned_impl.hpp>
#endif
