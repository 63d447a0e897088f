// SPDX-License-Identifier: Apache-2.0
// Writes the headers for 10_on_a_device.cpp: the weights of a network, some images, and the host's results for them.
#pragma once

#include <quench/quench.hpp>

#include <filesystem>
#include <fstream>

/// The codes that a device is given for the images of a batch: those of the images, or what their QuantStub makes of floats.
template <class Deployment, class Batch>
std::vector<std::int8_t> codes_of(const Deployment& deployment, const Batch& batch) {
  if constexpr (requires { batch.images.codes(); }) {
    return {batch.images.codes().begin(), batch.images.codes().end()};
  } else {
    using Net = typename std::remove_cvref_t<decltype(deployment.model())>::Network;
    const auto module = static_cast<std::size_t>(quench::graph<Net>.find_module("quant"));
    const float scale = deployment.model().core().scales().activation.at(module);
    const auto codes = quench::quantize<quench::QInt8>(batch.images, {scale});
    return {codes.begin(), codes.end()};
  }
}

/// Writes `weights.hpp` and `test_images.hpp` to a folder. `network_header` describes the network.
template <class Deployment, class Batch>
void write_test_images(const std::filesystem::path& folder, const std::string& network_header,
                       const Deployment& deployment, const Batch& batch) {
  std::filesystem::create_directories(folder);
  quench::export_cpp(deployment, folder / "weights.hpp");

  const auto answers = quench::append<quench::RemoveDequantize>(deployment.model()).predict(batch.images);
  const std::vector<std::int8_t> codes = codes_of(deployment, batch);
  std::ofstream out(folder / "test_images.hpp");
  const auto write = [&](const std::string& declaration, const auto& values, std::size_t row) {
    out << "inline constexpr " << declaration << " = {";
    for (std::size_t i = 0; i < values.size(); ++i)
      out << (row > 1 && i % row == 0 ? (i == 0 ? "\n{" : "},\n{") : i > 0 ? "," : "") << static_cast<int>(values[i]);
    out << (row > 1 ? "}};\n" : "};\n");
  };
  const std::size_t images = batch.labels.size();
  const std::size_t size = codes.size() / images, classes = answers.values.size() / images;
  out << "#pragma once\n#include <cstdint>\n#include \"" << network_header << "\"\n#include \"weights.hpp\"\n"
      << "inline constexpr int image_count = " << images << ", image_size = " << size << ";\n";
  write("std::int8_t images[][image_size]", codes, size);
  write("unsigned char labels[]", batch.labels, 1);
  write("std::int32_t answers[][" + std::to_string(classes) + "]", answers.values, classes);
}
