// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/execution/tensor_plan.hpp>

#include <cstddef>
#include <vector>

namespace quench {

QUENCH_INLINE int TensorPlan::add(std::size_t bytes, int first, int last) {
  buffers_.push_back({static_cast<int>((bytes + line - 1) / line), first, last, 0});
  return static_cast<int>(buffers_.size()) - 1;
}

QUENCH_INLINE void TensorPlan::place() {
  std::vector<int> scratch(3 * buffers_.size());
  lines_ = static_cast<std::size_t>(
      device::place_buffers(buffers_.data(), scratch.data(), static_cast<int>(buffers_.size())));
}

QUENCH_INLINE std::size_t TensorPlan::offset(int tensor, int samples) const {
  return static_cast<std::size_t>(buffers_[static_cast<std::size_t>(tensor)].offset) * line *
         static_cast<std::size_t>(samples);
}

}  // namespace quench
