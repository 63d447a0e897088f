// SPDX-License-Identifier: Apache-2.0
// The instruction sets of this CPU.
#pragma once

#include <vector>

#include <quench/host/dispatch.hpp>

inline std::vector<quench::host::Isa> isas() {
  using quench::host::Isa;
  std::vector<Isa> found;
  for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512})
    if (isa <= quench::host::best_isa()) found.push_back(isa);
  return found;
}
