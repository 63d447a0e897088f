// SPDX-License-Identifier: Apache-2.0
#include "progress_bar.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace {

// What a bar writes about 4000 steps.
std::string written(bool is_terminal) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  {
    ProgressBar bar("training", file, is_terminal);
    for (std::size_t step = 1; step <= 4000; ++step) bar(step, 4000, 0.5);
  }
  std::string text(static_cast<std::size_t>(std::ftell(file)), ' ');
  std::rewind(file);
  REQUIRE(std::fread(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("a progress bar moves on a terminal and writes a line for each tenth elsewhere") {
  const std::string bar = written(true), log = written(false);
  CHECK(std::count(bar.begin(), bar.end(), '\n') == 1);
  CHECK(bar.find("\rtraining               [==============================] 100 %") != std::string::npos);
  CHECK(std::count(log.begin(), log.end(), '\n') == 10);
  CHECK(log.find('\r') == std::string::npos);
  CHECK(log.find("training                10 %") == 0);
  CHECK(log.find("training               100 %") != std::string::npos);
}

TEST_CASE("a file is no terminal to a progress bar") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  {
    ProgressBar bar("test", file);
    bar(1, 1);
  }
  CHECK(std::ftell(file) == static_cast<long>(std::string("test                   100 %    0.0 s\n").size()));
  std::fclose(file);
}
