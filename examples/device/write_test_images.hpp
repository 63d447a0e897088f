// SPDX-License-Identifier: Apache-2.0
// Writes the headers for 10_on_a_device.cpp: the weights of a network, some images, and the host's results for them.
#pragma once

#include <quench/quench.hpp>

#include <filesystem>
#include <fstream>

/// Writes `weights.hpp` and `test_images.hpp` to a folder. `network_header` describes the network.
template <class Deployment, class Batch>
void write_test_images(const std::filesystem::path& folder, const std::string& network_header,
                       const Deployment& deployment, const Batch& batch) {
  std::filesystem::create_directories(folder);
  quench::export_cpp(deployment, folder / "weights.hpp");

  const auto answers = quench::append<quench::RemoveDequantize>(deployment.model()).predict(batch.images);
  std::ofstream out(folder / "test_images.hpp");
  const auto write = [&](const char* declaration, const auto& values, std::size_t row) {
    out << "inline constexpr " << declaration << " = {";
    for (std::size_t i = 0; i < values.size(); ++i)
      out << (row > 1 && i % row == 0 ? (i == 0 ? "\n{" : "},\n{") : i > 0 ? "," : "") << static_cast<int>(values[i]);
    out << (row > 1 ? "}};\n" : "};\n");
  };
  const std::size_t images = batch.labels.size();
  const auto& codes = batch.images.codes();
  out << "#pragma once\n#include <cstdint>\n#include \"" << network_header << "\"\n#include \"weights.hpp\"\n"
      << "inline constexpr int image_count = " << images << ";\n";
  write("std::int8_t images[][784]", std::span(codes.data(), codes.size()), 784);
  write("unsigned char labels[]", batch.labels, 1);
  write("std::int32_t answers[][10]", answers.values, 10);
}
