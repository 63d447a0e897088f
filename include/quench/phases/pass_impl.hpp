// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/pass.hpp>

#include <algorithm>
#include <memory>
#include <mutex>

namespace quench::phases {

QUENCH_INLINE Passes& Passes::operator=(Passes other) noexcept {
  plan_ = std::move(other.plan_);
  kept_ = std::move(other.kept_);
  return *this;
}

QUENCH_INLINE std::size_t Passes::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const Kept* kept = kept_.get(); kept != nullptr; kept = kept->next.get()) bytes += kept->pass.bytes();
  return bytes;
}

QUENCH_INLINE Passes::Lease::Lease(const Passes& from) : passes(from) {
  {
    const std::lock_guard lock(passes.mutex_);
    kept = std::move(passes.kept_);
    if (kept) passes.kept_ = std::move(kept->next);
  }
  if (!kept) kept = std::make_unique<Kept>(Kept{Pass(passes.plan_), nullptr});
}

QUENCH_INLINE Passes::Lease::~Lease() {
  const std::lock_guard lock(passes.mutex_);
  kept->next = std::move(passes.kept_);
  passes.kept_ = std::move(kept);
}

QUENCH_INLINE void copy_outputs(const Pass& pass, Shard samples, std::span<float* const> to) {
  const Graph& graph = pass.plan().graph();
  for (int i = 0; i < graph.output_count; ++i) {
    const std::span<const float> values = pass.all_reals(graph.outputs[i]);
    std::copy(values.begin(), values.end(),
              to[index(i)] + index(graph.nodes[graph.outputs[i]].shape.elements()) * index(samples.begin));
  }
}

}  // namespace quench::phases
