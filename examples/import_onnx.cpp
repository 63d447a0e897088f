// SPDX-License-Identifier: Apache-2.0
// Makes a description and a file of weights of a trained network in an ONNX file. It compiles nothing.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <quench/interop/description.hpp>
#include <quench/interop/import_onnx.hpp>
#include <quench/interop/safetensors.hpp>
#include <quench/tensors/files.hpp>

namespace {

namespace i = quench::interop;

constexpr const char* usage =
    "import_onnx MODEL.onnx --name Net --out DIR [--shape INPUT=1,3,48,192]... [--march NashE]\n"
    "  writes DIR/Net.hpp, a description for quench, and DIR/Net.safetensors, its weights\n"
    "  --shape  the shape of an input as the file has it, if it is not known before the network runs\n"
    "  --march  the march that the description is verified for: NashE, NashM, NashP, NashB, Bayes, Bernoulli2\n";

struct Arguments {
  std::filesystem::path model{}, folder{};
  i::ImportOptions import{};
  i::DescriptionOptions description{};
};

void add_shape(i::ImportOptions& options, std::string_view text) {
  const std::size_t equals = std::min(text.rfind('='), text.size());
  std::vector<std::int64_t> shape;
  std::size_t at = equals;  // of "=" or ","
  while (at < text.size()) {
    std::int64_t extent = 0;
    const char* end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data() + at + 1, end, extent);
    at = static_cast<std::size_t>(after - text.data());
    const bool is_extent = error == std::errc() && extent > 0 && (at == text.size() || text[at] == ',');
    if (!is_extent) throw std::invalid_argument("--shape " + std::string(text) + ": an extent is no number above 0");
    shape.push_back(extent);
  }
  if (shape.empty()) throw std::invalid_argument("--shape " + std::string(text) + ": write it as INPUT=1,3,48,192");
  options.shapes[std::string(text.substr(0, equals))] = shape;
}

Arguments arguments_of(int count, char** texts) {
  Arguments arguments;
  arguments.description.name.clear();
  for (int a = 1; a < count; ++a) {
    const std::string option = texts[a];
    if (!option.starts_with("--")) {
      if (!arguments.model.empty()) throw std::invalid_argument("there are two models, and one is imported at a time");
      arguments.model = option;
      continue;
    }
    if (a + 1 == count) throw std::invalid_argument(option + " has no value");
    const std::string value = texts[++a];
    if (option == "--name") {
      arguments.description.name = value;
    } else if (option == "--out") {
      arguments.folder = value;
    } else if (option == "--shape") {
      add_shape(arguments.import, value);
    } else if (option == "--march") {
      arguments.description.march = i::march_named(value);
      if (!arguments.description.march) throw std::invalid_argument("quench knows no march " + value);
    } else {
      throw std::invalid_argument("there is no option " + option);
    }
  }
  const bool is_complete = !arguments.model.empty() && !arguments.folder.empty() && !arguments.description.name.empty();
  if (!is_complete) throw std::invalid_argument(std::string("the model, --name or --out is missing\n") + usage);
  arguments.import.file = arguments.model.filename().string();
  return arguments;
}

void import(const Arguments& arguments) {
  const auto read = [&] { return i::import_onnx(i::read_onnx(arguments.model), arguments.import); };
  i::ImportedNetwork network = read();
  for (const std::string& note : network.notes) std::printf("%s\n", note.c_str());
  const std::size_t calls = network.steps.size();
  const i::Description description = i::describe(network, arguments.description);
  const std::string& name = arguments.description.name;
  if (description.name != name)
    throw std::invalid_argument("--name " + name + ": no struct has this name; write " + description.name);
  std::filesystem::create_directories(arguments.folder);
  const auto path = [&](const char* ending) { return arguments.folder / (name + ending); };
  i::write_safetensors(path(".safetensors"), i::weights_of(std::move(network), description));
  quench::tensors::write_file(path(".hpp"), description.text);
  std::printf("%s: %zu calls\n", path(".hpp").c_str(), calls);
  for (const std::string& lack : description.lacks)
    std::printf("march::%s lacks %s\n", arguments.description.march->name.c_str(), lack.c_str());
}

}  // namespace

int main(int count, char** texts) try {
  if (count < 2 || std::string_view(texts[1]) == "--help") {
    std::fputs(usage, stdout);
    return count < 2;
  }
  import(arguments_of(count, texts));
} catch (const std::exception& error) {
  std::fprintf(stderr, "import_onnx: %s\n", error.what());
  return 1;
}
