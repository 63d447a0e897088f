// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/progress.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("work is told of batch by batch, and none is refused") {
  const auto batches = q::random_batches<toy::Net>(q::Seed{1}, 2, 1);
  std::size_t worked = 0, last = 0;
  q::flow::for_each_batch(
      batches, [&](std::size_t done, std::size_t all) { last = 10 * done + all; }, [&](const auto&) { ++worked; });
  CHECK(worked == 2);
  CHECK(last == 22);
  CHECK_THROWS_AS(q::flow::for_each_batch(std::vector<int>{}, {}, [](int) {}), q::Error);
}

TEST_CASE("an error says in which batch it was") {
  const auto work = [](int batch) {
    if (batch == 7) throw q::Error(q::diagnosis::empty_input, "why", "input 0");
  };
  try {
    q::flow::for_each_batch(std::vector<int>{5, 6, 7}, {}, work);
    FAIL("nothing is thrown");
  } catch (const q::Error& error) {
    CHECK(error.slug() == "empty-input");
    CHECK(error.module() == "input 0");
    CHECK(error.evidence() == "why; in batch 2");
  }
}
