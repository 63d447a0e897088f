// SPDX-License-Identifier: Apache-2.0
// Threads that share the work of a batch.
//
//   quench::WorkerPool pool(quench::Workers{2});
//   pool.run(8, [&](int shard) { ... });          // calls 0 to 7, each once, and returns when all are done
//
// Any thread may run any call, so a call may write only the data of its number. Then results do not depend on the
// number of workers. `run` rethrows the exception of the call with the lowest number.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace quench {

/// The number of threads, including the calling one. Less than 1 counts as 1, more than 256 as 256.
struct Workers {
  int count = 1;
};

/// A pool of threads that live as long as this object. Concurrent calls of `run` wait for each other.
class WorkerPool {
 public:
  explicit WorkerPool(Workers workers = {}) {
    const int count = std::min(workers.count, 256);
    try {
      for (int i = 1; i < count; ++i) threads_.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { stop(); }

  int count() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls task(i) for each i in [0, count). A task may not call `run` of the same pool.
  template <class Task>
  void run(int count, const Task& task) {
    if (threads_.empty() || count < 2) {
      for (int i = 0; i < count; ++i) task(i);
      return;
    }
    const std::lock_guard only_run(run_);
    {
      const std::lock_guard lock(mutex_);
      task_ = [&task](int i) { task(i); };
      count_ = count;
      next_ = 0;
      unfinished_ = count;
      failed_ = count;
      failure_ = nullptr;
      ++runs_;
    }
    wake_.notify_all();
    take_calls();
    wait_a_little([this] { return unfinished_ == 0; });
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return unfinished_ == 0; });
    task_ = nullptr;
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // Waking a thread takes longer than the gap between two passes of a small network, so threads spin before they sleep.
  template <class Condition>
  static void wait_a_little(Condition condition) {
    for (int i = 0; i < 200 && !condition(); ++i) std::this_thread::yield();
  }

  void work() {
    for (int seen = 0;;) {
      wait_a_little([&] { return runs_ != seen; });
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stops_ || runs_ != seen; });
        if (stops_) return;
        seen = runs_;
      }
      take_calls();
    }
  }

  void take_calls() {
    std::unique_lock lock(mutex_);
    while (next_ < count_) {
      const int call = next_++;
      lock.unlock();
      std::exception_ptr failure;
      try {
        task_(call);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure && call < failed_) {
        failed_ = call;
        failure_ = failure;
      }
      if (--unfinished_ == 0) done_.notify_one();
    }
  }

  std::vector<std::thread> threads_;
  std::mutex run_, mutex_;
  std::condition_variable wake_, done_;
  std::function<void(int)> task_;
  std::exception_ptr failure_;
  std::atomic<int> runs_ = 0, unfinished_ = 0;  // changed under the mutex
  int count_ = 0, next_ = 0, failed_ = 0;
  bool stops_ = false;
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
