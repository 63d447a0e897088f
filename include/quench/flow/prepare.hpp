// SPDX-License-Identifier: Apache-2.0
// `prepare<March, Setter>(model)`: folds batch norms and inserts observers.
#pragma once

#include <quench/flow/broken_rule.hpp>
#include <quench/phases/prepared_model.hpp>

namespace quench {

/// Prepares a float model for a march. Batch norms become part of the layers before them, with their running
/// statistics. The setter gives each module its qconfig. The model itself stays unchanged.
/// Errors   march-not-given, and those of verified_setter (compile time); value-out-of-range and value-not-finite, with
///          the name of a batch norm that cannot be folded: its eps and a variance are 0, or weights are not finite
template <march::March M, Setter S = setter::DefaultCalibration, class Net>
PreparedModel<Net, M, S> prepare(const FloatModel<Net>& model) {
  return PreparedModel<Net, M, S>(model.core().parameters().folded(graph<Net>));
}

/// Without a march: does not compile.
template <class... NoMarch, class Net>
  requires(!(march::March<NoMarch> || ...))
auto prepare(const FloatModel<Net>&) {
  return detail::broken<misuse::march_not_given<NoMarch...>,
                        PreparedModel<Net, march::NashE, setter::DefaultCalibration>>();
}

}  // namespace quench
