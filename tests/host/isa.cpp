// SPDX-License-Identifier: Apache-2.0
// The best instruction set of this CPU is the one that Linux says the CPU has.
#include <quench/host/isa.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <set>
#include <sstream>
#include <string>

using quench::host::Isa;

namespace {

/// What stands after "flags" in /proc/cpuinfo, as it does on x86.
[[maybe_unused]] std::set<std::string> flags_of_cpu() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("flags")) {
      std::istringstream words(line.substr(line.find(':') + 1));
      std::set<std::string> flags;
      for (std::string word; words >> word;) flags.insert(word);
      return flags;
    }
  return {};
}

}  // namespace

TEST_CASE("the best instruction set is that of the flags in /proc/cpuinfo") {
  static_assert(Isa::Baseline < Isa::Avx2 && Isa::Avx2 < Isa::Avx512);
#if defined(__x86_64__) && defined(__GNUC__)
  const std::set<std::string> flags = flags_of_cpu();
  if (flags.empty()) {
    MESSAGE("left out, because there is no /proc/cpuinfo");
    return;
  }
  const auto has = [&](std::initializer_list<const char*> names) {
    return std::all_of(names.begin(), names.end(), [&](const char* name) { return flags.contains(name); });
  };
  const Isa expected = has({"avx512f", "avx512bw", "avx512dq", "avx512vl"}) ? Isa::Avx512
                       : has({"avx2", "fma"})                               ? Isa::Avx2
                                                                            : Isa::Baseline;
  CHECK(quench::host::best_isa() == expected);
#else
  CHECK(quench::host::best_isa() == Isa::Baseline);
#endif
}
