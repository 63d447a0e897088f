// SPDX-License-Identifier: Apache-2.0
// `export_cpp(deployment, path)`: writes the integers of a model as a C++ header for a device.
//
// The header has one struct, named after the file, of constexpr integers and the float scales of the outputs. Include
// the network's own header before it. quench::embedded::Model<the struct> runs it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <locale>
#include <sstream>
#include <string>

#include <quench/flow/deploy.hpp>
#include <quench/flow/exported_name.hpp>
#include <quench/flow/output_operators.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/ground/compiler.hpp>
#include <quench/network/hash.hpp>
#include <quench/tensors/files.hpp>

namespace quench {

namespace detail {

/// Writes the constants of an integer network as members of a struct.
class CppWriter {
 public:
  CppWriter(std::ostream& out, const IntegerNetwork& network);

  /// The members of the struct. `hash` and `processor` tell a device which network and processor it was exported for.
  void write_members(const std::string& network, std::uint64_t hash, const std::string& processor);

 private:
  void write_dtypes();

  int nash_step(int node) const;

  template <class Values, class Write>
  void write_list(const Values& values, Write write);
  template <class Values, class Write>
  void write_array(const char* type, const char* what, int n, const Values& values, Write write);
  template <class Values>
  void write_integers(const char* type, const char* what, int n, const Values& values);

  void write_record(const Requantization& r);
  void write_slope(const kernels::Slope& slope);

  void write_piecewise(const std::string& name, const kernels::PiecewiseTable& table);

  void write_arrays(int n);

  // A device needs only the scales of its inputs and outputs.
  bool needs_scales(int n) const;

  static std::string hexadecimal(float value);
  static std::string bound(std::int32_t value);

  void write_steps();

  void write_step(int n);

  std::ostream& out_;
  const Graph& graph_;
  const IntegerConstants& constants_;
  bool has_softmax_ = false;
};

}  // namespace detail

/// Writes a header with `struct <name of the file>`: constexpr integers only. Writes the whole file or nothing.
/// The text does not depend on the locale of the program.
/// Errors   file-not-writable: the place, a name that no struct can have or that the header uses itself, a network whose
///          type has no name
template <class Net, march::March M, Setter S, class Processor>
void export_cpp(const Deployment<Net, M, S, Processor>& deployment, const std::filesystem::path& path) {
  const std::string network = tensors::text(type_name<Net>()), name = path.stem().string();
  if (network.find_first_of("{(") != std::string::npos)
    throw Error(diagnosis::file_not_writable, path.string() + ": the network is a type without a name, " + network);
  std::string processor = tensors::text(type_name<Processor>());
  if (processor.starts_with("processor::")) processor = "quench::" + processor;  // g++ omits its own namespace
  std::ostringstream members;
  members.imbue(std::locale::classic());
  detail::CppWriter(members, deployment.model().core().network()).write_members(network, network_hash<Net>, processor);
  detail::check_exported_name(name, members.str(), path);
  const std::string arena = std::to_string(Deployment<Net, M, S, Processor>::arena_bytes);
  const std::string begin = "// The integers of " + network + ", written by quench. Arena: " + arena +
                            " bytes.\n// Include the header of the network before this one.\n#pragma once\n\n#include "
                            "<quench/embedded.hpp>\n\n",
                    no_macro = "#ifdef " + name + "\n#error \"" + name +
                               " is a macro here: export under another name\"\n#endif\n\n";
  tensors::write_file(path, begin + no_macro + "struct " + name + " {\n" + members.str() + "};\n");
}

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/export_cpp_impl.hpp>
#endif
