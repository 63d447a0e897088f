// SPDX-License-Identifier: Apache-2.0
#include <quench/host/workers.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace q = quench;

TEST_CASE("a pool makes each call once, whatever the number of workers and calls") {
  for (const int workers : {-1, 1, 2, 5}) {
    q::WorkerPool pool(q::Workers{workers});
    CHECK(pool.count() == std::max(workers, 1));
    for (const int calls : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> made(static_cast<std::size_t>(calls));
      pool.run(calls, [&](int i) { ++made[static_cast<std::size_t>(i)]; });
      for (const auto& count : made) CHECK(count == 1);
    }
  }
}

TEST_CASE("a pool throws the exception of the first call that failed, and can be used again") {
  q::WorkerPool pool(q::Workers{3});
  for (int round = 0; round < 50; ++round) {
    try {
      pool.run(20, [](int i) {
        if (i % 7 == 3) throw std::runtime_error(std::to_string(i));
      });
      FAIL("nothing was thrown");
    } catch (const std::runtime_error& error) {
      CHECK(std::string(error.what()) == "3");
    }
    std::atomic<int> sum = 0;
    pool.run(10, [&](int i) { sum += i; });
    CHECK(sum == 45);
  }
}

TEST_CASE("a number of workers that no machine has is held at 256") {
  CHECK(q::WorkerPool(q::Workers{1 << 20}).count() == 256);
}

TEST_CASE("a pool works for one thread after the other") {
  q::WorkerPool pool(q::Workers{3});
  std::atomic<int> sum = 0;
  const auto runs = [&] {
    for (int round = 0; round < 500; ++round) pool.run(8, [&](int i) { sum += i; });
  };
  std::thread other(runs);
  runs();
  other.join();
  CHECK(sum == 2 * 500 * 28);
}

TEST_CASE("the parts of a batch are all of it, in order, and equal within one sample") {
  for (const int samples : {0, 1, 7, 8, 9, 64, 1000}) {
    int next = 0;
    for (int i = 0; i < q::batch_shards; ++i) {
      const q::Shard shard = q::shard_of(samples, i);
      CHECK(shard.begin == next);
      CHECK(shard.count() >= samples / q::batch_shards);
      CHECK(shard.count() <= samples / q::batch_shards + 1);
      next = shard.end;
    }
    CHECK(next == samples);
  }
}
