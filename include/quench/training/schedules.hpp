// SPDX-License-Identifier: Apache-2.0
// Learning-rate schedules: plain functions of the step.
//
//   quench::OneCycle schedule{.max_learning_rate = 0.1f, .total_steps = 3750};
//   sgd.learning_rate = schedule(step);
#pragma once

#include <algorithm>
#include <cmath>

namespace quench {

/// A learning rate that rises along a cosine to its maximum, and falls along one to nearly nothing.
/// Equals   torch.optim.lr_scheduler.OneCycleLR with cosine annealing: from max / start_factor in warm_up * total_steps
///          to max, then to max / start_factor / end_factor
/// Errors   none; steps outside [0, total_steps) count as the nearest inside
struct OneCycle {
  float max_learning_rate = 0.1f;
  long total_steps = 1;
  float warm_up = 0.3f;
  float start_factor = 25;
  float end_factor = 10000;

  float operator()(long step) const {
    const double last = static_cast<double>(std::max(total_steps, 1L) - 1);
    const double at = std::clamp(static_cast<double>(step), 0.0, last);
    const double highest = std::max(static_cast<double>(warm_up) * static_cast<double>(total_steps) - 1, 0.0);
    const double most = static_cast<double>(max_learning_rate), first = most / static_cast<double>(start_factor);
    const auto between = [](double from, double to, double part) {
      constexpr double pi = 3.14159265358979323846;
      return to + (from - to) / 2 * (1 + std::cos(pi * part));
    };
    if (at <= highest) return static_cast<float>(between(first, most, highest > 0 ? at / highest : 1));
    return static_cast<float>(between(most, first / static_cast<double>(end_factor), (at - highest) / (last - highest)));
  }
};

}  // namespace quench
