// SPDX-License-Identifier: Apache-2.0
// A pass of a model that keeps what every node has computed.
#pragma once

#include <quench/phases/pass.hpp>

#include <numeric>

/// Computes a batch with one thread.
template <class Model>
quench::phases::Pass keep_all(const Model& model, const quench::Batch<typename Model::Network>& batch) {
  const auto inputs = quench::phases::check_batch<typename Model::Network>(batch);
  std::vector<int> nodes(static_cast<std::size_t>(quench::graph<typename Model::Network>.node_count));
  std::iota(nodes.begin(), nodes.end(), 0);
  quench::phases::Pass pass(model.core().plan_for(nodes));
  pass.begin(inputs, {0, inputs.samples});
  pass.run(model.core().weights());
  return pass;
}
