// SPDX-License-Identifier: Apache-2.0
// A network of numbers and of indices, with weights written by hand.
#pragma once

#include <quench/embedded.hpp>

#include <cstdint>
#include <tuple>

namespace two_kinds {

// Indices come first among the arguments of `run`, and have neither scale nor name.
struct Net {
  using Inputs = quench::Inputs<quench::Features<2>, quench::Indices<3>>;
  quench::QuantStub numbers;
  quench::Embedding embedding{.num_embeddings = 3, .embedding_dim = 2};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x, auto words) const {
    return std::tuple(dequant(embedding(words)), dequant(numbers(x)));
  }
};

struct Weights {
  using Network = Net;
  using Processor = void;
  static constexpr std::uint64_t network_hash = quench::network_hash<Net>;
  static constexpr quench::DType of(int) { return quench::DType::Int8; }
  static constexpr std::int8_t rows[] = {1, 2, 3, 4, 5, 6};
  static constexpr float scales[] = {0.5f}, of_stub[] = {0.25f};
  static constexpr quench::device::StepConstants steps[] = {
      {}, {}, {.int8_table = rows, .scales = scales}, {}, {.scales = of_stub}, {}};
};

}  // namespace two_kinds
