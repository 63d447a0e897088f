// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/export_c.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <map>
#include <string>
#include <vector>

#include <quench/device/fusion.hpp>
#include <quench/device/output.hpp>
#include <quench/flow/c_text/elementwise.hpp>
#include <quench/flow/c_text/helpers.hpp>
#include <quench/flow/c_text/layers.hpp>
#include <quench/flow/c_text/rows.hpp>
#include <quench/flow/c_text/step.hpp>
#include <quench/flow/c_text/windows.hpp>
#include <quench/ground/hash.hpp>
#include <quench/ground/version.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/files.hpp>

namespace quench {

namespace detail {

/// Writes an integer network as C.
class CWriter {
 public:
  CWriter(const ExportedHeader& exported, const IntegerNetwork& network, const std::vector<int>& offsets,
          const std::string& name);

  /// Of equal numbers are the files of one export.
  std::uint32_t id() const;
  std::string header() const;
  std::string source() const;

 private:
  // An input or an output of the network: its place in the arena, and the endings of its names.
  struct Port {
    int node;
    std::string suffix;  // "_1", or nothing if it is the only one
  };

  std::vector<Port> ports(bool (*is_port)(const Node&)) const;
  DType dtype(int node) const { return c_text::dtype_of(graph_, constants_, node); }
  std::string type(int node) const { return c_text::code_type(dtype(node)); }
  int size(int node) const { return graph_.nodes[node].shape.elements(); }
  /// "arena->i16 + 24"
  std::string place(int node) const;
  std::string run() const;
  std::string code() const;
  c_text::Holes holes(const Port& port) const;

  void write_input(const Port& input);
  void write_output(const Port& output);
  /// The step of an operator; nothing for one without.
  static void write_body(c_text::Step& step);
  /// Defines a constant, or names an earlier one that equals it.
  void add_data(const c_text::Constant& constant);
  void write_step(int n);

