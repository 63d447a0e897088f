// SPDX-License-Identifier: Apache-2.0
// Where the tensors of a pass lie in memory on the host. Tensors with separate lifetimes share memory.
//
// The plan is made for one sample, in cache lines. All sizes and offsets scale with the number of samples, so one plan
// serves blocks of any size. Nothing is computed in place: vector kernels may assume that their operands and their
// result do not overlap. The placement is that of the device's arena.
#pragma once

#include <cstddef>
#include <vector>

#include <quench/device/memory_plan.hpp>
#include <quench/ground/compiled.hpp>

namespace quench {

/// A plan of tensors. Add all of them, then `place`.
class TensorPlan {
 public:
  static constexpr std::size_t line = 64;

  /// Adds a tensor that step `first` writes and step `last` reads last. Returns its number.
  /// Units    bytes of one sample
  int add(std::size_t bytes, int first, int last);

  void place();

  /// The offset of a tensor in a memory for this number of samples.
  std::size_t offset(int tensor, int samples) const;
  std::size_t bytes(int samples) const { return lines_ * line * static_cast<std::size_t>(samples); }

 private:
  std::vector<device::Buffer> buffers_;
  std::size_t lines_ = 0;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/execution/tensor_plan_impl.hpp>
#endif
