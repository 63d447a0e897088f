// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/core.hpp>

#include <memory>
#include <utility>

namespace quench::phases {

QUENCH_INLINE training::Parameters& Core::parameters() {
  pool_.require();
  return parameters_;
}

QUENCH_INLINE const training::Parameters& Core::parameters() const {
  pool_.require();
  return parameters_;
}

QUENCH_INLINE void Core::set_workers(Workers workers) {
  pool_.require();
  pool_ = SharedPool(workers);
}

QUENCH_INLINE std::shared_ptr<const PassPlan> Core::plan_for(const std::vector<int>& kept) const {
  pool_.require();
  return std::make_shared<const PassPlan>(passes_.plan()->keeping(kept));
}

QUENCH_INLINE Core::Core(const Graph& graph, training::Form form, std::span<const DType> dtypes,
                         training::Parameters parameters)
    : parameters_(std::move(parameters)), passes_(PassPlan(graph, form, dtypes, output_nodes(graph))) {}

QUENCH_INLINE FloatCore::FloatCore(const Graph& graph, training::Form form, training::Parameters parameters)
    : Core(graph, form, {}, std::move(parameters)) {}

QUENCH_INLINE void TrainingPass::add_output_gradients(const std::vector<std::vector<float>>& gradients) {
  for (int i = 0; i < tape_.graph().output_count; ++i) {
    const std::span<float> to = tape_.gradients(tape_.graph().outputs[i]);
    for (std::size_t j = 0; j < to.size(); ++j) to[j] += gradients[index(i)][j];
  }
}

}  // namespace quench::phases
