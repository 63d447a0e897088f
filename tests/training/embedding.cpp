// SPDX-License-Identifier: Apache-2.0
#include <quench/training/embedding.hpp>

#include <vector>

#include "networks/embeddings.hpp"
#include "training/probe.hpp"

namespace t = quench::training;

namespace {

// Three rows of two, looked up by two samples of two indices.
std::vector<float> gradient_with(const quench::Node& node, std::vector<float>& y) {
  const std::vector<float> table{1, 2, 3, 4, 5, 6};
  const std::vector<std::int32_t> indices{2, 0, 2, 1};
  const std::vector<float> gy{1, 2, 4, 8, 16, 32, 64, 128};
  std::vector<float> gradient(6, 0.5f);
  y.resize(8);
  const t::Operand x{nullptr, nullptr, quench::Shape(2), indices.data()};
  const t::Call call{&node, 2, &x, {y.data(), gy.data(), quench::Shape(2, 2)}};
  t::embedding_forward(call, {table.data()});
  t::embedding_backward(call, {table.data(), nullptr, gradient.data()});
  t::embedding_backward(call, {table.data()});  // nothing to add to
  return gradient;
}

}  // namespace

TEST_CASE("an embedding does what torch.nn.Embedding does: equal indices add their gradients") {
  quench::Node node;
  node.settings.in_channels = 3;
  node.settings.out_channels = 2;
  std::vector<float> y;
  CHECK(gradient_with(node, y) == std::vector<float>{4.5f, 8.5f, 64.5f, 128.5f, 17.5f, 34.5f});
  CHECK(y == std::vector<float>{5, 6, 1, 2, 5, 6, 3, 4});
  node.settings.axis_count = 1;
  node.settings.axes[0] = 2;  // padding_idx
  CHECK(gradient_with(node, y) == std::vector<float>{4.5f, 8.5f, 64.5f, 128.5f, 0.5f, 0.5f});
  CHECK(y == std::vector<float>{5, 6, 1, 2, 5, 6, 3, 4});
}

TEST_CASE("the gradients of tables are those of their forward pass, also of two that share one") {
  probe::Probe<embeddings::Tied>(10).check(probe::smooth);
}
