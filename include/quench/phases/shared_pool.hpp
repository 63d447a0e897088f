// SPDX-License-Identifier: Apache-2.0
// The threads of a model, shared by its copies. A model that was moved from has none, and using it throws.
#pragma once

#include <memory>

#include <quench/host/workers.hpp>
#include <quench/tensors/error.hpp>

namespace quench::phases {

class SharedPool {
 public:
  explicit SharedPool(Workers workers = {}) : pool_(std::make_shared<WorkerPool>(workers)) {}

  /// Errors   model-moved-from
  void require() const {
    if (!pool_) throw Error(diagnosis::model_moved_from, "");
  }
  WorkerPool& operator*() const {
    require();
    return *pool_;
  }
  WorkerPool* operator->() const { return &**this; }

 private:
  std::shared_ptr<WorkerPool> pool_;
};

}  // namespace quench::phases
