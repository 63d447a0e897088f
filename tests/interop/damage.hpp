// SPDX-License-Identifier: Apache-2.0
// Damages a file in every small way. A reader may read what is left or refuse it, and does nothing else.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

#include <quench/interop/named_arrays.hpp>
#include <quench/tensors/error.hpp>

namespace damage {

/// Whether `parse` refuses the file. What it reads instead has to be whole; the sanitizers see what else it does.
template <class Parse>
bool is_refused(const std::vector<std::byte>& file, const Parse& parse) {
  try {
    if constexpr (std::is_same_v<decltype(parse(file)), quench::interop::NamedArrays>) {
      for (const auto& [name, array] : parse(file)) array.elements();
    } else {
      parse(file).elements();
    }
    return false;
  } catch (const quench::Error& error) {
    REQUIRE(error.slug() == quench::TextView("file-not-readable"));
    return true;
  }
}

/// Cuts the file off at each byte, changes each byte to every other value (in long files to each seventh), puts large
/// numbers everywhere, and damages several bytes at random.
template <class Parse>
void everywhere(const std::vector<std::byte>& file, const Parse& parse) {
  REQUIRE_FALSE(is_refused(file, parse));
  const auto at = [](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
  for (std::size_t size = 0; size < file.size(); ++size)
    REQUIRE(is_refused({file.begin(), file.begin() + at(size)}, parse));  // of that very capacity, for the sanitizer
  const int step = file.size() > 400 ? 7 : 1;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < file.size(); ++i)
    for (int difference = 1; difference < 256; difference += step) {
      std::vector<std::byte> changed = file;
      changed[i] ^= static_cast<std::byte>(difference);
      refused += is_refused(changed, parse) ? 1u : 0u;
    }
  CHECK(refused > 0);
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const std::uint64_t large :
         std::array<std::uint64_t, 4>{0xffffffffffffffffu, 0x7fffffffffffffffu, 0xfffffffffffffff8u, 0x7fffffffu}) {
      std::vector<std::byte> changed = file;
      std::memcpy(changed.data() + i, &large, std::min<std::size_t>(8, file.size() - i));
      is_refused(changed, parse);
    }
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<std::byte> changed = file;
    for (unsigned i = 0; i < 1 + seed % 5; ++i) changed[random() % changed.size()] = static_cast<std::byte>(random());
    if (seed % 3 == 0)
      changed.insert(changed.begin() + at(random() % changed.size()), changed[random() % changed.size()]);
    is_refused(changed, parse);
  }
}

/// The evidence of the error that `f` throws, "" if it throws none.
template <class F>
std::string evidence_of(const F& f) {
  try {
    f();
  } catch (const quench::Error& error) {
    return error.evidence();
  }
  return "";
}

}  // namespace damage
