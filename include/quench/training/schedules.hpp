// SPDX-License-Identifier: Apache-2.0
// Learning-rate schedules: plain functions of the step, for any optimizer.
//
//   quench::OneCycle schedule{.max_learning_rate = 0.1f, .total_steps = 3750};
//   sgd.learning_rate = schedule(step);
//
// Schedules have no state, so resumed training needs only its step. Steps outside a schedule count as the nearest step
// inside. Computed in double, like PyTorch.
#pragma once

#include <quench/ground/compiled.hpp>

namespace quench {

/// Rises along a cosine from max / start_factor to the maximum, which it reaches at the warm_up share of all steps.
/// Then falls along a cosine to max / start_factor / end_factor at the last step.
/// Errors   value-out-of-range
/// Equals   torch.optim.lr_scheduler.OneCycleLR(max_learning_rate, total_steps, pct_start=warm_up,
///          div_factor=start_factor, final_div_factor=end_factor), cosine annealing, one rate for all parameters
struct OneCycle {
  float max_learning_rate = 0.1f;
  long total_steps = 1;
  float warm_up = 0.3f;
  float start_factor = 25;
  float end_factor = 10000;

  float operator()(long step) const;
};

/// Falls along half a cosine, from learning_rate at step 0 to min_learning_rate at total_steps, and stays there.
/// Errors   value-out-of-range
/// Equals   torch.optim.lr_scheduler.CosineAnnealingLR(T_max=total_steps, eta_min=min_learning_rate), until total_steps
struct CosineDecay {
  float learning_rate = 0.1f;
  long total_steps = 1;
  float min_learning_rate = 0;

  float operator()(long step) const;
};

/// Multiplies the rate by a factor every step_size steps.
/// Errors   value-out-of-range
/// Equals   torch.optim.lr_scheduler.StepLR(step_size, gamma=factor)
struct StepDecay {
  float learning_rate = 0.1f;
  long step_size = 1;
  float factor = 0.1f;

  float operator()(long step) const;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/training/schedules_impl.hpp>
#endif