  const ExportedHeader& exported_;
  const Graph& graph_;
  const IntegerConstants& constants_;
  const std::vector<int>& offsets_;
  c_text::Holes names_;
  std::vector<Port> inputs_, outputs_;
  std::map<std::string, std::string> names_of_data_;  // the names of constants, by type, extent and value
  // The parts of both files as they are written.
  std::string declarations_, data_, functions_, copies_, calls_, definitions_;
};

/// Keeps one of each run of equal values, if all runs are whole multiples of one length, which it returns.
inline std::size_t take_runs(std::vector<int>& values) {
  std::size_t length = values.size(), begin = 0;
  for (std::size_t i = 1; i <= values.size(); ++i) {
    if (i < values.size() && values[i] == values[begin]) continue;
    length = std::gcd(length, i - begin);
    begin = i;
  }
  for (std::size_t i = 0; i * length < values.size(); ++i) values[i] = values[i * length];
  if (length > 0) values.resize(values.size() / length);
  return length;
}

/// Keeps the values until they repeat.
inline void take_period(std::vector<int>& values) {
  std::size_t period = 1;
  while (values.size() % period != 0 ||
         !std::equal(values.begin() + static_cast<std::ptrdiff_t>(period), values.end(), values.begin()))
    ++period;
  values.resize(period);
}

inline std::string in_capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

QUENCH_INLINE CWriter::CWriter(const ExportedHeader& exported, const IntegerNetwork& network,
                               const std::vector<int>& offsets, const std::string& name)
    : exported_(exported), graph_(network.graph()), constants_(network.constants()), offsets_(offsets) {
  names_ = {{"net", name}, {"big", in_capitals(name)}};
  inputs_ = ports(device::is_given);
  outputs_ = ports([](const Node& node) { return node.op == Operator::DeQuantStub; });
  for (Port& output : outputs_) output.node = graph_.operand(graph_.nodes[output.node], 0);
  for (const Port& input : inputs_) write_input(input);
  for (int n = 0; n < graph_.node_count; ++n)
    if (device::is_step(graph_, n)) write_step(n);
  for (const Port& output : outputs_) write_output(output);
}

QUENCH_INLINE std::vector<CWriter::Port> CWriter::ports(bool (*is_port)(const Node&)) const {
  std::vector<Port> found;
  for (int n = 0; n < graph_.node_count; ++n)
    if (is_port(graph_.nodes[n])) found.push_back({n, ""});
  for (std::size_t i = 0; found.size() > 1 && i < found.size(); ++i)
    found[i].suffix.append("_").append(std::to_string(i));
  return found;
}

QUENCH_INLINE std::string CWriter::place(int node) const {
  const int bytes = device::bytes_of(dtype(node));
  return "arena->i" + std::to_string(8 * bytes) + " + " +
         std::to_string(offsets_[static_cast<std::size_t>(node)] / bytes);
}

QUENCH_INLINE c_text::Holes CWriter::holes(const Port& port) const {
  c_text::Holes holes = names_;
  holes.insert({{"i", port.suffix},
                {"type", type(port.node)},
                {"size", std::to_string(size(port.node))},
                {"place", place(port.node)},
                {"extents", c_text::extents_text(graph_.nodes[port.node].shape)}});
  return holes;
}

QUENCH_INLINE void CWriter::write_input(const Port& input) {
  c_text::Holes values = holes(input);
  const bool is_stub = graph_.nodes[input.node].op == Operator::QuantStub;
  values["scale"] = is_stub ? "#define " + names_["big"] + "_INPUT" + input.suffix + "_SCALE " +
                                  hexadecimal(constants_.scales(input.node)[0]) +
                                  "  // code = round half to even (real value * (1 / scale)), saturated"
                            : "";
  values["kind"] = is_stub ? "codes" : "indices";
  declarations_ += c_text::fill(R"(
// Input${i}: $kind $extents
#define ${big}_INPUT${i}_SIZE $size  // of $type
$scale
)",
                                values);
  copies_ += c_text::fill("    for (int32_t i = 0; i < $size; ++i) ($place)[i] = input${i}[i];\n", values);
}

QUENCH_INLINE void CWriter::write_output(const Port& output) {
  c_text::Holes values = holes(output);
  const device::StepConstants& c = constants_.step(device::owner_of_scale(graph_, output.node));
  std::vector<int> channels(1, 0);
  std::size_t run = 1;
  if (c.scale_count > 1) {
    channels.clear();
    for (int i = 0; i < size(output.node); ++i) channels.push_back(embedded::channel_of(graph_, output.node, i));
    run = take_runs(channels);
    take_period(channels);
  }
  values["run"] = run > 1 ? " / " + std::to_string(run) : "";
  values["period"] = std::to_string(channels.size());
  std::ostringstream scales, multipliers;
  for (std::ostringstream* out : {&scales, &multipliers}) out->imbue(std::locale::classic());
  write_list(scales, channels, [&](int channel) { scales << hexadecimal(c.scales[channel]); });
  values["scales"] = scales.str();
  values["multiplied"] = "";
  if (c.multipliers != nullptr) {
    write_list(multipliers, channels, [&](int channel) { multipliers << c.multipliers[channel]; });
    values["multiplied"] = " * multipliers[i" + values["run"] + " % " + values["period"] + "]";
  }
  values["multipliers"] = c.multipliers == nullptr ? ""
                                                   : "static const uint16_t multipliers[" + values["period"] + "] = {" +
                                                         multipliers.str() + "};";
  declarations_ += c_text::fill(R"(
// Output${i}: $extents, in the arena until its next run. The real value of element i is its integer times its scale.
#define ${big}_OUTPUT${i}_SIZE $size  // of $type
#define ${big}_OUTPUT${i}_SCALE(i) (${net}_output${i}_scales[(i)$run % $period])
extern const float ${net}_output${i}_scales[$period];
const $type *${net}_output${i}(const ${net}_arena *arena);
// The index of the largest real value; the first of equal ones. Never compare the integers of two channels.
int32_t ${net}_argmax${i}(const ${net}_arena *arena);
)",
                                values);
  definitions_ += c_text::fill(R"(
const float ${net}_output${i}_scales[$period] = {$scales};

const $type *${net}_output${i}(const ${net}_arena *arena)
{
    return $place;
}

int32_t ${net}_argmax${i}(const ${net}_arena *arena)
{
    $multipliers
    const $type *values = $place;
    int64_t largest = INT64_MIN;
    int32_t best = 0;
    for (int32_t i = 0; i < $size; ++i) {
        const int64_t value = (int64_t)values[i]$multiplied;
        if (value <= largest) continue;
        largest = value;
        best = i;
    }
    return best;
}
)",
                               values);
}

