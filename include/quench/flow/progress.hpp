// SPDX-License-Identifier: Apache-2.0
// Reports progress.
#pragma once

#include <functional>

#include <quench/phases/batch.hpp>

namespace quench {

/// Called after each batch with the number done and the total.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

namespace flow {

/// Calls work(batch) for each batch.
/// Errors   empty-input if there is none; those of work, with the number of the batch, from 0
template <class Batches, class Work>
void for_each_batch(const Batches& batches, const Progress& progress, Work work) {
  static_assert(
      requires { batches.begin(), batches.end(), batches.size(); },
      "quench: batches are a const container with begin(), end() and size(), as std::vector<quench::Batch<Net>>. "
      "Put what a generator or a view makes into one.");
  static_assert(
      requires { work(*batches.begin()); },
      "quench: each element of batches is a quench::Batch<Net> of the model's network: its images (or inputs) "
      "and labels.");
  const auto all = static_cast<std::size_t>(batches.size());
  if (all == 0) throw Error(diagnosis::empty_input, "there is no batch");
  std::size_t done = 0;
  for (const auto& batch : batches) {
    try {
      work(batch);
    } catch (const Error& error) {
      throw error.with_evidence("in batch " + std::to_string(done));
    }
    ++done;
    if (progress) progress(done, all);
  }
}

}  // namespace flow
}  // namespace quench
