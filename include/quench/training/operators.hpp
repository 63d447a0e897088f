// SPDX-License-Identifier: Apache-2.0
// Every operator of a graph in float, forward and backward: a switch over the kernels of this folder. BatchNorm2d is
// what `prepare` leaves of it where no layer stands before it; while it learns, it needs the whole batch (tape.hpp).
#pragma once

#include <quench/training/activations.hpp>
#include <quench/training/batch_norm.hpp>
#include <quench/training/functional.hpp>
#include <quench/training/layers.hpp>
#include <quench/training/pooling.hpp>
#include <quench/training/rearrange.hpp>

namespace quench::training {

/// Writes call.y.values.
inline void forward(const Call& call, const LayerParameters& parameters) {
  switch (call.node->op) {
    case Operator::Conv2d: return conv2d_forward(call, parameters);
    case Operator::ConvTranspose2d: return conv_transpose2d_forward(call, parameters);
    case Operator::Linear: return linear_forward(call, parameters);
    case Operator::BatchNorm2d: return affine_forward(call, parameters);
    case Operator::ReLU:
    case Operator::ReLU6: return relu_forward(call);
    case Operator::LeakyReLU:
    case Operator::Sigmoid:
    case Operator::Tanh:
    case Operator::SiLU:
    case Operator::GELU: return function_forward(call);
    case Operator::Softmax: return softmax_forward(call);
    case Operator::MaxPool2d: return max_pool2d_forward(call);
    case Operator::AvgPool2d: return avg_pool2d_forward(call);
    case Operator::GlobalAvgPool2d: return global_avg_pool2d_forward(call);
    case Operator::Upsample: return upsample_forward(call);
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::AddReLU:
    case Operator::Maximum:
    case Operator::Minimum: return elementwise_forward(call);
    case Operator::AddScalar:
    case Operator::MulScalar: return scalar_forward(call);
    case Operator::MatMul: return matmul_forward(call);
    case Operator::Cat: return cat_forward(call);
    case Operator::Sum:
    case Operator::Mean: return reduce_forward(call);
    case Operator::Permute:
    case Operator::Slice:
    case Operator::Pad: return move_forward(call);
    case Operator::Input:
    case Operator::QuantStub:
    case Operator::DeQuantStub:
    case Operator::Flatten:
    case Operator::Reshape:
    case Operator::FloatFunctional: return;
  }
}

/// A QuantStub's gradient is that of its output, which is 0 already where a code saturates.
inline void straight_through(const Call& call) {
  for (std::ptrdiff_t i = 0; i < call.size(); ++i) call.x[0].gradient[i] += call.y.gradient[i];
}

/// Adds to the gradients of the operands that want one, and to those of the parameters.
inline void backward(const Call& call, const LayerParameters& parameters) {
  const bool is_layer = owns_parameters(call.node->op);
  bool is_wanted = is_layer;
  for (int i = 0; i < call.node->operand_count; ++i) is_wanted |= call.x[i].gradient != nullptr;
  if (!is_wanted) return;
  switch (call.node->op) {
    case Operator::Conv2d: return conv2d_backward(call, parameters);
    case Operator::ConvTranspose2d: return conv_transpose2d_backward(call, parameters);
    case Operator::Linear: return linear_backward(call, parameters);
    case Operator::QuantStub: return straight_through(call);
    case Operator::BatchNorm2d: return affine_backward(call, parameters);
    case Operator::ReLU:
    case Operator::ReLU6: return relu_backward(call);
    case Operator::LeakyReLU:
    case Operator::Sigmoid:
    case Operator::Tanh:
    case Operator::SiLU:
    case Operator::GELU: return function_backward(call);
    case Operator::Softmax: return softmax_backward(call);
    case Operator::MaxPool2d: return max_pool2d_backward(call);
    case Operator::AvgPool2d: return avg_pool2d_backward(call);
    case Operator::GlobalAvgPool2d: return global_avg_pool2d_backward(call);
    case Operator::Upsample: return upsample_backward(call);
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::AddReLU:
    case Operator::Maximum:
    case Operator::Minimum: return elementwise_backward(call);
    case Operator::AddScalar:
    case Operator::MulScalar: return scalar_backward(call);
    case Operator::MatMul: return matmul_backward(call);
    case Operator::Cat: return cat_backward(call);
    case Operator::Sum:
    case Operator::Mean: return reduce_backward(call);
    case Operator::Permute:
    case Operator::Slice:
    case Operator::Pad: return move_backward(call);
    case Operator::Input:
    case Operator::DeQuantStub:
    case Operator::Flatten:
    case Operator::Reshape:
    case Operator::FloatFunctional: return;
  }
}

}  // namespace quench::training
