// SPDX-License-Identifier: Apache-2.0
// The operators of a graph: one row for each, with all its properties.
//
// Rules, marches, planners, engines and reports read the row; there is no other list of operators by property. Code
// that differs between operators switches over families without a `default:`, so that the compiler names every place
// that lacks a new family. include/quench/README.md says how to add an operator. Freestanding.
#pragma once

#include <quench/ground/text.hpp>

namespace quench {

/// What a node of the graph computes. `row_of` has the properties of each operator.
enum class Operator : unsigned char {
  Input,
  QuantStub,
  DeQuantStub,
  Conv2d,
  ConvTranspose2d,
  Conv1d,
  ConvTranspose1d,
  Linear,
  BatchNorm2d,
  BatchNorm1d,
  ChannelAffine,
  ReLU,
  ReLU6,
  LeakyReLU,
  PReLU,
  Sigmoid,
  Tanh,
  SiLU,
  GELU,
  HardSwish,
  HardSigmoid,
  Clamp,
  ELU,
  Softplus,
  Mish,
  Abs,
  Square,
  Exp,
  Log,
  Sqrt,
  Rsqrt,
  Reciprocal,
  Softmax,
  LayerNorm,
  RMSNorm,
  MaxPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  AdaptiveAvgPool2d,
  GlobalAvgPool2d,
  MaxPool1d,
  AdaptiveMaxPool1d,
  AvgPool1d,
  AdaptiveAvgPool1d,
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
  Embedding,
  FloatFunctional,  // a module type only: its nodes are Add, Sub, …
};

/// The arithmetic of an operator. Operators of one family share their code.
enum class Family : unsigned char {
  Input,
  QuantStub,
  DeQuantStub,
  Convolution,
  TransposedConvolution,
  Linear,
  BatchNorm,
  ChannelAffine,  // a factor and an offset for each channel
  Clamp,          // max(x, 0), perhaps with an upper bound
  PReLU,          // a trained slope below 0
  Function,       // of one value; a table on integers
  Softmax,
  RowNorm,  // over the last axes
  MaxPool,
  AveragePool,
  Upsample,
  Addition,    // of two tensors, with signs and a ReLU
  Product,     // of two tensors, element by element
  Comparison,  // the larger or the smaller of two
  ScalarAddition,
  ScalarProduct,
  Cat,
  MatMul,
  Reduction,  // a sum over axes
  Lookup,     // rows of a table, by a tensor of indices
  View,       // another shape of the same values
  Move,       // values elsewhere
  Handle      // no operator: a FloatFunctional, which has operators
};

/// The scale of an operator's output between the stubs.
enum class OutputScale : unsigned char {
  None,                // it is not quantized, or is part of another operator
  OfInput,             // its module may be called any number of times
  OfInputTimesFactor,  // as OfInput, but its module may be called only once
  Own                  // its module has the scale, which calibration finds
};

/// Where the values of an output come from.
enum class Elements : unsigned char {
  Computed,   // each from many values, or from values elsewhere; pixels of an image become features
  InPlace,    // element i from element i of each operand
  Moved,      // each is a value of an operand
  Resampled,  // each is a mean of pixels
};

/// The shape of an operator's trained weight.
enum class Weight : unsigned char {
  None,
  Filters,   // [out, kh, kw, in / groups]; of a 1-d layer [out, k, in / groups]
  Matrix,    // [out, in]
  Channels,  // [channels]: a number for each, or one for all
  Rows,      // the normalized axes: a factor for each value of a row
  Table      // [num_embeddings, embedding_dim]: the rows of a lookup
};

/// The windows of a pool.
enum class Windows : unsigned char {
  Sliding,  // over the map
  Sharing,  // a given number of them share the map
  Whole     // one, the map
};

/// All properties of an operator.
struct OperatorRow {
  Operator op;
  TextView name;  // the name of its type or function in user code
  Family family;
  OutputScale scale = OutputScale::Own;
  Elements elements = Elements::Computed;
  Weight weight = Weight::None;
  bool has_accumulator = false;       // an int32 sum of products that can be the output
  bool passes_accumulators = false;   // takes int32 and passes it on unchanged
  bool begins_quantized = false;      // its output is quantized, whatever its operand is
  bool is_functional = false;         // an operation of a FloatFunctional
  bool takes_int16 = true;            // on the Nash marches
  bool gives_int16 = true;            // on the Nash marches
  bool is_in_bernoulli2 = true;       // Bernoulli2 has it
  bool divides_by_parameter = false;  // by its first
  bool parameters_ascend = false;     // the second is above the first
  bool is_1d = false;                 // a window over a sequence [L, C], which is a map of one row
  Windows windows = {};               // of a pool
  int upper_bound = 0;                // of a clamp; 0: none
  TextView parameters[2] = {};        // the names of its real settings, in the order of Settings::parameters
};

/// The rows of all operators, in the order of the enumeration.
struct OperatorRows {
  using O = Operator;
  using F = Family;
  using S = OutputScale;
  using E = Elements;
  using W = Weight;
  // clang-format off
  static constexpr OperatorRow of[] = {
      {.op = O::Input, .name = "Input", .family = F::Input, .scale = S::None},
      {.op = O::QuantStub, .name = "QuantStub", .family = F::QuantStub, .elements = E::InPlace, .begins_quantized = true},
      {.op = O::DeQuantStub, .name = "DeQuantStub", .family = F::DeQuantStub, .scale = S::None, .elements = E::InPlace, .passes_accumulators = true},
      {.op = O::Conv2d, .name = "Conv2d", .family = F::Convolution, .weight = W::Filters, .has_accumulator = true},
      {.op = O::ConvTranspose2d, .name = "ConvTranspose2d", .family = F::TransposedConvolution, .weight = W::Filters, .has_accumulator = true},
      {.op = O::Conv1d, .name = "Conv1d", .family = F::Convolution, .weight = W::Filters, .has_accumulator = true, .is_in_bernoulli2 = false, .is_1d = true},
      {.op = O::ConvTranspose1d, .name = "ConvTranspose1d", .family = F::TransposedConvolution, .weight = W::Filters, .has_accumulator = true, .is_in_bernoulli2 = false, .is_1d = true},
      {.op = O::Linear, .name = "Linear", .family = F::Linear, .weight = W::Matrix, .has_accumulator = true},
      {.op = O::BatchNorm2d, .name = "BatchNorm2d", .family = F::BatchNorm, .scale = S::None, .elements = E::InPlace, .weight = W::Channels, .passes_accumulators = true},
      {.op = O::BatchNorm1d, .name = "BatchNorm1d", .family = F::BatchNorm, .scale = S::None, .elements = E::InPlace, .weight = W::Channels, .passes_accumulators = true},
      {.op = O::ChannelAffine, .name = "ChannelAffine", .family = F::ChannelAffine, .elements = E::InPlace, .weight = W::Channels, .has_accumulator = true, .is_in_bernoulli2 = false},
      {.op = O::ReLU, .name = "ReLU", .family = F::Clamp, .scale = S::OfInput, .elements = E::InPlace},
      {.op = O::ReLU6, .name = "ReLU6", .family = F::Clamp, .scale = S::OfInput, .elements = E::InPlace, .upper_bound = 6},
      {.op = O::LeakyReLU, .name = "LeakyReLU", .family = F::Function, .elements = E::InPlace, .parameters = {"negative_slope"}},
      {.op = O::PReLU, .name = "PReLU", .family = F::PReLU, .elements = E::InPlace, .weight = W::Channels, .is_in_bernoulli2 = false, .parameters = {"init"}},
      {.op = O::Sigmoid, .name = "Sigmoid", .family = F::Function, .elements = E::InPlace},
      {.op = O::Tanh, .name = "Tanh", .family = F::Function, .elements = E::InPlace},
      {.op = O::SiLU, .name = "SiLU", .family = F::Function, .elements = E::InPlace},
      {.op = O::GELU, .name = "GELU", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::HardSwish, .name = "HardSwish", .family = F::Function, .elements = E::InPlace},
      {.op = O::HardSigmoid, .name = "HardSigmoid", .family = F::Function, .elements = E::InPlace, .parameters = {"alpha", "beta"}},
      {.op = O::Clamp, .name = "Clamp", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false, .parameters_ascend = true, .parameters = {"low", "high"}},
      {.op = O::ELU, .name = "ELU", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false, .parameters = {"alpha"}},
      {.op = O::Softplus, .name = "Softplus", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false, .divides_by_parameter = true, .parameters = {"beta", "threshold"}},
      {.op = O::Mish, .name = "Mish", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Abs, .name = "Abs", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Square, .name = "Square", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Exp, .name = "Exp", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Log, .name = "Log", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Sqrt, .name = "Sqrt", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Rsqrt, .name = "Rsqrt", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Reciprocal, .name = "Reciprocal", .family = F::Function, .elements = E::InPlace, .is_in_bernoulli2 = false},
      {.op = O::Softmax, .name = "Softmax", .family = F::Softmax, .is_in_bernoulli2 = false},
      {.op = O::LayerNorm, .name = "LayerNorm", .family = F::RowNorm, .weight = W::Rows, .is_in_bernoulli2 = false},
      {.op = O::RMSNorm, .name = "RMSNorm", .family = F::RowNorm, .weight = W::Rows, .is_in_bernoulli2 = false},
      {.op = O::MaxPool2d, .name = "MaxPool2d", .family = F::MaxPool, .scale = S::OfInput, .elements = E::Moved, .takes_int16 = false, .gives_int16 = false},
      {.op = O::AdaptiveMaxPool2d, .name = "AdaptiveMaxPool2d", .family = F::MaxPool, .scale = S::OfInput, .elements = E::Moved, .takes_int16 = false, .gives_int16 = false, .is_in_bernoulli2 = false, .windows = Windows::Sharing},
      {.op = O::AvgPool2d, .name = "AvgPool2d", .family = F::AveragePool, .elements = E::Resampled, .takes_int16 = false},
      {.op = O::AdaptiveAvgPool2d, .name = "AdaptiveAvgPool2d", .family = F::AveragePool, .elements = E::Resampled, .takes_int16 = false, .is_in_bernoulli2 = false, .windows = Windows::Sharing},
      {.op = O::GlobalAvgPool2d, .name = "GlobalAvgPool2d", .family = F::AveragePool, .elements = E::Resampled, .takes_int16 = false, .windows = Windows::Whole},
      {.op = O::MaxPool1d, .name = "MaxPool1d", .family = F::MaxPool, .scale = S::OfInput, .elements = E::Moved, .takes_int16 = false, .gives_int16 = false, .is_in_bernoulli2 = false, .is_1d = true},
      {.op = O::AdaptiveMaxPool1d, .name = "AdaptiveMaxPool1d", .family = F::MaxPool, .scale = S::OfInput, .elements = E::Moved, .takes_int16 = false, .gives_int16 = false, .is_in_bernoulli2 = false, .is_1d = true, .windows = Windows::Sharing},
      {.op = O::AvgPool1d, .name = "AvgPool1d", .family = F::AveragePool, .elements = E::Resampled, .takes_int16 = false, .is_in_bernoulli2 = false, .is_1d = true},
      {.op = O::AdaptiveAvgPool1d, .name = "AdaptiveAvgPool1d", .family = F::AveragePool, .elements = E::Resampled, .takes_int16 = false, .is_in_bernoulli2 = false, .is_1d = true, .windows = Windows::Sharing},
      {.op = O::Upsample, .name = "Upsample", .family = F::Upsample, .scale = S::OfInput, .elements = E::Resampled, .takes_int16 = false, .gives_int16 = false},
      {.op = O::Add, .name = "add", .family = F::Addition, .elements = E::InPlace, .is_functional = true},
      {.op = O::Sub, .name = "sub", .family = F::Addition, .elements = E::InPlace, .is_functional = true},
      {.op = O::Mul, .name = "mul", .family = F::Product, .elements = E::InPlace, .is_functional = true},
      {.op = O::Cat, .name = "cat", .family = F::Cat, .elements = E::Moved, .is_functional = true},
      {.op = O::MatMul, .name = "matmul", .family = F::MatMul, .has_accumulator = true, .is_functional = true},
      {.op = O::AddReLU, .name = "add_relu", .family = F::Addition, .elements = E::InPlace, .is_functional = true},
      {.op = O::AddScalar, .name = "add_scalar", .family = F::ScalarAddition, .elements = E::InPlace, .is_functional = true, .parameters = {"scalar"}},
      {.op = O::MulScalar, .name = "mul_scalar", .family = F::ScalarProduct, .scale = S::OfInputTimesFactor, .elements = E::InPlace, .is_functional = true, .parameters = {"scalar"}},
      {.op = O::Maximum, .name = "maximum", .family = F::Comparison, .elements = E::InPlace, .is_functional = true},
      {.op = O::Minimum, .name = "minimum", .family = F::Comparison, .elements = E::InPlace, .is_functional = true},
      {.op = O::Sum, .name = "sum", .family = F::Reduction, .is_functional = true},
      {.op = O::Mean, .name = "mean", .family = F::Reduction, .is_functional = true},
      {.op = O::Flatten, .name = "flatten", .family = F::View, .scale = S::OfInput, .elements = E::Moved, .passes_accumulators = true},
      {.op = O::Reshape, .name = "reshape", .family = F::View, .scale = S::OfInput, .elements = E::Moved, .passes_accumulators = true},
      {.op = O::Permute, .name = "permute", .family = F::Move, .scale = S::OfInput, .elements = E::Moved, .passes_accumulators = true},
      {.op = O::Slice, .name = "slice", .family = F::Move, .scale = S::OfInput, .elements = E::Moved, .passes_accumulators = true},
      {.op = O::Pad, .name = "pad", .family = F::Move, .scale = S::OfInput, .elements = E::Moved},
      {.op = O::Embedding, .name = "Embedding", .family = F::Lookup, .weight = W::Table, .begins_quantized = true, .takes_int16 = false, .is_in_bernoulli2 = false},
      {.op = O::FloatFunctional, .name = "FloatFunctional", .family = F::Handle},
  };
  // clang-format on
};

/// How many operators there are.
inline constexpr int operator_count = static_cast<int>(sizeof OperatorRows::of / sizeof OperatorRows::of[0]);

/// The row of an operator.
constexpr const OperatorRow& row_of(Operator op) { return OperatorRows::of[static_cast<int>(op)]; }

static_assert(
    [] {
      int place = 0;
      for (const OperatorRow& row : OperatorRows::of)
        if (static_cast<int>(row.op) != place++) return false;
      return place == static_cast<int>(Operator::FloatFunctional) + 1;
    }(),
    "each operator has one row, in the order of the enumeration");

/// The name of an operator, as layers are called: "Conv2d".
constexpr TextView name_of(Operator op) { return row_of(op).name; }
/// The family of an operator. Operators of one family share their code.
constexpr Family family_of(Operator op) { return row_of(op).family; }

/// True if training changes its weights, bias or statistics.
constexpr bool is_trained(Operator op) { return row_of(op).weight != Weight::None; }

/// True if a qconfig rounds its weights to codes.
constexpr bool rounds_weights(Operator op) {
  return row_of(op).weight == Weight::Filters || row_of(op).weight == Weight::Matrix;
}

/// True if its weights become integers, with a scale for each output channel. The factors of a ChannelAffine are not
/// rounded: their scales contain them.
constexpr bool has_integer_weights(Operator op) { return rounds_weights(op) || family_of(op) == Family::ChannelAffine; }

/// True if it rearranges or selects values without a scale: flatten, reshape, permute, slice, pad.
constexpr bool is_shape_function(Operator op) { return family_of(op) == Family::View || family_of(op) == Family::Move; }

/// True if it uses the scale of its input, so that its module may be called any number of times.
constexpr bool keeps_input_scale(Operator op) { return row_of(op).scale == OutputScale::OfInput; }

/// True if its module has a scale for its output inside the quantized region.
constexpr bool owns_output_scale(Operator op) {
  return row_of(op).scale == OutputScale::Own || row_of(op).scale == OutputScale::OfInputTimesFactor;
}

/// True if a setter gives it a qconfig inside the quantized region: its output has a dtype and a scale of its own.
constexpr bool takes_qconfig(Operator op) { return row_of(op).scale == OutputScale::Own; }

}  // namespace quench
