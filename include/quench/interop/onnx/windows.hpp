// SPDX-License-Identifier: Apache-2.0
// What the windows of ONNX become: settings of convolutions and pools, the pools themselves, and Resize.
#pragma once

#include <cstdint>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/lowering.hpp>

namespace quench::interop::detail {

/// A window over maps or sequences, with one number for each axis.
struct OnnxWindow {
  std::vector<std::int64_t> kernel, strides, dilations, before, after;
  std::vector<std::int64_t> output_padding{};  // of a transposed convolution
  bool is_same = false;                        // Padding::Same

  /// The extents of the result. With `ceil_mode` PyTorch's: the last window begins in the map or in the padding before it.
  /// Errors   model-not-understood: the window does not fit
  OnnxShape output(const OnnxShape& extents, bool ceil_mode = false) const;
  OnnxShape transposed_output(const OnnxShape& extents) const;
  /// Makes the padding of a transposed convolution the same on both sides, and returns where the result then begins
  /// along some axes; `count` is not set.
  std::vector<OnnxRun> take_transposed_padding();
  /// Settings that are not the default; that of a stride is `otherwise`.
  void add_stride(CppSettings& settings, const std::vector<std::int64_t>& otherwise) const;
  void add_padding(CppSettings& settings) const;
  void add_dilation(CppSettings& settings) const;
};

/// Of a node with pads or auto_pad over a map with these extents.
/// Errors   model-not-understood
OnnxWindow onnx_window(OnnxCall& call, const OnnxShape& extents, std::vector<std::int64_t> kernel, bool is_transposed);

/// The view of a layer's result over the map x.
OnnxView map_view(const OnnxView& x, int value, const OnnxShape& shape);

/// The elements [begin, end) of an axis in memory.
int emit_slice(OnnxLowering& lowering, int value, std::size_t axis, std::int64_t begin, std::int64_t end);

/// Pools and Resize. False if the operator is none of these.
/// Errors   model-not-understood
bool lower_window(OnnxLowering& lowering, OnnxCall& call);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/windows_impl.hpp>
#endif
