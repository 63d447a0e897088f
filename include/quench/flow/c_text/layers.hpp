// SPDX-License-Identifier: Apache-2.0
// The C text of layers with weights and of products of matrices: kernels/conv2d.hpp, conv_transpose2d.hpp, linear.hpp,
// channel_affine.hpp, prelu.hpp and matmul.hpp with literals.
#pragma once

#include <quench/flow/c_text/step.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::detail::c_text {

void write_convolution(Step& step);
void write_transposed_convolution(Step& step);
void write_linear(Step& step);
void write_channel_affine(Step& step);
void write_prelu(Step& step);
void write_matmul(Step& step);

}  // namespace quench::detail::c_text

#if QUENCH_HEADER_ONLY
#include <quench/flow/c_text/layers_impl.hpp>
#endif
