// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/export_cpp.hpp>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <locale>
#include <map>
#include <sstream>
#include <string>

#include <quench/device/fusion.hpp>
#include <quench/flow/constant_text.hpp>
#include <quench/flow/exported_name.hpp>
#include <quench/flow/output_operators.hpp>
#include <quench/tensors/files.hpp>

namespace quench {

namespace detail {

/// Writes the constants of an integer network as members of a struct.
class CppWriter {
 public:
  CppWriter(std::ostream& out, const IntegerNetwork& network, const std::vector<FlashSection>& sections);

  /// The members of the struct. `hash` and `processor` tell a device which network and processor it was exported for.
  void write_members(const std::string& network, std::uint64_t hash, const std::string& processor);

 private:
  void write_dtypes();

  int nash_step(int node) const;

  // Before the declaration of an array of step n. Structs with pointers stay where the compiler puts them.
  std::string attribute(int n) const;

  // Writes a constant, or the name of an earlier one that equals it and lies in the same section.
  void write_constant(const std::string& before, const std::string& type, const std::string& name,
                      const std::string& value);

  // `write(out, value)` writes one value.
  template <class Values, class Write>
  void write_array(const char* type, const char* what, int n, const Values& values, Write write);
  template <class Values>
  void write_integers(const char* type, const char* what, int n, const Values& values);

  void write_piecewise(const std::string& name, const std::string& before, const kernels::PiecewiseTable& table);

  void write_row_norm(int n, const kernels::RowNorm& norm);

  void write_arrays(int n);

  void write_steps();

  void write_step(int n);

