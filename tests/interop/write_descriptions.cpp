// SPDX-License-Identifier: Apache-2.0
// Writes the descriptions and the weights of imported_networks.hpp into a folder. written_descriptions.cpp includes them.
#include <quench/interop/description.hpp>

#include <algorithm>
#include <iostream>

#include <quench/interop/safetensors.hpp>
#include <quench/tensors/files.hpp>

#include "interop/imported_networks.hpp"

int main(int count, char** arguments) {
  if (count != 2) return 1;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  for (auto& [name, network] : imported::networks()) {
    const quench::interop::Description description =
        quench::interop::describe(network, {name, quench::interop::march_named("NashE")});
    quench::tensors::write_file(folder / (name + ".hpp"), description.text);
    quench::interop::write_safetensors(folder / (name + ".safetensors"),
                                       quench::interop::weights_of(std::move(network), description));
    std::cout << name << ": " << std::count(description.text.begin(), description.text.end(), '\n') << " lines\n";
  }
}
