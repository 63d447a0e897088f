// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/operators.hpp>

#include <quench/training/activations.hpp>
#include <quench/training/batch_norm.hpp>
#include <quench/training/embedding.hpp>
#include <quench/training/functional.hpp>
#include <quench/training/layer_norm.hpp>
#include <quench/training/layers.hpp>
#include <quench/training/pooling.hpp>
#include <quench/training/prelu.hpp>
#include <quench/training/rearrange.hpp>

namespace quench::training {

QUENCH_INLINE void forward(const Call& call, const LayerParameters& parameters) {
  switch (family_of(call.node->op)) {
    case Family::Convolution: return conv2d_forward(call, parameters);
    case Family::TransposedConvolution: return conv_transpose2d_forward(call, parameters);
    case Family::Linear: return linear_forward(call, parameters);
    case Family::BatchNorm:
    case Family::ChannelAffine: return affine_forward(call, parameters);
    case Family::Clamp: return relu_forward(call);
    case Family::PReLU: return prelu_forward(call, parameters);
    case Family::Function: return function_forward(call);
    case Family::Softmax: return softmax_forward(call);
    case Family::RowNorm: return row_norm_forward(call, parameters);
    case Family::MaxPool: return max_pool2d_forward(call);
    case Family::AveragePool:
      return row_of(call.node->op).windows == Windows::Whole ? global_avg_pool2d_forward(call)
                                                             : avg_pool2d_forward(call);
    case Family::Upsample: return upsample_forward(call);
    case Family::Addition: return add_forward(call);
    case Family::Product: return mul_forward(call);
    case Family::Comparison: return compare_forward(call);
    case Family::ScalarAddition:
    case Family::ScalarProduct: return scalar_forward(call);
    case Family::MatMul: return matmul_forward(call);
    case Family::Cat: return cat_forward(call);
    case Family::Lookup: return embedding_forward(call, parameters);
    case Family::Reduction: return reduce_forward(call);
    case Family::Move: return move_forward(call);
    case Family::QuantStub:
    case Family::Input:
    case Family::DeQuantStub:
    case Family::View:
    case Family::Handle: return;
  }
}

QUENCH_INLINE void straight_through(const Call& call) {
  for (std::ptrdiff_t i = 0; i < call.size(); ++i) call.x[0].gradient[i] += call.y.gradient[i];
}

QUENCH_INLINE void backward(const Call& call, const LayerParameters& parameters) {
  bool is_wanted = is_trained(call.node->op);
  for (int i = 0; i < call.node->operand_count; ++i) is_wanted |= call.x[i].gradient != nullptr;
  if (!is_wanted) return;
  switch (family_of(call.node->op)) {
    case Family::Convolution: return conv2d_backward(call, parameters);
    case Family::TransposedConvolution: return conv_transpose2d_backward(call, parameters);
    case Family::Linear: return linear_backward(call, parameters);
    case Family::BatchNorm:
    case Family::ChannelAffine: return affine_backward(call, parameters);
    case Family::Clamp: return relu_backward(call);
    case Family::PReLU: return prelu_backward(call, parameters);
    case Family::Function: return function_backward(call);
    case Family::Softmax: return softmax_backward(call);
    case Family::RowNorm: return row_norm_backward(call, parameters);
    case Family::MaxPool: return max_pool2d_backward(call);
    case Family::AveragePool:
      return row_of(call.node->op).windows == Windows::Whole ? global_avg_pool2d_backward(call)
                                                             : avg_pool2d_backward(call);
    case Family::Upsample: return upsample_backward(call);
    case Family::Addition: return add_backward(call);
    case Family::Product: return mul_backward(call);
    case Family::Comparison: return compare_backward(call);
    case Family::ScalarAddition:
    case Family::ScalarProduct: return scalar_backward(call);
    case Family::MatMul: return matmul_backward(call);
    case Family::Cat: return cat_backward(call);
    case Family::Lookup: return embedding_backward(call, parameters);
    case Family::Reduction: return reduce_backward(call);
    case Family::Move: return move_backward(call);
    case Family::QuantStub: return straight_through(call);
    case Family::Input:
    case Family::DeQuantStub:
    case Family::View:
    case Family::Handle: return;
  }
}

}  // namespace quench::training
