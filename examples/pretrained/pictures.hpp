// SPDX-License-Identifier: Apache-2.0
// What examples/pretrained/run prepares for 12_pretrained: pictures, and the outputs of onnxruntime for them. Hosted.
#pragma once

#include <quench/interop/npz.hpp>
#include <quench/quench.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

/// The values of each output of a network for all pictures, one after the other.
using Outputs = std::vector<std::vector<float>>;

/// The pictures of a file in batches. They have the form that the network was trained on.
template <class Net>
std::vector<quench::Batch<Net>> read_pictures(const std::filesystem::path& path, std::size_t batch_size = 50) {
  const quench::interop::NamedArrays arrays = quench::interop::read_npz(path);
  const quench::interop::NamedArray &pictures = arrays.at("pictures"), &classes = arrays.at("labels");
  const std::span<const float> values = pictures.as<float>();
  const std::span<const std::int32_t> labels = classes.as<std::int32_t>();
  const std::size_t size = values.size() / labels.size();
  std::vector<quench::Batch<Net>> batches;
  for (std::size_t begin = 0; begin < labels.size(); begin += batch_size) {
    const std::size_t count = std::min(batch_size, labels.size() - begin);
    quench::Batch<Net> batch;
    batch.images = xt::xtensor<float, 4>::from_shape({count, pictures.shape.at(1), pictures.shape.at(2), 3});
    const auto first = values.subspan(begin * size, count * size);
    std::copy(first.begin(), first.end(), batch.images.begin());
    batch.labels.assign(labels.begin() + static_cast<std::ptrdiff_t>(begin),
                        labels.begin() + static_cast<std::ptrdiff_t>(begin + count));
    batches.push_back(std::move(batch));
  }
  return batches;
}

/// The labels of all batches, one after the other.
template <class Batch>
std::vector<int> labels_of(const std::vector<Batch>& batches) {
  std::vector<int> labels;
  for (const Batch& batch : batches) labels.insert(labels.end(), batch.labels.begin(), batch.labels.end());
  return labels;
}

/// The outputs of a model in any phase.
template <class Model, class Batch>
Outputs outputs_of(const Model& model, const std::vector<Batch>& batches) {
  Outputs outputs(quench::graph<typename Model::Network>.output_count);
  for (const Batch& batch : batches) {
    auto to = outputs.begin();
    const auto append = [&](const auto& output) { to->insert(to->end(), output.begin(), output.end()), ++to; };
    const auto result = model.predict(batch.images);
    if constexpr (requires { result.begin(); })
      append(result);
    else
      std::apply([&](const auto&... output) { (append(output), ...); }, result);
  }
  return outputs;
}

/// What run_onnx.mjs has written. Empty if it has written nothing, because onnxruntime is not there.
inline Outputs read_onnxruntime(const std::filesystem::path& path) {
  Outputs outputs;
  for (int i = 0; std::ifstream file{path.string() + "." + std::to_string(i) + ".f32", std::ios::binary}; ++i) {
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    outputs.emplace_back(bytes.size() / sizeof(float));
    std::memcpy(outputs.back().data(), bytes.data(), outputs.back().size() * sizeof(float));
  }
  return outputs;
}

/// How often the larger one of two outputs is that of the label.
inline double accuracy_of(const std::vector<float>& output, const std::vector<int>& labels) {
  std::size_t right = 0;
  for (std::size_t n = 0; n < labels.size(); ++n) right += (output.at(2 * n + 1) > output[2 * n]) == (labels[n] == 1);
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

/// The largest difference, relative to the largest value of each output.
inline double difference(const Outputs& given, const Outputs& expected) {
  if (given.size() != expected.size()) throw std::invalid_argument("onnxruntime gives another number of outputs");
  double result = 0;
  for (std::size_t o = 0; o < given.size(); ++o) {
    if (given[o].size() != expected[o].size()) throw std::invalid_argument("onnxruntime gives outputs of other sizes");
    double largest = 0, error = 0;
    for (std::size_t i = 0; i < given[o].size(); ++i) {
      largest = std::max(largest, std::abs(double{expected[o][i]}));
      const double here = std::abs(double{given[o][i]} - expected[o][i]);
      if (std::isnan(here)) return here;  // which no promise holds for
      error = std::max(error, here);
    }
    result = std::max(result, error / largest);
  }
  return result;
}

/// A face that BlazeFace sees: a score above 0, and the place of its centre in pixels.
struct Face {
  float score, x, y;
};

/// The likeliest of the 896 faces that BlazeFace offers for a picture: 2 in each cell of a grid of 16 x 16, and 6 in each
/// of 8 x 8. `outputs` are the scores of both grids, and then their boxes, 16 values for a score.
inline Face likeliest_face(const Outputs& outputs, std::size_t picture) {
  Face best{-1e9f, 0, 0};
  for (const auto [grid, cells, offers] : {std::array<std::size_t, 3>{0, 16, 2}, {1, 8, 6}})
    for (std::size_t i = 0; i < cells * cells * offers; ++i) {
      const std::size_t at = picture * cells * cells * offers + i, cell = i / offers;
      const auto in_pixels = [&](std::size_t place) {
        return (static_cast<float>(place) + 0.5f) * 128 / static_cast<float>(cells);
      };
      const float *score = &outputs[grid][at], *box = &outputs[grid + 2][16 * at];
      if (*score > best.score) best = {*score, in_pixels(cell % cells) + box[0], in_pixels(cell / cells) + box[1]};
    }
  return best;
}
