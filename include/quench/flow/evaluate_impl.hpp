// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/evaluate.hpp>

#include <string>

#include <quench/tensors/scale.hpp>

namespace quench {

QUENCH_INLINE std::string Accuracy::text() const {
  return tensors::fixed(100 * value(), 2) + " % (" + std::to_string(correct) + " of " + std::to_string(total) + ")";
}

QUENCH_INLINE std::string TrainingMetric::text() const {
  return "accuracy " + tensors::fixed(100 * accuracy, 2) + " %, loss " + tensors::fixed(loss, 4) + ", " +
         std::to_string(samples) + " samples";
}

}  // namespace quench
