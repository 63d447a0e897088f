// SPDX-License-Identifier: Apache-2.0
#include <quench/host/scratch.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <thread>

using quench::host::detail::Scratch, quench::host::detail::scratch;

TEST_CASE("scratch memory starts at a line, and is kept until more is asked for") {
  for (const std::size_t size : {1u, 15u, 16u, 17u, 100'000u}) {
    float* const memory = scratch<Scratch::Map, float>(size);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0);
    memory[0] = 1;
    memory[size - 1] = 2;
    CHECK(scratch<Scratch::Map, float>(size) == memory);
    CHECK(scratch<Scratch::Map, float>(0) == memory);
    CHECK(memory[size - 1] == 2);
  }
}

TEST_CASE("each purpose, type and thread has scratch memory of its own") {
  int* const memory = scratch<Scratch::Map, int>(3);
  int* const other = scratch<Scratch::Pixels, int>(3);
  unsigned* const unlike = scratch<Scratch::Map, unsigned>(3);
  int* of_thread = nullptr;
  std::thread([&] {
    of_thread = scratch<Scratch::Map, int>(3);
    of_thread[0] = 4;
  }).join();
  memory[0] = 1;
  other[0] = 2;
  unlike[0] = 3;
  CHECK(memory[0] == 1);
  CHECK(other[0] == 2);
  CHECK(unlike[0] == 3);
  CHECK(of_thread != memory);
}
