// SPDX-License-Identifier: Apache-2.0
// Where the tensors of a pass lie in one piece of memory on the host. Tensors that do not live at one time share it.
//
// The plan is made for one sample, in lines of the cache. For a block of samples everything is that many times as large,
// so one plan serves blocks of any size. Nothing is computed in place: vector kernels may assume that their operands and
// their result are apart. The placement is that of the device's arena.
#pragma once

#include <cstddef>
#include <vector>

#include <quench/device/memory_plan.hpp>

namespace quench {

/// A plan of tensors. Add all of them, then `place`.
class TensorPlan {
 public:
  static constexpr std::size_t line = 64;

  /// Adds a tensor that step `first` writes and step `last` reads last. Returns its number.
  /// Units    bytes of one sample
  int add(std::size_t bytes, int first, int last) {
    buffers_.push_back({static_cast<int>((bytes + line - 1) / line), first, last, 0});
    return static_cast<int>(buffers_.size()) - 1;
  }

  void place() {
    std::vector<int> order(buffers_.size());
    lines_ = static_cast<std::size_t>(
        device::place_buffers(buffers_.data(), order.data(), static_cast<int>(buffers_.size())));
  }

  /// Where a tensor begins when the memory has room for so many samples.
  std::size_t offset(int tensor, int samples) const {
    return static_cast<std::size_t>(buffers_[static_cast<std::size_t>(tensor)].offset) * line *
           static_cast<std::size_t>(samples);
  }
  /// The memory that all tensors need.
  std::size_t bytes(int samples) const { return lines_ * line * static_cast<std::size_t>(samples); }

 private:
  std::vector<device::Buffer> buffers_;
  std::size_t lines_ = 0;
};

}  // namespace quench
