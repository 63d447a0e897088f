// SPDX-License-Identifier: Apache-2.0
// print_import: what `import_onnx` makes of ONNX files, for onnx_import.py. Each line of its input is a path, "batch" or
// "whole", and NAME=1,3,224,224 for inputs with symbols, with tabs between them. Its output has a line of JSON for each;
// the parameters go to PATH.npz.
#include <quench/interop/import_onnx.hpp>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include <quench/interop/npz.hpp>

namespace i = quench::interop;

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    char code[8];
    std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    const bool is_plain = c >= ' ' && c < 127 && c != '"' && c != '\\';
    result += is_plain ? std::string(1, c) : std::string(code);
  }
  return result + "\"";
}

template <class Numbers>
std::string list(const Numbers& numbers) {
  std::string result;
  for (const auto number : numbers) result += (result.empty() ? "" : ", ") + std::to_string(number);
  return "[" + result + "]";
}

template <class Rows, class F>
std::string rows(const Rows& all, F&& f) {
  std::string result;
  for (const auto& row : all) result += (result.empty() ? "" : ", ") + f(row);
  return "[" + result + "]";
}

std::string json(const i::ImportedNetwork& network) {
  const auto input = [](const i::ImportedInput& x) {
    return "{\"name\": " + quoted(x.name) + ", \"shape\": " + list(x.shape) + ", \"axes\": " + list(x.axes) + "}";
  };
  const auto output = [](const i::ImportedOutput& y) {
    return "{\"name\": " + quoted(y.name) + ", \"value\": " + std::to_string(y.value) + ", \"axes\": " + list(y.axes) +
           "}";
  };
  const auto step = [](const i::ImportedStep& s) {
    return "{\"type\": " + quoted(s.type) + ", \"settings\": " + quoted(s.settings) + ", \"call\": " + quoted(s.call) +
           ", \"inputs\": " + list(s.inputs) + ", \"shape\": " + list(s.shape) + ", \"name\": " + quoted(s.name) +
           ", \"tied_to\": " + std::to_string(s.tied_to) + ", \"node\": " + quoted(s.node) + "}";
  };
  return "{\"inputs\": " + rows(network.inputs, input) + ", \"steps\": " + rows(network.steps, step) +
         ", \"outputs\": " + rows(network.outputs, output) + ", \"notes\": " + rows(network.notes, quoted) + "}";
}

i::ImportOptions options_of(std::istringstream& words, const std::string& path) {
  i::ImportOptions options{.file = path};
  std::string word;
  std::getline(words, word, '\t');
  options.has_batch = word != "whole";
  while (std::getline(words, word, '\t')) {
    const std::size_t equals = word.rfind('=');
    std::istringstream extents(word.substr(equals + 1));
    for (std::string extent; std::getline(extents, extent, ',');)
      options.shapes[word.substr(0, equals)].push_back(std::stoll(extent));
  }
  return options;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string path;
    std::getline(words, path, '\t');
    try {
      const i::ImportOptions options = options_of(words, path);
      const i::OnnxGraph graph = i::read_onnx(path);
      const i::ImportedNetwork network = i::import_onnx(graph, options);
      i::NamedArrays arrays;
      for (std::size_t k = 0; k < network.steps.size(); ++k)
        for (const auto& [name, array] : network.steps[k].parameters) arrays[std::to_string(k) + "." + name] = array;
      i::write_npz(path + ".npz", arrays);
      std::printf("%s\n", json(network).c_str());
    } catch (const quench::Error& error) {
      std::printf("{\"refused\": %s, \"why\": %s}\n",
                  quoted(std::string(error.slug().begin(), error.slug().end())).c_str(),
                  quoted(error.evidence()).c_str());
    }
    std::fflush(stdout);
  }
}