QUENCH_INLINE void CWriter::write_body(c_text::Step& step) {
  switch (family_of(step.node.op)) {
    case Family::Convolution: return write_convolution(step);
    case Family::TransposedConvolution: return write_transposed_convolution(step);
    case Family::Linear: return write_linear(step);
    case Family::ChannelAffine: return write_channel_affine(step);
    case Family::PReLU: return write_prelu(step);
    case Family::MatMul: return write_matmul(step);
    case Family::Addition: return write_addition(step);
    case Family::Product: return write_product(step);
    case Family::Comparison: return write_comparison(step);
    case Family::ScalarAddition: return write_scalar_addition(step);
    case Family::ScalarProduct: return write_scalar_product(step);
    case Family::Cat: return write_cat(step);
    case Family::Clamp: return write_clamp(step);
    case Family::MaxPool: return write_max_pool(step);
    case Family::AveragePool: return write_average_pool(step);
    case Family::Reduction: return write_reduction(step);
    case Family::Upsample: return write_upsample(step);
    case Family::Function: return write_function(step);
    case Family::Lookup: return write_lookup(step);
    case Family::Softmax: return write_softmax(step);
    case Family::RowNorm: return write_row_norm(step);
    case Family::Move: return write_move(step);
    case Family::QuantStub:  // its codes are an input
    case Family::Input:
    case Family::DeQuantStub:
    case Family::BatchNorm:
    case Family::View:
    case Family::Handle: return;
  }
}

QUENCH_INLINE void CWriter::add_data(const c_text::Constant& constant) {
  const auto [first, is_new] = names_of_data_.emplace(constant.type + constant.extent + constant.value, constant.name);
  if (is_new)
    data_ += constant.definition();
  else if (first->second != constant.name)
    data_ += "#define " + constant.name + " " + first->second + "\n";
}

QUENCH_INLINE void CWriter::write_step(int n) {
  if (device::is_given(graph_.nodes[n])) return;
  c_text::Step step(graph_, constants_, n);
  write_body(step);
  for (const c_text::Constant& constant : step.data()) add_data(constant);
  functions_ += "\n" + step.text();
  calls_ += "    " + step.function() + "(";
  for (int i = 0; i < step.node.operand_count; ++i) calls_ += place(step.operand(i)) + ", ";
  calls_ += place(n) + ");\n";
}

QUENCH_INLINE std::string CWriter::run() const {
  std::string text = "void " + names_.at("net") + "_run(" + names_.at("net") + "_arena *arena";
  for (const Port& input : inputs_) text += ", const " + type(input.node) + " *input" + input.suffix;
  return text + ")";
}

QUENCH_INLINE std::string CWriter::code() const {
  const std::string steps =
      "\n" + data_ + functions_ + "\n" + run() + "\n{\n" + copies_ + calls_ + "}\n" + definitions_;
  return c_text::helpers_of(steps) + steps;
}

QUENCH_INLINE std::uint32_t CWriter::id() const {
  ground::Hash hash;
  for (const std::string& text : {declarations_, code()})
    for (const char c : text) hash.add_byte(static_cast<unsigned char>(c));
  return static_cast<std::uint32_t>(hash.value ^ hash.value >> 32);
}