  std::ostream& out_;
  const Graph& graph_;
  const IntegerConstants& constants_;
  const std::vector<FlashSection>& sections_;
  std::map<std::string, std::string> written_;  // the names of constants, by what stands around the name
  bool has_softmax_ = false;
};

template <class Values, class Write>
void CppWriter::write_array(const char* type, const char* what, int n, const Values& values, Write write) {
  if (std::begin(values) == std::end(values)) return;
  std::ostringstream list;
  list.imbue(std::locale::classic());
  write_list(list, values, [&](const auto& value) { write(list, value); });
  write_constant(attribute(n), type, std::string(what) + "_" + std::to_string(n) + "[]", "{" + list.str() + "}");
}

template <class Values>
void CppWriter::write_integers(const char* type, const char* what, int n, const Values& values) {
  write_array(type, what, n, values, [](std::ostream& out, auto value) { out << static_cast<long>(value); });
}

QUENCH_INLINE CppWriter::CppWriter(std::ostream& out, const IntegerNetwork& network,
                                   const std::vector<FlashSection>& sections)
    : out_(out), graph_(network.graph()), constants_(network.constants()), sections_(sections) {}

QUENCH_INLINE std::string CppWriter::attribute(int n) const {
  const int module = graph_.nodes[n].module;
  std::string section;
  for (const FlashSection& entry : sections_) {
    const TextView name(entry.module.data(), static_cast<int>(entry.module.size()));
    if (name.size == 0 || (module >= 0 && is_named(graph_, module, name))) section = entry.section;
  }
  return section.empty() ? "" : "[[gnu::section(\"" + section + "\")]] ";
}

QUENCH_INLINE void CppWriter::write_constant(const std::string& before, const std::string& type,
                                             const std::string& name, const std::string& value) {
  const std::string plain = name.substr(0, name.find('['));
  const auto [first, is_new] = written_.emplace(before + type + value, plain);
  if (is_new)
    out_ << "  " << before << "static constexpr " << type << ' ' << name << " = " << value << ";\n";
  else
    out_ << "  static constexpr auto& " << plain << " = " << first->second << ";\n";
}

QUENCH_INLINE void CppWriter::write_members(const std::string& network, std::uint64_t hash,
                                            const std::string& processor) {
  out_ << "  using Network = " << network << ";\n  using Processor = " << processor
       << ";\n  static constexpr std::uint64_t network_hash = " << hash << "u;\n\n";
  write_dtypes();
  for (int n = 0; n < graph_.node_count; ++n)
    if (device::is_step(graph_, n)) write_arrays(n);
  write_steps();
}

QUENCH_INLINE void CppWriter::write_dtypes() {
  out_ << "  static constexpr quench::DType of(int module) {\n    constexpr quench::DType dtypes[] = {";
  for (int m = 0; m < graph_.module_count; ++m) {
    const int node = graph_.modules[m].node;
    const DType dtype = node >= 0 ? constants_.dtype(nash_step(node)) : DType::Int8;
    out_ << (m > 0 ? ", " : "") << "quench::DType::"
         << (dtype == DType::Int32   ? "Int32"
             : dtype == DType::Int16 ? "Int16"
                                     : "Int8");
  }
  out_ << "};\n    return dtypes[module];\n  }\n\n";
}

QUENCH_INLINE int CppWriter::nash_step(int node) const {
  return graph_.nodes[node].domain == Domain::Quantized ? device::step_of(graph_, node) : node;
}

QUENCH_INLINE void CppWriter::write_piecewise(const std::string& name, const std::string& before,
                                              const kernels::PiecewiseTable& table) {
  std::ostringstream fields;
  fields.imbue(std::locale::classic());
  write_fields(fields, table);
  write_constant(before, "quench::kernels::PiecewiseTable", name, fields.str());
}

QUENCH_INLINE void CppWriter::write_row_norm(int n, const kernels::RowNorm& norm) {
  const auto size = static_cast<std::size_t>(norm.size);
  write_array("quench::kernels::RowWeight", "row_weight", n, std::span(norm.weight, size),
              [](std::ostream& out, const kernels::RowWeight& w) { write_fields(out, w); });
  if (norm.bias != nullptr) write_integers("std::int32_t", "row_bias", n, std::span(norm.bias, size));
  const std::string suffix = "_" + std::to_string(n);
  out_ << "  static constexpr quench::kernels::RowNorm row_norm" << suffix << " = {" << norm.size << ", "
       << norm.variance_shift << ", " << norm.epsilon << ", row_weight" << suffix << ", "
       << (norm.bias != nullptr ? "row_bias" + suffix : "nullptr") << "};\n";
}

QUENCH_INLINE void CppWriter::write_arrays(int n) {
  const device::StepConstants& c = constants_.step(n);
  out_ << "  // " << tensors::text(graph_.name_of_node(graph_.nodes[n])) << '\n';
  if (c.weight != nullptr) {
    const IntegerLayer& layer = constants_.layer(n);
    write_integers("std::int8_t", "weight", n, layer.weight);
    write_integers("std::int32_t", "bias", n, layer.bias);
    write_array("quench::Requantization", "requantization", n, layer.requantization,
                [](std::ostream& out, const Requantization& r) { write_fields(out, r); });
  } else {
    write_array("quench::Requantization", "requantization", n, constants_.requantizations(n),
                [](std::ostream& out, const Requantization& r) { write_fields(out, r); });
    write_integers("int", "counts", n, constants_.counts(n));
  }
  if (c.addition != nullptr) {
    const kernels::Addition& a = *c.addition;
    out_ << "  static constexpr quench::kernels::Addition addition_" << n << " = {" << static_cast<int>(a.shift) << ", "
         << a.multiplier << ", " << (a.second_is_larger ? "true" : "false") << ", ";
    write_fields(out_, a.requantization);
    out_ << ", " << bound_text(a.low) << ", " << bound_text(a.high) << "};\n";
  }
  if (c.scalar_addition != nullptr) {
    out_ << "  static constexpr quench::kernels::ScalarAddition scalar_addition_" << n << " = {"
         << static_cast<int>(c.scalar_addition->shift) << ", " << c.scalar_addition->constant << ", ";
    write_fields(out_, c.scalar_addition->requantization);
    out_ << "};\n";
  }
  const Shape rows = weight_shape(graph_.nodes[n]);  // of an Embedding
  const auto entries = static_cast<std::size_t>(rows.rank > 0 ? rows.elements() : 256);
  if (c.int8_table != nullptr) write_integers("std::int8_t", "int8_table", n, std::span(c.int8_table, entries));
  if (c.int16_table != nullptr) write_integers("std::int16_t", "int16_table", n, std::span(c.int16_table, entries));
  if (c.piecewise != nullptr) write_piecewise("piecewise_" + std::to_string(n), attribute(n), *c.piecewise);
  if (c.softmax != nullptr) {
    if (!has_softmax_) {
      write_piecewise("softmax_exponential", "", *c.softmax->exponential);
      write_piecewise("softmax_reciprocal", "", *c.softmax->reciprocal);
      has_softmax_ = true;
    }
    out_ << "  static constexpr quench::kernels::SoftmaxTables softmax_" << n
         << " = {&softmax_exponential, &softmax_reciprocal, ";
    write_fields(out_, c.softmax->to_exponent);
    out_ << ", ";
    write_fields(out_, c.softmax->to_output);
    out_ << ", " << c.softmax->levels << "};\n";
  }
  if (c.row_norm != nullptr) write_row_norm(n, *c.row_norm);
  if (device::needs_scales(graph_, n))
    write_array("float", "scales", n, constants_.scales(n),
                [](std::ostream& out, float scale) { out << hexadecimal(scale); });
  write_integers("std::uint16_t", "multipliers", n, constants_.multipliers(n));
}

QUENCH_INLINE void CppWriter::write_steps() {
  out_ << "\n  static constexpr quench::device::StepConstants steps[] = {\n";
  for (int n = 0; n < graph_.node_count; ++n) {
    out_ << "      {";
    if (device::is_step(graph_, n)) write_step(n);
    out_ << "},\n";
  }
  out_ << "  };\n";
}

QUENCH_INLINE void CppWriter::write_step(int n) {
  const device::StepConstants& c = constants_.step(n);
  const char* separator = "";
  const auto field = [&](const char* name, const std::string& value) {
    out_ << separator << '.' << name << " = " << value;
    separator = ", ";
  };
  const std::string suffix = "_" + std::to_string(n);
  if (c.weight != nullptr) field("weight", "weight" + suffix);
  if (c.bias != nullptr) field("bias", "bias" + suffix);
  if (c.requantization != nullptr) field("requantization", "requantization" + suffix);
  if (c.low != INT32_MIN) field("low", bound_text(c.low));
  if (c.high != INT32_MAX) field("high", bound_text(c.high));
  if (c.counts != nullptr) field("counts", "counts" + suffix);
  if (c.x_shift != 0) field("x_shift", std::to_string(c.x_shift));
  if (c.addition != nullptr) field("addition", "&addition" + suffix);
  if (c.scalar_addition != nullptr) field("scalar_addition", "&scalar_addition" + suffix);
  if (c.is_negative) field("is_negative", "true");
  if (c.int8_table != nullptr) field("int8_table", "int8_table" + suffix);
  if (c.int16_table != nullptr) field("int16_table", "int16_table" + suffix);
  if (c.piecewise != nullptr) field("piecewise", "&piecewise" + suffix);
  if (c.softmax != nullptr) field("softmax", "&softmax" + suffix);
  if (c.row_norm != nullptr) field("row_norm", "&row_norm" + suffix);
  if (device::needs_scales(graph_, n)) field("scales", "scales" + suffix);
  if (c.multipliers != nullptr) field("multipliers", "multipliers" + suffix);
  if (c.scale_count != 1) field("scale_count", std::to_string(c.scale_count));
}

QUENCH_INLINE void check_sections(const Graph& graph, const std::vector<FlashSection>& sections,
                                  const std::string& path) {
  const auto refuse = [&path](const std::string& what) { throw Error(diagnosis::file_not_writable, path + what); };
  for (const FlashSection& entry : sections) {
    const TextView name(entry.module.data(), static_cast<int>(entry.module.size()));
    const NamedModules found(graph, name);
    if (name.size > 0 && found.begin == found.end) refuse(": no module and no block is named " + entry.module);
    const char* const characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._,";  // a comma for those of Mach-O
    if (entry.section.empty() || entry.section.find_first_not_of(characters) != std::string::npos)
      refuse(": no section can have the name \"" + entry.section + '"');
  }
}

QUENCH_INLINE void write_header(const ExportedHeader& header, const IntegerNetwork& network,
                                const std::vector<FlashSection>& sections, const std::string& path) {
  const std::string name = std::filesystem::path(path).stem().string();
  if (header.network.find_first_of("{(") != std::string::npos)
    throw Error(diagnosis::file_not_writable, path + ": the network is a type without a name, " + header.network);
  check_sections(network.graph(), sections, path);
  std::string processor = header.processor;
  if (processor.starts_with("processor::")) processor = "quench::" + processor;  // g++ omits its own namespace
  std::ostringstream members;
  members.imbue(std::locale::classic());
  CppWriter(members, network, sections).write_members(header.network, header.hash, processor);
  check_exported_name(name, members.str(), path);
  const std::string begin = "// The integers of " + header.network +
                            ", written by quench. Arena: " + std::to_string(header.arena_bytes) +
                            " bytes.\n// Include the header of the network before this one.\n#pragma once\n\n"
                            "#ifndef QUENCH_SINGLE_HEADER\n#include <quench/embedded.hpp>\n#endif\n\n",
                    no_macro = "#ifdef " + name + "\n#error \"" + name +
                               " is a macro here: export under another name\"\n#endif\n\n";
  tensors::write_file(path, begin + no_macro + "struct " + name + " {\n" + members.str() + "};\n");
}

}  // namespace detail

}  // namespace quench
