// SPDX-License-Identifier: Apache-2.0
// The constants of the steps of an integer network.
//
// They come from a struct that export writes:
//
//   struct fashion_net_weights {
//     using Network = FashionNet;
//     static constexpr quench::DType of(int module);                      // the dtype table
//     static constexpr quench::device::StepConstants steps[...];            // one for each node of the graph
//   };
//
// Freestanding.
#pragma once

#include <concepts>
#include <cstdint>

#include <quench/kernels/add.hpp>
#include <quench/kernels/layer_norm.hpp>
#include <quench/kernels/lookup.hpp>
#include <quench/kernels/scalar.hpp>
#include <quench/kernels/softmax.hpp>
#include <quench/network/dtypes.hpp>

namespace quench::device {

/// The constants of one step. Constants that its operator does not use keep their defaults.
struct StepConstants {
  const std::int8_t* weight = nullptr;             // conv, transposed conv [K,kh,kw,C/groups], linear [K,C], affine [C]
  const std::int32_t* bias = nullptr;              // one for each output channel, or none
  const Requantization* requantization = nullptr;  // conv, linear, affine: one for each output channel; cat, maximum,
                                                   // minimum: one for each operand; PReLU: one, and one
                                                   // for each slope; others: one
  std::int32_t low = INT32_MIN;                    // codes are clamped to [low, high]: ReLU, ReLU6, fused or not
  std::int32_t high = INT32_MAX;
  const int* counts = nullptr;  // average pools whose windows differ: the pixels that each requantization is for
  int x_shift = 0;              // the h of nash.md section 4
  const kernels::Addition* addition = nullptr;               // add, sub, add_relu
  const kernels::ScalarAddition* scalar_addition = nullptr;  // add_scalar
  bool is_negative = false;                                  // mul_scalar by a negative number
  const std::int8_t* int8_table = nullptr;                   // lookups of int8: 256 entries for int8 results
  const std::int16_t* int16_table = nullptr;           // or for int16 results; an Embedding: its rows in one of the two
  const kernels::PiecewiseTable* piecewise = nullptr;  // lookups of int16
  const kernels::SoftmaxTables* softmax = nullptr;
  const kernels::RowNorm* row_norm = nullptr;
  const float* scales = nullptr;               // float data: the scale of the output, or of each channel
  const std::uint16_t* multipliers = nullptr;  // scales relative to the largest, for argmax; none for one
  int scale_count = 1;

  /// The table of codes of one type.
  template <class Code>
  constexpr const Code* table() const {
    if constexpr (sizeof(Code) == 2)
      return int16_table;
    else
      return int8_table;
  }
};

/// What an engine runs: a network, the dtypes of its modules, and their constants.
template <class W>
concept ExportedWeights = DTypeTable<W> && requires(int node) {
  typename W::Network;
  { W::steps[node] } -> std::convertible_to<const StepConstants&>;
};

}  // namespace quench::device
