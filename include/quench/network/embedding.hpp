// SPDX-License-Identifier: Apache-2.0
// Embedding: rows of a trained table, looked up by an input of indices. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// The row of an `Embedding` that is not trained: none, or an index. Negative ones count from the end, as in PyTorch.
struct PaddingIndex {
  bool is_given = false;
  int value = 0;

  constexpr PaddingIndex() = default;
  constexpr PaddingIndex(int index) : is_given(true), value(index) {}  // implicit, as in PyTorch
};

/// The row of a table for each index. Its output is quantized without a QuantStub; a DeQuantStub must follow. The table
/// becomes integers at the scale of the output, so a lookup copies codes. What a qconfig says of weights does not
/// matter to it. Calibrate with data that has all common indices: rows that it lacks may saturate.
/// Shapes   indices [...] -> y [..., embedding_dim]; the indices are an input `Indices<...>`
/// Errors   indices-not-looked-up, embedding-without-indices, setting-out-of-range, module-called-once (compile time);
///          index-out-of-range (run time)
/// Equals   torch.nn.Embedding: `padding_idx` names a row without gradient, which begins at 0
struct Embedding {
  int num_embeddings = 0;
  int embedding_dim = 0;
  PaddingIndex padding_idx{};
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Embedding;
  [[nodiscard]] constexpr Symbol operator()(Symbol indices, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = num_embeddings;
    settings.out_channels = embedding_dim;
    if (padding_idx.is_given) {
      const int row = padding_idx.value;  // out of range it stays unchanged, so that a message shows the user's number
      settings.axis_count = 1;
      settings.axes[0] = row < 0 && row + num_embeddings >= 0 ? row + num_embeddings : row;
    }
    return indices.call(op, module_index, line, settings);
  }
};

}  // namespace quench
