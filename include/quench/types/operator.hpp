// SPDX-License-Identifier: Apache-2.0
// The operators that a graph is made of, and what each of them owns.
//
// Rules, marches and engines ask these questions of an operator; nowhere else is there a list of operators by property.
// Freestanding.
#pragma once

#include <quench/ground/text.hpp>

namespace quench {

/// What a node of the graph does.
enum class Operator : unsigned char {
  Input,
  QuantStub,
  DeQuantStub,
  Conv2d,
  ConvTranspose2d,
  Linear,
  BatchNorm2d,
  ReLU,
  ReLU6,
  LeakyReLU,
  Sigmoid,
  Tanh,
  SiLU,
  GELU,
  Softmax,
  MaxPool2d,
  AvgPool2d,
  GlobalAvgPool2d,
  Upsample,
  Add,
  Sub,
  Mul,
  Cat,
  MatMul,
  AddReLU,
  AddScalar,
  MulScalar,
  Maximum,
  Minimum,
  Sum,
  Mean,
  Flatten,
  Reshape,
  Permute,
  Slice,
  Pad,
  FloatFunctional,  // a kind of module only: its nodes are Add, Sub, …
};

/// Has weights, a bias or statistics to be trained.
constexpr bool owns_parameters(Operator op) {
  return op == Operator::Conv2d || op == Operator::ConvTranspose2d || op == Operator::Linear ||
         op == Operator::BatchNorm2d;
}

/// Rearranges or selects values without a parameter of its own: flatten, reshape, permute, slice, pad.
constexpr bool is_shape_function(Operator op) { return op >= Operator::Flatten && op <= Operator::Pad; }

/// An operation of a FloatFunctional.
constexpr bool is_functional(Operator op) { return op >= Operator::Add && op <= Operator::Mean; }

/// Works at the scale of its input, so that its module may be called any number of times.
constexpr bool keeps_input_scale(Operator op) {
  return is_shape_function(op) || op == Operator::ReLU || op == Operator::ReLU6 || op == Operator::MaxPool2d ||
         op == Operator::Upsample;
}

/// Inside the quantized region its module holds a scale for its output, found by calibration.
/// A BatchNorm2d owns none: it becomes part of the layer before it.
constexpr bool owns_output_scale(Operator op) {
  return !keeps_input_scale(op) && op != Operator::Input && op != Operator::DeQuantStub && op != Operator::BatchNorm2d;
}

/// The name of an operator: its type or its function, as a user writes it.
constexpr TextView name_of(Operator op) {
  constexpr TextView names[] = {"Input",
                                "QuantStub",
                                "DeQuantStub",
                                "Conv2d",
                                "ConvTranspose2d",
                                "Linear",
                                "BatchNorm2d",
                                "ReLU",
                                "ReLU6",
                                "LeakyReLU",
                                "Sigmoid",
                                "Tanh",
                                "SiLU",
                                "GELU",
                                "Softmax",
                                "MaxPool2d",
                                "AvgPool2d",
                                "GlobalAvgPool2d",
                                "Upsample",
                                "add",
                                "sub",
                                "mul",
                                "cat",
                                "matmul",
                                "add_relu",
                                "add_scalar",
                                "mul_scalar",
                                "maximum",
                                "minimum",
                                "sum",
                                "mean",
                                "flatten",
                                "reshape",
                                "permute",
                                "slice",
                                "pad",
                                "FloatFunctional"};
  static_assert(sizeof(names) / sizeof(names[0]) == static_cast<int>(Operator::FloatFunctional) + 1);
  return names[static_cast<int>(op)];
}

}  // namespace quench
