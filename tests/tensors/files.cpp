// SPDX-License-Identifier: Apache-2.0
#include <quench/tensors/files.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("a file appears whole, and one that cannot be written leaves the older one") {
  const auto path = std::filesystem::temp_directory_path() / "quench_write_file_test";
  q::detail::write_file(path, "first");
  q::detail::write_file(path, "second");
  std::ifstream file(path);
  std::string text;
  file >> text;
  CHECK(text == "second");
  CHECK_FALSE(std::filesystem::exists(path.string() + ".part"));
  std::filesystem::remove(path);
  CHECK_THROWS_WITH_AS(q::detail::write_file(path / "no folder" / "x", "text"), doctest::Contains("file-not-writable"),
                       q::Error);
}
