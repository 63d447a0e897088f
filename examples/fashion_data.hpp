// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST for the examples: reading, batches with slight changes, and training. Hosted.
#pragma once

#include <quench/interop/idx.hpp>
#include <quench/quench.hpp>

#include <numeric>

#include "fashion_resnet.hpp"
#include "progress_bar.hpp"

using FashionBatch = quench::Batch<FashionResNet>;

/// Images of 28 x 28 pixels, 0 to 255, and their classes.
struct FashionData {
  std::vector<unsigned char> pixels;
  std::vector<int> labels;
  int count() const { return static_cast<int>(labels.size()); }
};

/// The two files of a part, "train" or "t10k", plain or packed with gzip.
inline FashionData read_fashion(const std::filesystem::path& folder, const std::string& part) {
  const auto bytes = [&](const std::string& name, std::vector<std::size_t> shape) {
    const auto packed = folder / (part + name + ".gz");
    const auto array = quench::interop::read_idx(exists(packed) ? packed : folder / (part + name));
    shape.insert(shape.begin(), array.shape.empty() ? 0 : array.shape[0]);
    if (array.shape != shape) throw std::runtime_error(part + name + " does not hold what Fashion-MNIST does");
    const auto values = array.as<std::uint8_t>();
    return std::vector<unsigned char>(values.begin(), values.end());
  };
  const auto labels = bytes("-labels-idx1-ubyte", {});
  return {bytes("-images-idx3-ubyte", {28, 28}), {labels.begin(), labels.end()}};
}

/// A batch of the images with these numbers. With a seed, each is shifted by up to a pixel and may be mirrored.
inline FashionBatch make_batch(const FashionData& data, std::span<const int> numbers,
                               quench::training::Random* random) {
  FashionBatch batch{{numbers.size(), 28, 28}};
  auto code = batch.images.codes().begin();
  for (const int number : numbers) {
    const int down = random ? random->below(3) - 1 : 0, right = random ? random->below(3) - 1 : 0;
    const bool is_mirrored = random && random->below(2) == 1;
    for (int y = 0; y < 28; ++y)
      for (int x = 0; x < 28; ++x, ++code) {
        const int from_y = y - down, from_x = (is_mirrored ? 27 - x : x) - right;
        const bool is_inside = from_y >= 0 && from_y < 28 && from_x >= 0 && from_x < 28;
        const auto at = static_cast<std::size_t>((number * 28 + from_y) * 28 + from_x);
        *code = static_cast<std::int8_t>((is_inside ? data.pixels[at] : 0) - 128);
      }
    batch.labels.push_back(data.labels[static_cast<std::size_t>(number)]);
  }
  return batch;
}

/// The first `count` images, unchanged, in batches.
inline std::vector<FashionBatch> make_batches(const FashionData& data, int count, int size) {
  std::vector<int> numbers(static_cast<std::size_t>(std::min(count, data.count())));
  std::iota(numbers.begin(), numbers.end(), 0);
  std::vector<FashionBatch> batches;
  for (std::size_t i = 0; i < numbers.size(); i += static_cast<std::size_t>(size))
    batches.push_back(make_batch(
        data, std::span(numbers).subspan(i, std::min<std::size_t>(static_cast<std::size_t>(size), numbers.size() - i)),
        nullptr));
  return batches;
}

/// The settings of training.
struct Schedule {
  int images, batch_size, epochs;
  float learning_rate;  // the largest; it rises and falls
  bool changes_images;  // shifts and mirrors them
};

template <class Model>
void train(Model& model, const FashionData& data, const Schedule& plan, const std::string& what, quench::Seed seed) {
  quench::training::Random random(seed);
  std::vector<int> order(static_cast<std::size_t>(std::min(plan.images, data.count())));
  std::iota(order.begin(), order.end(), 0);
  const auto batch_size = static_cast<std::size_t>(plan.batch_size);
  const long steps = static_cast<long>(order.size() / batch_size) * plan.epochs;
  const quench::OneCycle schedule{.max_learning_rate = plan.learning_rate, .total_steps = steps};
  quench::Sgd sgd{.learning_rate = plan.learning_rate, .momentum = 0.9f, .weight_decay = 5e-4f};
  ProgressBar bar(what);
  double mean_loss = 0;
  for (long step = 0; step < steps; ++step) {
    const std::size_t at = static_cast<std::size_t>(step) * batch_size % (order.size() / batch_size * batch_size);
    if (at == 0)
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    const FashionBatch batch =
        make_batch(data, std::span(order).subspan(at, batch_size), plan.changes_images ? &random : nullptr);
    const auto loss = quench::cross_entropy(model.forward(batch.images), batch.labels);
    model.backward(loss.gradient);
    sgd.learning_rate = schedule(step);
    sgd.step(model);
    mean_loss = step == 0 ? loss.value : 0.98 * mean_loss + 0.02 * loss.value;
    bar(static_cast<std::size_t>(step + 1), static_cast<std::size_t>(steps), mean_loss);
  }
}
