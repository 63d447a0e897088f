// SPDX-License-Identifier: Apache-2.0
// Every operator of a graph in float, forward and backward: a switch over the kernels of this folder. BatchNorm2d
// appears here as `prepare` leaves it without a layer before it. In training it needs the whole batch (tape.hpp).
#pragma once

#include <quench/ground/compiled.hpp>
#include <quench/training/rearrange.hpp>

namespace quench::training {

void forward(const Call& call, const LayerParameters& parameters);

/// The gradient of a QuantStub is that of its output, which is already 0 where a code saturates.
void straight_through(const Call& call);

/// Adds to the gradients of the operands that need one, and to those of the parameters.
void backward(const Call& call, const LayerParameters& parameters);

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/operators_impl.hpp>
#endif
