// SPDX-License-Identifier: Apache-2.0
// FixedScaleObserver: for a known scale.
//
//   quench::FixedScaleObserver<std::ratio<1, 128>>           // the input of a centred image
#pragma once

#include <ratio>
#include <span>
#include <vector>

#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench {

/// One scale for every dtype, with or without data. Invalid data are refused too.
/// Errors   empty-input, value-not-finite; none when asked
/// Equals   float(Scale)
template <class Scale>
class FixedScaleObserver {
  static_assert(std::ratio_greater_equal_v<Scale, std::ratio<1, 8388608>>, "a scale is at least 2^-23");
  static constexpr float fixed = static_cast<float>(static_cast<double>(Scale::num) / Scale::den);

 public:
  void observe(const FloatInput& x) { finite_range(x); }
  void merge(const FixedScaleObserver&) {}
  void reset() {}

  float scale(DType) const { return fixed; }

  std::vector<double> state() const { return {static_cast<double>(fixed)}; }
  /// Errors   state-not-valid for another scale
  void load(std::span<const double> state) {
    observers::check_state_size(state, 1);
    if (state[0] != static_cast<double>(fixed))
      throw Error(diagnosis::state_not_valid, "the scale is fixed, given " + tensors::text(state[0]));
  }
};

}  // namespace quench
