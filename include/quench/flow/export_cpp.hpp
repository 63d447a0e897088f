// SPDX-License-Identifier: Apache-2.0
// `export_cpp(deployment, path)`: writes the integers of a model as a C++ header for a device.
//
// The header has one struct, named after the file, of constexpr integers and the float scales of the outputs. Include
// the network's own header before it. quench::embedded::Model<the struct> runs it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <quench/flow/deploy.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/network/hash.hpp>

namespace quench {

/// The linker's section of the constants of a module, or of each module of a block. No name means the whole network. Of
/// entries that name a module, the last one counts; without one, the compiler chooses.
struct FlashSection {
  std::string module;   // a dotted name: "layer1.0.conv", "layer1", ""
  std::string section;  // as ".external_flash"
};

namespace detail {

/// What exported files say of the deployment beside its integers.
struct ExportedHeader {
  std::string network;    // the type, as a program writes it
  std::uint64_t hash;     // of the network
  std::string processor;  // the type
  int arena_bytes;
};

template <class Net, march::March M, Setter S, class Processor>
ExportedHeader exported_header(const Deployment<Net, M, S, Processor>& deployment) {
  return {tensors::text(type_name<Net>()), network_hash<Net>, tensors::text(type_name<Processor>()),
          deployment.arena_bytes};
}

/// Errors   file-not-writable
void write_header(const ExportedHeader& header, const IntegerNetwork& network,
                  const std::vector<FlashSection>& sections, const std::string& path);

}  // namespace detail

/// Writes a header with `struct <name of the file>`: constexpr integers only. Writes the whole file or nothing.
/// The text does not depend on the locale of the program. `sections` places arrays of constants in sections of flash.
/// Errors   file-not-writable: the place, a name that no struct can have or that the header uses itself, a network whose
///          type has no name, a section for a module that does not exist, a name that no section can have
template <class Net, march::March M, Setter S, class Processor>
void export_cpp(const Deployment<Net, M, S, Processor>& deployment, const std::string& path,
                const std::vector<FlashSection>& sections = {}) {
  detail::write_header(detail::exported_header(deployment), deployment.model().core().network(), sections, path);
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/export_cpp_impl.hpp>
#endif
