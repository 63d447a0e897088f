// SPDX-License-Identifier: Apache-2.0
// `export_c(deployment, "net.h")`: writes a network as C99, for devices without a compiler of C++20.
//
// net.c has a function for each step, whose extents, strides and scales are literals: no graph, no table of steps. It
// gives the integers of the host and of embedded::Model. net.h declares net_run(arena, codes...), the outputs, argmax, and the
// scales and shapes as macros. The caller gives the arena, a `static net_arena`.
#pragma once

#include <string>
#include <vector>

#include <quench/flow/export_cpp.hpp>
#include <quench/ground/compiled.hpp>

namespace quench {

namespace detail {

/// `offsets`: of each node's tensor in the arena; 0 for none.
/// Errors   file-not-writable
void write_c(const ExportedHeader& exported, const IntegerNetwork& network, const std::vector<int>& offsets,
             const std::string& path);

}  // namespace detail

/// Writes `path`, a header whose name ends in .h, and the source beside it, whose name ends in .c. All public names begin
/// with the name of the file. Nothing is written if one of the places cannot be written to. If a write itself fails, the
/// files may be of two exports, which do not compile together. The text does not depend on the locale of the program.
/// Errors   file-not-writable: the place, a name that does not end in .h or that no C name can begin with
template <class Net, march::March M, Setter S, class Processor>
void export_c(const Deployment<Net, M, S, Processor>& deployment, const std::string& path) {
  const auto& plan = device::memory_plan<Net, SetterDecisions<Net, M, S>>;
  std::vector<int> offsets;
  for (int n = 0; n < graph<Net>.node_count; ++n) offsets.push_back(plan.buffer_of[n] < 0 ? 0 : plan.offset_of(n));
  detail::write_c(detail::exported_header(deployment), deployment.model().core().network(), offsets, path);
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/export_c_impl.hpp>
#endif
