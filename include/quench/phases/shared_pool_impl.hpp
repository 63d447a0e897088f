// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/shared_pool.hpp>
#include <quench/tensors/error.hpp>

namespace quench::phases {

QUENCH_INLINE void SharedPool::require() const {
  if (!pool_) throw Error(diagnosis::model_moved_from, "");
}

QUENCH_INLINE WorkerPool& SharedPool::operator*() const {
  require();
  return *pool_;
}

}  // namespace quench::phases
