// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/host/workers.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace quench {

struct WorkerPool::Threads {
  explicit Threads(int count) {
    try {
      for (int i = 1; i < count; ++i) threads.emplace_back([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { stop(); }

  void run(int calls, Call task) {
    const std::lock_guard only_run(runs);
    {
      const std::lock_guard lock(mutex);
      call = task;
      call_count = calls;
      next = 0;
      unfinished = calls;
      failed = calls;
      failure = nullptr;
      ++run_count;
    }
    wake.notify_all();
    take_calls();
    wait_a_little([this] { return unfinished == 0; });
    std::unique_lock lock(mutex);
    done.wait(lock, [this] { return unfinished == 0; });
    if (failure) std::rethrow_exception(failure);
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stops = true;
    }
    wake.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  // Waking a thread takes longer than the gap between two passes of a small network, so threads spin before they sleep.
  template <class Condition>
  static void wait_a_little(Condition condition) {
    for (int i = 0; i < 200 && !condition(); ++i) std::this_thread::yield();
  }

  void work() {
    for (int seen = 0;;) {
      wait_a_little([&] { return run_count != seen; });
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return stops || run_count != seen; });
        if (stops) return;
        seen = run_count;
      }
      take_calls();
    }
  }

  void take_calls() {
    std::unique_lock lock(mutex);
    while (next < call_count) {
      const int i = next++;
      lock.unlock();
      std::exception_ptr thrown;
      try {
        call.call(call.task, i);
      } catch (...) {
        thrown = std::current_exception();
      }
      lock.lock();
      if (thrown && i < failed) {
        failed = i;
        failure = thrown;
      }
      if (--unfinished == 0) done.notify_one();
    }
  }

  std::vector<std::thread> threads;
  std::mutex runs, mutex;
  std::condition_variable wake, done;
  Call call{};
  std::exception_ptr failure;
  std::atomic<int> run_count = 0, unfinished = 0;  // changed under the mutex
  int call_count = 0, next = 0, failed = 0;
  bool stops = false;
};

QUENCH_INLINE WorkerPool::WorkerPool(Workers workers) : count_(std::clamp(workers.count, 1, 256)) {
  if (count_ > 1) threads_ = std::make_unique<Threads>(count_);
}
QUENCH_INLINE WorkerPool::~WorkerPool() = default;

QUENCH_INLINE void WorkerPool::run_on_threads(int count, Call call) { threads_->run(count, call); }

}  // namespace quench
