// SPDX-License-Identifier: Apache-2.0
// Threads that share the work of a batch.
//
//   quench::WorkerPool pool(quench::Workers{2});
//   pool.run(8, [&](int shard) { ... });          // calls 0 to 7, each once, and returns when all are done
//
// Any thread may run any call, so a call may write only the data of its number. Then results do not depend on the
// number of workers. `run` rethrows the exception of the call with the lowest number.
#pragma once

#include <memory>

#include <quench/ground/compiled.hpp>
#include <quench/network/symbol.hpp>

namespace quench {

/// The number of threads, including the calling one. Less than 1 counts as 1, more than 256 as 256.
struct Workers {
  int count = 1;
};

/// A pool of threads that live as long as this object. Concurrent calls of `run` wait for each other.
class WorkerPool {
 public:
  explicit WorkerPool(Workers workers = {});
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  int count() const { return count_; }

  /// Calls task(i) for each i in [0, count). A task may not call `run` of the same pool.
  template <class Task>
  void run(int count, const Task& task) {
    if (count_ > 1 && count > 1)
      return run_on_threads(count,
                            {&task, [](const void* this_task, int i) { (*static_cast<const Task*>(this_task))(i); }});
    for (int i = 0; i < count; ++i) task(i);
  }

 private:
  // A task and how to call it.
  struct Call {
    const void* task;
    void (*call)(const void* task, int i);
  };
  void run_on_threads(int count, Call call);

  struct Threads;
  std::unique_ptr<Threads> threads_;
  int count_ = 1;
};

/// The number of parts of a batch, for any number of workers.
inline constexpr int batch_shards = 8;

/// Samples [begin, end) of a batch.
struct Shard {
  int begin = 0;
  int end = 0;
  int count() const { return end - begin; }
};

/// Part `shard` of a batch. The sizes of parts differ by at most one sample.
inline Shard shard_of(int samples, int shard) {
  const auto bound = [samples](int i) { return static_cast<int>(static_cast<long long>(samples) * i / batch_shards); };
  return {bound(shard), bound(shard + 1)};
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/host/workers_impl.hpp>
#endif
