// SPDX-License-Identifier: Apache-2.0
// How a value of an ONNX graph lies in a value of quench's network.
//
// The file's maps are N, C, H, W, quench's H, W, C without the batch. Exporters also reshape and transpose a lot. So a
// value of the file is kept as a view: the value of quench's network is cut into factors, from the slowest to the
// fastest, and each axis of the file is a row of factors. A map has the factors h, w, c and the file's axes batch, c, h, w;
// flattened it has the axes batch, (c h w). Transpose and Reshape change the view alone. What needs another order in
// memory asks for it (onnx/lowering.hpp), and calls of reshape and permute are written only then.
#pragma once

#include <cstdint>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/constant.hpp>

namespace quench::interop::detail {

/// Factors by their numbers, in an order of their own.
using OnnxFactors = std::vector<std::size_t>;

struct OnnxView {
  static constexpr std::size_t batch = static_cast<std::size_t>(-1);  // in place of a factor

  int value = -1;                   // of the network
  OnnxShape shape{};                // of this value
  OnnxShape factors{};              // extents, none is 1; their product is that of the shape
  std::vector<OnnxFactors> file{};  // the factors of each axis in the file; all factors, each once

  /// A value whose axis i is axis `order[i]` of a file's value with so many axes. The file's axes that are not in the
  /// order have no elements here: the batch, which is axis `batch_axis`, and extents of 1.
  static OnnxView of(int value, const OnnxShape& shape, const std::vector<std::size_t>& order, std::size_t rank,
                     std::size_t batch_axis);

  /// The shape in the file, with a batch of this extent.
  OnnxShape file_shape(std::int64_t batch_extent) const;
  /// The axis of the file that is the batch alone; the number of axes if there is none.
  std::size_t batch_axis() const;
  /// The product of extents.
  std::int64_t extent_of(const OnnxFactors& group) const;

  OnnxView transposed(const std::vector<std::size_t>& order) const;
  /// With another shape in the file. False, and nothing happens, if that needs another order in memory.
  /// Errors   model-not-understood: the batch would be cut
  bool reshape(const OnnxShape& target, std::int64_t batch_extent);

  /// Joins factors that stand together in memory and in an axis of the file.
  void join_neighbours();

  friend bool operator==(const OnnxView&, const OnnxView&) = default;
};

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/view_impl.hpp>
#endif
