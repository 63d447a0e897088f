// SPDX-License-Identifier: Apache-2.0
// The threads of a model, shared by its copies. A model that was moved from has none, and using it throws.
#pragma once

#include <memory>

#include <quench/ground/compiled.hpp>
#include <quench/host/workers.hpp>

namespace quench::phases {

class SharedPool {
 public:
  explicit SharedPool(Workers workers = {}) : pool_(std::make_shared<WorkerPool>(workers)) {}

  /// Errors   model-moved-from
  void require() const;
  WorkerPool& operator*() const;
  WorkerPool* operator->() const { return &**this; }

 private:
  std::shared_ptr<WorkerPool> pool_;
};

}  // namespace quench::phases

#if QUENCH_HEADER_ONLY
#include <quench/phases/shared_pool_impl.hpp>
#endif
