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
    "import_onnx MODEL.onnx --name Net --out DIR [OPTION]...\n"
    "  writes DIR/Net.hpp, a description for quench, and DIR/Net.safetensors, its weights\n"
    "  --shape INPUT=1,3,48,192  the shape of an input as the file has it, if it is not known before the network runs\n"
    "  --march NashE  the march that the description is verified for: NashE, NashM, NashP, NashB, Bayes, Bernoulli2\n"
    "  --color rgb  or bgr: the network was trained on these colours, and shall take centred YUV444\n"
    "  --normalize MEAN,STD  the network was trained on (pixel / 255 - MEAN) / STD, and shall take pixels - 128;\n"
    "      numbers of channels have a / between them: --normalize 0.485/0.456/0.406,0.229/0.224/0.225\n"
    "  --normalize MEAN,STD,255  the same for (pixel - MEAN) / STD\n"
    "      if there are several inputs, --color and --normalize name one: --color INPUT=rgb --normalize INPUT=0.5,0.5\n"
    "  Both become part of the first layer. What is then different at its border is printed.\n"
    "It returns 1 if the model cannot be imported, and 2 if an option is wrong.\n";

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

/// The images of the input that the option names; `text` becomes what follows the name.
i::TrainedImages& images_of(i::ImportOptions& options, std::string_view& text) {
  const std::size_t equals = text.rfind('=');
  const std::string input(text.substr(0, equals == text.npos ? 0 : equals));
  if (equals != text.npos) text.remove_prefix(equals + 1);
  for (i::TrainedImages& images : options.images)
    if (images.input == input) return images;
  return options.images.emplace_back(i::TrainedImages{.input = input});
}

void set_color(i::ImportOptions& options, std::string_view text) {
  i::TrainedImages& images = images_of(options, text);
  if (text != "rgb" && text != "bgr")
    throw std::invalid_argument("--color " + std::string(text) + ": the colours are rgb or bgr");
  images.color = text == "rgb" ? quench::ColorFormat::Rgb : quench::ColorFormat::Bgr;
}

void set_normalization(i::ImportOptions& options, std::string_view text) {
  const std::string option = "--normalize " + std::string(text);
  i::TrainedImages& images = images_of(options, text);
  std::vector<double> parts[3];
  std::size_t part = 0, at = 0;
  while (true) {
    double number = 0;
    const auto [after, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    if (error != std::errc()) throw std::invalid_argument(option + ": a number is missing");
    parts[part].push_back(number);
    at = static_cast<std::size_t>(after - text.data());
    if (at == text.size()) break;
    if (text[at] != '/' && text[at] != ',') throw std::invalid_argument(option + ": write it as MEAN,STD");
    if (text[at] == ',' && ++part == 3) throw std::invalid_argument(option + ": write it as MEAN,STD or MEAN,STD,255");
    ++at;
  }
  if (part == 0 || parts[2].size() > 1) throw std::invalid_argument(option + ": write it as MEAN,STD or MEAN,STD,255");
  images.mean = parts[0];
  images.deviation = parts[1];
  if (part == 2) images.white = parts[2][0];
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
    } else if (option == "--color") {
      set_color(arguments.import, value);
    } else if (option == "--normalize") {
      set_normalization(arguments.import, value);
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
    std::fputs(usage, count < 2 ? stderr : stdout);
    return count < 2 ? 2 : 0;
  }
  import(arguments_of(count, texts));
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "import_onnx: %s\n", error.what());
  return 2;
} catch (const quench::Error& error) {
  std::fprintf(stderr, "import_onnx: %s\n", error.what());
  return error.slug() == quench::diagnosis::value_out_of_range.slug ? 2 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "import_onnx: %s\n", error.what());
  return 1;
}
