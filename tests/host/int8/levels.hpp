// SPDX-License-Identifier: Apache-2.0
// The names of levels, and which of them this CPU has.
#pragma once

#include <quench/host/int8/level.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace levels {

namespace h = quench::host;

inline std::string name_of(h::Int8Level level) {
  switch (level) {
    case h::Int8Level::Portable: return "Portable";
    case h::Int8Level::Avx2: return "Avx2";
    case h::Int8Level::AvxVnni: return "AvxVnni";
    case h::Int8Level::Avx512Vnni: return "Avx512Vnni";
    case h::Int8Level::Avx512Vbmi: return "Avx512Vbmi";
    case h::Int8Level::Neon: return "Neon";
    case h::Int8Level::NeonDotprod: return "NeonDotprod";
  }
  return "";
}

/// Whether this CPU has a level. If it has not, a message says what is left out.
inline bool has(h::Int8Level level) {
  const auto& all = h::int8_levels();
  const bool found = std::find(all.begin(), all.end(), level) != all.end();
  if (!found) MESSAGE("left out, because this CPU lacks it: " << name_of(level));
  return found;
}

}  // namespace levels
