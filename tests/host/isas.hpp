// SPDX-License-Identifier: Apache-2.0
// The instruction sets of this CPU.
#pragma once

#include <doctest/doctest.h>

#include <vector>

#include <quench/host/dispatch.hpp>

inline std::vector<quench::host::Isa> isas() {
  using quench::host::Isa;
  std::vector<Isa> found;
  for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512})
    if (isa <= quench::host::best_isa()) found.push_back(isa);
  return found;
}

/// Whether this CPU has an instruction set. If it has not, a message says that something is left out.
inline bool has(quench::host::Isa isa) {
  const bool found = isa <= quench::host::best_isa();
  if (!found) MESSAGE("left out, because this CPU lacks the instruction set " << static_cast<int>(isa));
  return found;
}
