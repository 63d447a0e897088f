// SPDX-License-Identifier: Apache-2.0
// PROGRAM TARGET ENDING COUNT SEED FOLDER: changes files of a folder whose names have this ending, and runs the target
// with each. Files of another project are larger than the seeds, and hold more than libFuzzer finds in a short time.
#include <quench/tensors/files.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace {

using File = std::vector<std::byte>;

std::ptrdiff_t place(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return random_() % count; }

  /// One change or a few. Most leave the lengths of messages as they are, so that more of the file is read.
  void change(File& file, const File& other) {
    do change_once(file, other);
    while (!file.empty() && below(3) == 0);
  }

 private:
  void change_once(File& file, const File& other) {
    // Small numbers are near the names of fields and the lengths of messages.
    constexpr unsigned char numbers[] = {0, 1, 2, 3, 7, 8, 16, 0x7f, 0x80, 0xff};
    const std::size_t at = below(file.size()), count = 1 + below(std::min<std::size_t>(file.size() - at, 16));
    const auto begin = file.begin() + place(at);
    const std::size_t from = below(other.size()), more = std::min(other.size() - from, count);
    const auto part = other.begin() + place(from);
    switch (below(16)) {
      case 0: file.resize(at); break;
      case 1: file.erase(begin, begin + place(count)); break;
      case 2: file.insert(begin, part, part + place(more)); break;
      case 3: std::fill_n(begin, std::min<std::size_t>(count, 9), std::byte{0xff}); break;
      case 4: std::copy_n(part, more, begin); break;
      case 5:
      case 6:
      case 7:
      case 8: *begin = static_cast<std::byte>(numbers[below(std::size(numbers))]); break;
      case 9:
      case 10:
      case 11: *begin = static_cast<std::byte>(std::to_integer<unsigned>(*begin) + (below(2) == 0 ? 1u : 255u)); break;
      default: *begin ^= static_cast<std::byte>(1u << below(8));
    }
  }

  std::mt19937 random_;
};

}  // namespace

int main(int count, char** arguments) {
  const fuzz::Target* target = fuzz::Target::first;
  while (target != nullptr && count == 6 && target->name != arguments[1]) target = target->next;
  if (target == nullptr || count != 6) return 2;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[5]))
    if (entry.path().extension() == arguments[2] && entry.file_size() > 0) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());  // folders have no order
  std::vector<File> files;
  for (const auto& path : paths) files.push_back(quench::tensors::read_file(path));
  if (files.empty()) return 2;
  const auto seed = static_cast<unsigned>(std::strtoul(arguments[4], nullptr, 10));
  for (unsigned i = 0, wanted = static_cast<unsigned>(std::strtoul(arguments[3], nullptr, 10)); i < wanted; ++i) {
    Mutator mutator(seed + i);
    File file = files[mutator.below(files.size())];
    mutator.change(file, files[mutator.below(files.size())]);
    if (i % 100 == 0) {  // for who looks for the one that failed
      std::printf("from seed %u\n", seed + i);
      std::fflush(stdout);
    }
    target->run(File(file));  // of its very capacity, for the sanitizer
  }
  std::printf("%s changes of %zu files\n", arguments[3], files.size());
}
