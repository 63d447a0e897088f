// SPDX-License-Identifier: Apache-2.0
// An empty folder of a test's own, removed at its end: tests run beside one another.
#pragma once

#include <filesystem>
#include <iterator>
#include <random>
#include <string>

struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("quench_test_" + std::to_string(std::random_device()()));
  TemporaryFolder() { std::filesystem::create_directory(path); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  auto count() const { return std::distance(std::filesystem::directory_iterator(path), {}); }
  std::filesystem::path operator/(const std::string& name) const { return path / name; }
};
