// SPDX-License-Identifier: Apache-2.0
// `export_c(deployment, "net.h")`: writes a network as C99, for devices without a compiler of C++20.
//
// net.c has a function for each step, whose extents, strides and scales are literals: no graph, no table of steps. It
// gives the integers of the host and of embedded::Model. net.h declares net_run(arena, codes...), the outputs, argmax, and the
// scales and shapes as macros. The caller gives the arena, a `static net_arena`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <quench/flow/deploy.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/network/hash.hpp>

namespace quench {

namespace detail {

/// What the C files say of the deployment beside its integers.
struct ExportedC {
  std::string network;    // the type, as a program writes it
  std::uint64_t hash;     // of the network
  std::string processor;  // the type
  int arena_bytes;
  std::vector<int> offsets;  // of each node's tensor in the arena; 0 for none
};

/// Errors   file-not-writable
void write_c(const ExportedC& exported, const IntegerNetwork& network, const std::string& path);

}  // namespace detail

/// Writes `path`, a header whose name ends in .h, and the source beside it, whose name ends in .c. All public names begin
/// with the name of the file. A failed export leaves older files unchanged; a header and a source of two exports do not
/// compile together. The text does not depend on the locale of the program.
/// Errors   file-not-writable: the place, a name that does not end in .h or that no C name can begin with
template <class Net, march::March M, Setter S, class Processor>
void export_c(const Deployment<Net, M, S, Processor>& deployment, const std::string& path) {
  const auto& plan = device::memory_plan<Net, SetterDecisions<Net, M, S>>;
  std::vector<int> offsets;
  for (int n = 0; n < graph<Net>.node_count; ++n) offsets.push_back(plan.buffer_of[n] < 0 ? 0 : plan.offset_of(n));
  detail::write_c({tensors::text(type_name<Net>()), network_hash<Net>, tensors::text(type_name<Processor>()),
                   plan.arena_bytes, std::move(offsets)},
                  deployment.model().core().network(), path);
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/export_c_impl.hpp>
#endif