QUENCH_INLINE std::string CWriter::header() const {
  c_text::Holes values = names_;
  values["network"] = exported_.network;
  values["processor"] = exported_.processor;
  values["hash"] = std::to_string(exported_.hash);
  values["version"] =
      std::to_string(version_major) + "." + std::to_string(version_minor) + "." + std::to_string(version_patch);
  values["id"] = std::to_string(id());
  values["bytes"] = std::to_string(exported_.arena_bytes);
  values["halves"] = std::to_string(exported_.arena_bytes / 2);
  values["words"] = std::to_string(exported_.arena_bytes / 4);
  values["run"] = run();
  values["declarations"] = declarations_;
  values["arguments"] = "";
  for (const Port& input : inputs_) values["arguments"] += ", input" + input.suffix;
  values["i"] = outputs_.empty() ? "" : outputs_[0].suffix;
  return c_text::fill(
      "// $network on integers, written by quench $version for $processor. Hash of the network: $hash.\n"
      "//\n"
      "//   cc -std=c99 -O2 -c ${net}.c\n"
      "//\n"
      "//   static ${net}_arena arena;  // all RAM that the network needs beside a little stack\n"
      "//   ${net}_run(&arena$arguments);\n"
      "//   int32_t best = ${net}_argmax${i}(&arena);\n"
      "//\n"
      "// No heap, no float arithmetic, no state beside the arena. The integers are those of quench on the host.\n"
      "#ifndef ${big}_EXPORT\n"
      "#define ${big}_EXPORT ${id}u  // the same in ${net}.c\n"
      "\n"
      "#include <stdint.h>\n"
      "\n"
      "#ifdef __cplusplus\n"
      "extern \"C\" {\n"
      "#endif\n"
      "\n"
      "// The memory of all tensors. The caller gives it; two arenas serve two threads.\n"
      "#define ${big}_ARENA_BYTES $bytes\n"
      "typedef union {\n"
      "    int8_t i8[$bytes];\n"
      "    int16_t i16[$halves];\n"
      "    int32_t i32[$words];\n"
      "} ${net}_arena;\n"
      "$declarations\n"
      "// Runs the network on its inputs. They are copied, and may change afterwards. An index that names no row "
      "counts as the\n"
      "// nearest one that does.\n"
      "$run;\n"
      "\n"
      "#ifdef __cplusplus\n"
      "}\n"
      "#endif\n"
      "\n"
      "#endif\n",
      values);
}

QUENCH_INLINE std::string CWriter::source() const {
  c_text::Holes values = names_;
  values["network"] = exported_.network;
  values["id"] = std::to_string(id());
  return c_text::fill(
             "// $network on integers, written by quench: see ${net}.h.\n"
             "#include \"${net}.h\"\n"
             "\n"
             "#if ${big}_EXPORT != ${id}u\n"
             "#error \"${net}.h and ${net}.c are of two exports\"\n"
             "#endif\n",
             values) +
         code();
}

QUENCH_INLINE void write_c(const ExportedHeader& exported, const IntegerNetwork& network,
                           const std::vector<int>& offsets, const std::string& path) {
  const std::filesystem::path header(path);
  const std::string name = header.stem().string();
  const auto refuse = [&](const std::string& why) { throw Error(diagnosis::file_not_writable, path + ": " + why); };
  if (header.extension() != ".h") refuse("the name of a C header ends in .h, as in net.h");
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool has_letters_only =
      std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
  if (!has_letters_only || !is_letter(name[0]) || name.back() == '_' || name.find("__") != std::string::npos)
    refuse("names of C cannot begin with " + name +
           "_. Choose a name of letters, digits and single underscores, which begins with a letter");
  const std::filesystem::path source = std::filesystem::path(path).replace_extension(".c");
  const CWriter writer(exported, network, offsets, name);
  tensors::check_writable(header);
  tensors::check_writable(source);
  tensors::write_file(source, writer.source());
  tensors::write_file(header, writer.header());
}

}  // namespace detail

}  // namespace quench
