// SPDX-License-Identifier: Apache-2.0
// `calibrate(prepared, batches)`: the observers see typical data, and every activation gets a scale.
#pragma once

#include <quench/flow/progress.hpp>
#include <quench/phases/calibrated_model.hpp>

namespace quench {

/// Shows batches to the observers of a prepared model, one after the other.
/// Errors   empty-input if there is no batch; nothing-observed, only-zeros-observed, scale-underflow, value-not-finite,
///          input-outside-domain, shape-mismatch
template <class Net, march::March M, Setter S, class Batches>
CalibratedModel<Net, M, S> calibrate(PreparedModel<Net, M, S> prepared, const Batches& batches,
                                     const Progress& progress = {}) {
  flow::for_each_batch(batches, progress, [&](const Batch<Net>& batch) {
    phases::with_inputs<Net>(batch, [&](const auto&... inputs) { prepared.observe(inputs...); });
  });
  return CalibratedModel<Net, M, S>(std::move(prepared));
}

}  // namespace quench
